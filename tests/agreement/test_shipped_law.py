"""The law that is shipped, on generated enterprises, at several dates and places: both engines say the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from agreement_expressions import ExpressionWriter
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import assert_agree, examples

from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    Schema,
    TextType,
    ValuesType,
)
from safetyrules.program import default_program

LAW_DAYS = (date(2024, 1, 1), date(2020, 1, 1), date(2014, 8, 2))
PLACES = ("CN", "210100", "320583", None)
CODES = {
    "place": ("210100", "210102", "320583"), "industry": ("3360", "2610", "26"),
    "credit_code": ("91350100M000100Y43",), None: ("7664-41-7", "氨", "x"),
}  # fmt: skip
NUMBERS = (0, 1, 9, 10, 29, 30, 100, 300, 1000, 0.1, 2.5, 16500)


class Enterprise:
    """Draws facts of a kind; ``known`` percent of them plainly, ``contradicting`` percent of the denials refused.

    Facts of a section are drawn where it is among ``only``: all sections of all sectors at once are more than one input
    can hold."""

    def __init__(
        self, draw: Any, schema: Schema, known: int, contradicting: int = 0, only: frozenset[str] | None = None
    ) -> None:
        self.e = ExpressionWriter(draw)
        self.schema = schema
        self.known = known
        self.contradicting = contradicting
        self.only = only

    def of(self, kind: Kind) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for fact in kind.facts.values():
            *sections, key = fact.name.split(".")
            if (self.only is not None and sections and sections[0] not in self.only) or not self.e.chance(self.known):
                continue
            inside = facts
            for section in sections:
                inside = inside.setdefault(section, {})
            match fact.type:
                case PartsType(kind=part):
                    inside[key] = [self.of(self.schema.kinds[part]) for _ in range(self.e.one([0, 1, 2]))]
                case ValuesType(item=item):
                    inside[key] = [self.value(item) for _ in range(self.e.one([0, 1, 2]))]
                case scalar:
                    inside[key] = self.form(scalar, fact.may_not_apply)
        for present, evidence in self.schema.denials(kind.name).items():
            section, _, key = present.partition(".")
            if facts.get(section, {}).get(key) not in (None, True) and not self.e.chance(self.contradicting):
                for name in evidence.names:
                    *sections, last = name.split(".")
                    inside = facts
                    for each in sections:
                        inside = inside.get(each, {})
                    inside.pop(last, None)
                facts[section].update({name.partition(".")[2]: [] for name in evidence.lists})
        return facts

    def form(self, type_: ScalarType, may_not_apply: bool) -> Any:
        plain = self.value(type_)
        if self.known > 95 or self.e.chance(85):
            return plain
        forms = [{"one_of": [plain, self.value(type_)]}, {"unknown": True}, {"value": plain, "source": "seen"}]
        if may_not_apply:
            forms.append({"not_applicable": True})
        if isinstance(type_, NumberType):
            forms += [{"at_least": plain}, {"at_most": plain}]
        return self.e.one(forms)

    def value(self, type_: ScalarType) -> Any:
        match type_:
            case BooleanType():
                return self.e.one([True, False])
            case ChoiceType(members=members):
                return self.e.one(members)
            case DateType():
                return self.e.one(["2023-06-30", "2019-01-01", "2024-01-01"])
            case TextType(code=code):
                return self.e.one(CODES[code])
        low, high = type_.minimum, type_.maximum
        fits = [
            n
            for n in NUMBERS
            if (low is None or n >= low) and (high is None or n <= high) and (not type_.integer or n == int(n))
        ]
        return self.e.one(fits or [low or high])


@settings(max_examples=examples(25))
@given(st.data(), st.sampled_from(LAW_DAYS), st.sampled_from(PLACES), st.sampled_from([20, 60, 90, 100]))
def test_both_engines_say_the_same(data: st.DataObject, law_at: date, place: str | None, known: int) -> None:
    program = default_program()
    schema = program.schema
    enterprise = schema.kinds["enterprise"]
    sections = sorted({name.partition(".")[0] for name in enterprise.facts if "." in name})

    @st.composite
    def enterprises(draw: Any) -> dict[str, Any]:
        only = draw(st.frozensets(st.sampled_from(sections), max_size=3))
        return Enterprise(draw, schema, known, contradicting=10, only=only).of(enterprise)

    for _ in range(3):
        assert_agree(program, data.draw(enterprises()), law_at=law_at, jurisdiction=place)
