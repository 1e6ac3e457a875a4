"""Checks of facts that a plan does not read, so that bad input is refused all the same.

The plain forms are checked inline; every other form is left to a check made from the fact's type.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from safetyrules.engine.compiled.inputs import check_form
from safetyrules.engine.compiled.known_values import Unplain
from safetyrules.engine.compiled.writer import Made, Writer
from safetyrules.facts.raw import LONGEST_LIST
from safetyrules.facts.scalars import read_scalar
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    Fact,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    Schema,
    TextType,
    ValuesType,
)

Check = Callable[[object], None]


@dataclass
class Level:
    """The keys of one mapping of the input: facts, and sections with levels of their own."""

    facts: dict[str, Fact] = field(default_factory=dict)
    sections: dict[str, Level] = field(default_factory=dict)
    #: All keys, in the order of the declarations.
    keys: list[str] = field(default_factory=list)


def levels(kind: Kind) -> Level:
    """The shape of a kind's input: dotted fact names as nested mappings."""
    top = Level()
    for fact in kind.facts.values():
        *sections, key = fact.name.split(".")
        level = top
        for section in sections:
            if section not in level.sections:
                level.keys.append(section)
            level = level.sections.setdefault(section, Level())
        level.facts[key] = fact
        level.keys.append(key)
    return top


def write_fact_check(w: Writer, schema: Schema, fact: Fact, raw: str) -> None:
    """Code that checks a fact that the plan does not read."""
    plain = _plain(w, fact, raw)
    check = w.constant(Made(fact_check, (schema, fact)))
    with w.block(f"if not ({plain}) and {raw} is not None:" if plain else f"if {raw} is not None:"):
        w.line(f"{check}({raw})")


def write_section_check(w: Writer, schema: Schema, level: Level, raw: str) -> None:
    """The same for a section of which the plan reads nothing."""
    with w.block(f"if {raw} is not None:"):
        w.line(f"{w.constant(Made(level_check, (schema, level)))}({raw})")


def outside(raw: str, type_: NumberType) -> list[str]:
    """Tests of a whole number that it is out of range."""
    low = "-LARGEST" if type_.minimum is None else -((-type_.minimum).__floor__())
    high = "LARGEST" if type_.maximum is None else type_.maximum.__floor__()
    return [f"{raw} < {low}", f"{raw} > {high}"]


def _plain(w: Writer, fact: Fact, raw: str) -> str | None:
    """The test that a value is plainly good; None where there is none worth writing."""
    match fact.type:
        case BooleanType():
            return f"{raw} is True or {raw} is False"
        case ChoiceType(members=members):
            return f"{raw}.__class__ is str and {raw} in {w.constant(frozenset(members))}"
        case NumberType() as type_:
            inside = " and ".join(f"not {test}" for test in outside(raw, type_))
            whole = f"{raw}.__class__ is int and {inside}"
            if type_.integer or any(b is not None and b.denominator != 1 for b in (type_.minimum, type_.maximum)):
                return whole
            # The shortest form of a float lies on the same side of a whole number as the float.
            low = -(10**15) if type_.minimum is None else type_.minimum
            high = 10**15 if type_.maximum is None else min(type_.maximum, 10**15)
            return f"{whole} or {raw}.__class__ is float and {low} <= {raw} <= {high}"
        case TextType(code=None):
            return f"{raw}.__class__ is str and len({raw}) <= LONGEST_TEXT and {raw}.isprintable()"
        case TextType(code=code):
            return f"{raw}.__class__ is str and {code}({raw})"
    return None


def fact_check(schema: Schema, fact: Fact) -> Check:
    match fact.type:
        case PartsType(kind=kind):
            inside = level_check(schema, levels(schema.kinds[kind]))
            return lambda raw: _check_items(raw, inside)
        case ValuesType(item=item):
            return lambda raw: _check_items(raw, lambda each: _check_scalar(item, False, each))
        case of:
            return lambda raw: _check_scalar(of, fact.may_not_apply, raw)


def level_check(schema: Schema, level: Level) -> Check:
    checks: dict[str, Check] = {}

    def check(raw: object) -> None:
        if raw is None:
            return
        if raw.__class__ is not dict:
            raise Unplain
        if not checks:
            for key, fact in level.facts.items():
                checks[key] = fact_check(schema, fact)
            for key, inner in level.sections.items():
                checks[key] = level_check(schema, inner)
        for key, value in raw.items():
            checks[key](value)

    return check


def _check_items(raw: object, inside: Check) -> None:
    """A plain list is checked here; its other forms are left to the input models."""
    if raw is None:
        return
    if raw.__class__ is not list or len(raw) > LONGEST_LIST:
        raise Unplain
    for each in raw:
        if each is None:
            raise Unplain
        inside(each)


def _check_scalar(of: ScalarType, may_not_apply: bool, raw: object) -> None:
    check_form(raw)
    read_scalar(of, may_not_apply, raw)
