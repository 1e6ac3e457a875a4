"""The law that is shipped, on drawn enterprises: both chainers say what the reference says, also while facts change."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import chainers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import examples
from test_shipped_law import LAW_DAYS, PLACES, Enterprise

from safetyrules import FactsError
from safetyrules.engine.chained.session import ChainedSession
from safetyrules.facts.schema import PartsType, ValuesType
from safetyrules.program import default_program


@pytest.mark.parametrize("name", chainers.NAMES)
@settings(max_examples=examples(20))
@given(
    data=st.data(),
    law_at=st.sampled_from(LAW_DAYS),
    place=st.sampled_from(PLACES),
    known=st.sampled_from([20, 60, 90, 100]),
)
def test_while_facts_change(name: str, data: st.DataObject, law_at: date, place: str | None, known: int) -> None:
    program = default_program()
    drawing = Enterprise(data.draw, program.schema, known)
    facts = drawing.of(program.schema.kinds["enterprise"])
    options: dict[str, Any] = {"as_of": "2024-06-30", "law_at": law_at, "jurisdiction": place}
    session = ChainedSession(program, facts, chainer=chainers.chainer(name), **options)
    for number in range(7):
        said = program.assess(session.facts, engine="reference", **options)
        assert dict(session.assessment.scalars) == dict(said.scalars), number
        entities = [entity for entity in session.chain.decider.root.walk() if "[?]" not in entity.path]
        entity = data.draw(st.sampled_from(entities))
        fact = data.draw(st.sampled_from(list(program.schema.kinds[entity.kind].facts.values())))
        match fact.type:
            case PartsType(kind=part):
                value: Any = [drawing.of(program.schema.kinds[part]) for _ in range(drawing.e.one([0, 1, 2]))]
            case ValuesType(item=item):
                value = [drawing.value(item)]
            case scalar:
                value = drawing.form(scalar, fact.may_not_apply)
        # A change may deny a sector whose parts are listed: that is refused, and the session is as it was.
        with suppress(FactsError):
            session.update(f"{entity.path}.{fact.name}", value)
