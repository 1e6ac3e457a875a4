"""Facts sought for a finding that several rules write: found by any of them, not found only where none finds it."""

from __future__ import annotations

from datetime import date

import pytest
from conformance_suite import program

import safetyrules
from safetyrules.analysis.goals import Be, Draft, Spot
from safetyrules.analysis.worlds import Search

DAY = date(2024, 1, 1)


@pytest.mark.parametrize("name", ["leak", "drip", "everywhere", "three"])
@pytest.mark.parametrize("wanted", [True, False])
def test_every_proposal_is_one(name: str, wanted: bool) -> None:
    """No override stands in the way here; with one a proposal may fail, which whoever asked finds out."""
    written = program("findings-accumulate", "as_written")
    law = safetyrules.load_program(written.documents, open_file=lambda source, file: written.files[file].encode())
    plan = law.plan(DAY)
    root = Draft("enterprise")
    goal = Be(plan.by_key["enterprise", name].term, Spot(root), lambda value: value is wanted, [wanted])
    proposed = []
    for _ in Search(plan, root, DAY).solve([goal]):
        proposed.append(dict(root.values))
        found = law.assess(proposed[-1], as_of=DAY).scalars["enterprise", name]
        assert found == safetyrules.values.Finite(frozenset({wanted})), proposed[-1]
    assert proposed
