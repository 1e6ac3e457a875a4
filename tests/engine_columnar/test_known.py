"""A plan that is lowered for facts which every subject has says the same as one that is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest
from agreement_facts import facts_of
from agreement_programs import Generated, programs
from hypothesis import event, given, settings
from hypothesis import strategies as st
from test_engines_agree import AS_OF, examples, law_days, load, places

from safetyrules.engine.columnar.entities import tables_of
from safetyrules.engine.columnar.forms import Unfit, settled
from safetyrules.engine.columnar.tables import Tables
from safetyrules.engine.columnar.tabulate import known_facts, prepare
from safetyrules.values import Finite


def plain(tables: Tables) -> Tables:
    """Without the companions of facts that every subject has, and without facts that some subject has not."""
    frame = tables.frames[tables.root]
    kept = [
        name
        for name in frame.columns
        if name.endswith(("?complete", "?since")) or ("?" not in name and not frame[name].null_count())
    ]
    return replace(tables, frames={**tables.frames, tables.root: frame.select(kept) if kept else frame})


@settings(max_examples=examples(100))
@given(data=st.data(), generated=programs(), place=places, law_at=law_days)
def test_the_same_with_known_facts(data: st.DataObject, generated: Generated, place: str, law_at: date) -> None:
    program = load(generated)
    facts = [data.draw(facts_of(generated.kinds, known=True)) for _ in range(2)]
    options: dict[str, Any] = {"as_of": AS_OF, "law_at": law_at, "jurisdiction": place}
    asked = [program.asked(each, **options) for each in facts]
    plan, request, _ = asked[0]
    entities = [program.entity(each, request) for each, (_, request, _) in zip(facts, asked, strict=True)]
    tables = plain(tables_of(plan.schema, request.subject, entities))
    known = known_facts(tables)
    event(f"{min(len(known), 3)} facts are known at least")
    try:
        found = prepare(plan, request.subject, request.as_of, tables, known).run(tables)
        expected = prepare(plan, request.subject, request.as_of, tables).run(tables)
    except Unfit:
        event("unfit")
        return
    doubtful = {*found.doubtful.to_list(), *expected.doubtful.to_list()}
    for row in range(len(facts)):
        if row not in doubtful:
            outcomes = found.outcomes(row)
            assert outcomes == expected.outcomes(row)
            one = [
                outcomes[found.root, name]
                for (on, name), form in found.forms.items()
                if settled(form) and on == found.root
            ]
            assert all(len(each.outcomes) == 1 if isinstance(each, Finite) else each.known for each in one)
            event(f"{min(len(one), 3)} conclusions are seen to be settled, at least")


def test_a_fact_that_is_missing_after_all_is_refused() -> None:
    from safetyrules import load_program

    program = load_program([("facts.yaml", FACTS), ("rules.yaml", RULES), ("instruments.yaml", INSTRUMENTS)])
    plan, request, _ = program.asked({}, as_of=AS_OF)
    whole = Tables("firm", {"firm": pl.DataFrame({"staff": [3.0, 4.0]})})
    prepared = prepare(plan, "firm", request.as_of, whole, known_facts(whole))
    assert prepared.run(whole).outcomes(0) != prepared.run(whole).outcomes(1)
    with pytest.raises(ValueError, match="missing"):
        prepared.run(Tables("firm", {"firm": pl.DataFrame({"staff": [3.0, None]})}))


FACTS = """
facts: base
kinds:
  firm:
    root: true
    title: {zh: 企业, en: firm}
    facts:
      staff: {type: integer, title: {zh: 人数, en: staff}}
"""
INSTRUMENTS = """
instruments: law
list:
  - id: law
    title: {zh: 法, en: law}
    number: "1"
    issuer: {zh: 机关, en: issuer}
    level: law
    jurisdiction: CN
    in_force: {from: 2000-01-01, to: null}
    clauses: [{id: "1", title: {zh: 条, en: clause}}]
"""
RULES = """
ruleset: generated
title: {zh: 规则, en: rules}
instrument: law
rules:
  - {id: doubled, on: firm, clause: "1", title: {zh: 倍, en: doubled}, value: integer, is: staff * 2}
"""
