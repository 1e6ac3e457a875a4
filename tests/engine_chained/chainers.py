"""The two chainers as tests take them: durable-rules where it can be imported, else skipped with the reason."""

from __future__ import annotations

import pytest

from safetyrules.diagnostics import SafetyRulesError
from safetyrules.engine.chained import Chainer, PlainChainer
from safetyrules.engine.chained.durable import DurableChainer

NAMES = ("plain", "durable")
#: Tests chain thousands of generated programs in one process, so they are not held to the bound of a service.
RULESETS = 100_000


def chainer(name: str) -> Chainer:
    if name == "plain":
        return PlainChainer()
    try:
        return DurableChainer(rulesets=RULESETS)
    except SafetyRulesError as error:
        pytest.skip(str(error))


def durable() -> DurableChainer:
    found = chainer("durable")
    assert isinstance(found, DurableChainer)
    return found
