"""The conformance suite kills wrong engines (see mutants.py)."""

from __future__ import annotations

import pytest
from mutants import MUTANTS, Mutant, applied, verdict


def test_there_are_enough_and_all_differ() -> None:
    assert len(MUTANTS) >= 40
    assert len({(m.module, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_is_killed_by_a_wrong_answer(mutant: Mutant) -> None:
    assert verdict(mutant, most=1).wrong


def test_what_is_not_changed_is_not_killed() -> None:
    mutant = MUTANTS[0]
    same = Mutant("nothing changed", mutant.module, mutant.old, mutant.old, mutant.killers)
    assert verdict(same).wrong == ()
    with applied(mutant):
        pass
    assert verdict(same).wrong == ()
