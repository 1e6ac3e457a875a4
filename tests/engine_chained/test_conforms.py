"""The whole conformance suite on each chainer: what is expected, and all else as the reference interpreter has it."""

from __future__ import annotations

import chainers
import pytest
from conformance_suite import Case, cases
from test_conformance import assess, differences

from safetyrules.engine import chained


@pytest.mark.parametrize("case", [case for case in cases() if case.refused is None], ids=lambda case: case.id)
@pytest.mark.parametrize("name", chainers.NAMES)
def test_conforms(case: Case, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chainer = chainers.chainer(name)
    monkeypatch.setattr(chained, "default_chainer", lambda: chainer)
    result = assess(case, "chained")
    assert differences(case, result) == []
    assert dict(result.scalars) == dict(assess(case, "reference").scalars)
    assert list(result.scalars) == list(assess(case, "reference").scalars)
