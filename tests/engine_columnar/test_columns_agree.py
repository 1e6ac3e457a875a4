"""On generated programs and facts, columns say what the reference says; what they cannot settle they leave apart."""

from __future__ import annotations

from datetime import date
from typing import Any

from agreement_facts import facts_of
from agreement_programs import Generated, programs
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tabulating import differing, tabulated
from test_engines_agree import AS_OF, examples, law_days, load, places

from safetyrules.engine.columnar.forms import Unfit


@settings(max_examples=examples(150))
@given(data=st.data(), generated=programs(), place=places, law_at=law_days, known=st.booleans())
def test_as_the_reference(
    data: st.DataObject, generated: Generated, place: str, law_at: date, known: bool
) -> None:
    program = load(generated)
    facts = [data.draw(facts_of(generated.kinds, known=known)) for _ in range(6)]
    options: dict[str, Any] = {"as_of": AS_OF, "law_at": law_at, "jurisdiction": place}
    try:
        found, apart = tabulated(program, facts, **options)
    except Unfit:
        event("unfit")
        return
    for row, each in enumerate(facts):
        event("apart" if row in apart else "by columns")
        if row not in apart:
            said = program.assess(each, engine="reference", **options).scalars
            assert differing(said, found.outcomes(row)) == {}
