"""What becomes of mutants, held against running every case anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutable_law import CASES, LIMITS, RULES, cases, law_in, mutants

from safetyrules.diagnostics import RulesetError
from safetyrules.mutation import running, suggestion
from safetyrules.mutation.baseline import baseline
from safetyrules.mutation.edits import Mutant
from safetyrules.mutation.law import Law
from safetyrules.mutation.making import mutants_of
from safetyrules.mutation.processes import run_in
from safetyrules.mutation.running import Count, Fate, Mutating, counted
from safetyrules.plugins import load_installed
from safetyrules.program import Program
from safetyrules.testing.finding import files_of, read_suites
from safetyrules.testing.model import Case
from safetyrules.testing.running import Runner


@pytest.fixture
def law(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Law:
    monkeypatch.setattr(suggestion, "SECONDS", 60.0)  # what is found must not hang on how busy the machine is
    monkeypatch.setattr(running, "LONGEST", float("inf"))
    return law_in(tmp_path)


def fates_of(law: Law, text: str = CASES) -> list[Fate]:
    mutating = Mutating(law, baseline(law.program, cases(text)))
    return [mutating.fate(mutant) for mutant in mutants(law)]


def noticed(law: Law, mutant: Mutant, all_cases: tuple[Case, ...]) -> bool | None:
    """Does any case fail when all run anew? None where the mutant is no law."""
    try:
        linked = law.with_edits(mutant.change.edits)
    except RulesetError:
        return None
    runner = Runner(Program(linked, law.program.places), engine="reference", columns=False)
    return bool(runner.run(all_cases).failed)


def test_fates_are_those_of_running_everything_anew(law: Law) -> None:
    for fate in fates_of(law):
        anew = noticed(law, fate.mutant, cases())
        said = {"killed": True, "stillborn": None}.get(fate.status, False)
        assert anew == said, (fate.status, fate.mutant)


def test_fates_of_shipped_law_are_those_of_running_everything_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from safetyrules.mutation.law import law_of

    monkeypatch.setattr(running, "LONGEST", float("inf"))  # nor what becomes of a mutant
    program = load_installed()
    law = law_of(program, [])
    files = [each for each in files_of(program.plugins) if "tier.test" in each.name or "portfolio" in each.name]
    some = tuple(case for suite in read_suites(files) for case in suite.cases)
    mutating = Mutating(law, baseline(program, some))
    for mutant in mutants_of(law, frozenset({"supervision.shenyang"})).all[::4]:
        fate = mutating.fate(mutant)
        said = {"killed": True, "stillborn": None}.get(fate.status, False)
        assert noticed(law, mutant, some) == said, (fate.status, mutant)


def fate_of(fates: list[Fate], operator: str, rule: str, mutated: str | None = None) -> Fate:
    found = [
        fate
        for fate in fates
        if (fate.mutant.operator, fate.mutant.rule) == (operator, rule)
        and mutated in (None, fate.mutant.change.mutated)
    ]
    return found[0]


def test_a_killer_is_named(law: Law) -> None:
    fate = fate_of(fates_of(law), "threshold", "many", "31")
    assert fate.status == "killed"
    assert fate.killer is not None
    assert fate.killer.name == "thirty"


def test_what_does_not_check_is_stillborn_with_the_reason(law: Law) -> None:
    fate = fate_of(fates_of(law), "condition", "heavy", "true")
    assert fate.status == "stillborn"
    assert fate.problem is not None
    assert fate.problem.code == "SR0508"


def test_a_survivor_names_the_nearest_case_and_one_that_would_notice(law: Law) -> None:
    fate = fate_of(fates_of(law), "threshold", "many", "29")
    assert fate.status == "survived"
    assert fate.nearest is not None
    assert fate.nearest.name in ("thirty", "licensed")
    assert len(fate.reaching) > 2
    assert fate.suggestion is not None
    assert fate.suggestion.facts == {"workers": 29}
    assert (fate.suggestion.key, fate.suggestion.expected, fate.suggestion.actual) == ("grade", "yellow", "red")


def test_a_suggestion_meets_a_bound_on_a_computed_amount(law: Law) -> None:
    fate = fate_of(fates_of(law), "threshold", "heavy", "0.999")
    assert fate.status == "survived"
    assert fate.suggestion is not None
    amount = fate.suggestion.facts["amount"]
    assert 4.995 <= float(amount) < 5
    assert (fate.suggestion.expected, fate.suggestion.actual) == ("false", "true")


def test_a_suggestion_for_a_row_of_a_table_names_its_key(law: Law) -> None:
    fate = fate_of(fates_of(law), "threshold", "limits", "11")
    assert fate.status == "survived"
    assert fate.reaching == () or all(case.name != "five tonnes" for case in fate.reaching)
    assert fate.suggestion is not None
    assert fate.suggestion.facts["stuff"] == "ammonia"


def test_a_suggestion_for_a_day_is_the_day(law: Law) -> None:
    fate = fate_of(fates_of(law), "date", "order-1", "2020-01-02")
    assert fate.status == "survived"
    assert fate.suggestion is not None
    assert str(fate.suggestion.as_of) == "2020-01-01"


def test_a_severity_that_nothing_counts_is_noticed_where_it_is_expected(tmp_path: Path) -> None:
    """Every outcome is as before, and by that alone no case could notice."""
    text = """\
defaults: {as_of: 2024-01-01}
cases:
  - {name: vented, facts: {tanks: [{form: dry, leaking: true, vented: true}]}, expect: {tank.unsafe: EXPECTED}}
"""
    law = law_in(tmp_path, small=RULES.replace('findings("works", "major") >= 1', "workers > 500"))

    def fate(expected: str) -> Fate:
        return fate_of(fates_of(law, text.replace("EXPECTED", expected)), "severity", "tank.unsafe", "general")

    lived = fate("not_found")
    assert lived.status == "survived"
    assert lived.suggestion is not None
    suggested = (lived.suggestion.key, lived.suggestion.expected, lived.suggestion.actual)
    assert suggested == ("tank.unsafe", "{severity: major}", "{severity: general}")
    assert fate("{is: not_found, severity: major}").status == "killed"
    (case,) = cases(text.replace("EXPECTED", "{is: not_found, severity: major}"))
    assert noticed(law, lived.mutant, (case,))


def test_suggested_cases_do_tell_the_mutant_apart(law: Law) -> None:
    from safetyrules.mutation.reporting import as_case
    from safetyrules.testing.reading import read_suite

    told = 0
    for fate in fates_of(law):
        if fate.suggestion is None:
            continue
        (case,) = read_suite(as_case(fate.suggestion), "pasted.test.yaml").cases
        assert Runner(law.program).run([case]).results[0].passed, as_case(fate.suggestion)
        assert noticed(law, fate.mutant, (case,)), as_case(fate.suggestion)
        told += 1
    assert told > 10


def test_cases_that_fail_anyway_are_left_out_and_said(law: Law) -> None:
    text = CASES + "  - {name: wrong, facts: {workers: 1}, expect: {crowd: 2}}\n"
    ground = baseline(law.program, cases(text))
    assert [case.name for case in ground.failing] == ["wrong"]
    assert "wrong" not in [each.case.name for each in ground.grounds]


def test_what_is_not_run_in_time_is_said_and_not_killed(law: Law) -> None:
    ground = baseline(law.program, cases())
    some = mutants(law)
    fates = run_in(1, law, ground, some, seconds=0.0, seed=1, progress=lambda done: None)
    assert {fate.status for fate in fates} == {"not_run"}
    assert [fate.mutant for fate in fates] == list(some)
    assert counted(fates).surely == 0


def test_processes_say_the_same(law: Law) -> None:
    ground = baseline(law.program, cases())
    some = mutants(law)[:24]
    one, two = (run_in(n, law, ground, some, seconds=None, seed=1, progress=lambda done: None) for n in (1, 2))
    assert [(fate.mutant, fate.status) for fate in one] == [(fate.mutant, fate.status) for fate in two]


def test_the_score_counts_what_lived_and_died_alone() -> None:
    count = Count(killed=3, survived=1, equivalent=5, stillborn=7, not_run=2)
    assert count.score == 75
    assert count.surely == 50
    assert Count().score == 100


def test_the_same_law_written_otherwise_is_equivalent(tmp_path: Path) -> None:
    """Of whole numbers, more than 9 is 10 or more; a row of a table that says nothing is as none."""
    law = law_in(tmp_path)
    fates = fates_of(law)
    silent = [f for f in fates if f.mutant.change.original == "water,,none"]
    assert [fate.status for fate in silent] == ["equivalent"]
    again = law_in(tmp_path, small=RULES.replace("'workers > 9'", "'workers >= 10'"))
    assert Mutating(law, baseline(law.program, cases())).equivalence.same(again.linked)


def test_a_cell_below_what_is_never_negative_is_equivalent(tmp_path: Path) -> None:
    """No case could notice: what is compared with it is an amount, which is at least 0."""
    condition = 'has(lookup("limits", stuff, "limit")) && amount >= lookup("limits", stuff, "limit")'
    rules = RULES.replace("'has(ratio) && ratio >= 1'", f"'{condition}'").replace(
        '\'amount / lookup("limits", stuff, "limit")\'', "'1'"
    )
    law = law_in(tmp_path, small=rules, csv=LIMITS.replace("chlorine,5", "chlorine,0"))
    text = "- {name: any, as_of: 2024-01-01, facts: {stuff: chlorine, amount: 3}, expect: {heavy: true}}\n"
    fates = {
        fate.mutant.change.mutated: fate.status
        for fate in fates_of(law, text)
        if fate.mutant.rule == "limits" and fate.mutant.change.original == "0"
    }
    assert fates == {"-1": "equivalent", "-0.001": "equivalent", "1": "survived", "0.001": "survived"}
