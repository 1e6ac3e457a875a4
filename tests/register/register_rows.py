"""Registers made for tests: a small one by hand, and the rows that say what an entity says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from safetyrules.facts.codes import credit_check
from safetyrules.facts.entity import Entity
from safetyrules.facts.scalars import anything, not_applicable
from safetyrules.facts.schema import ChoiceType, DateType, NumberType, PartsType, Schema, ValuesType
from safetyrules.register.batch import Batch
from safetyrules.register.register import open_register
from safetyrules.values import AnyText, Finite, Interval


def credit_code(number: int) -> str:
    first = f"91350211{number:09d}"
    return first + credit_check(first)


def small() -> dict[str, pl.DataFrame]:
    """Two enterprises with parts, and parts of parts."""
    a, b = credit_code(1), credit_code(2)
    return {
        "enterprise": pl.DataFrame(
            {
                "subject": [b, a],
                "name": ["乙厂", "甲厂"],
                "employees": ["20", "10"],
                "revenue": ["0.1", None],
                "affiliation": ["central", "无主管隶属"],
                "dust.hazard_present": ["true", "否"],
            }
        ),
        "dust.collector": pl.DataFrame(
            {"subject": [b, b], "part": ["1", "2"], "name": ["除尘1", "除尘2"], "system": ["dry", "湿式"]}
        ),
        "hazmat.unit": pl.DataFrame({"subject": [b, a], "part": ["u1", "u2"], "name": ["一区", "二区"]}),
        "hazmat.material": pl.DataFrame(
            {
                "subject": [b, b, a],
                "part": ["m1", "m2", "m3"],
                "parent": ["u1", "u1", "u2"],
                "chemical": ["7664-41-7", "不适用", "7664-41-7"],
                "quantity": ["1.5", "2", "3"],
                "categories": ["W2、J3", None, "W2"],
            }
        ),
    }


MAPPING = """
tables:
  hazmat.material:
    columns:
      categories: {fact: categories, separator: "、"}
"""


def read(source: Any, mapping: Any = None, size: int = 1000, **options: Any) -> list[Batch]:
    from safetyrules.register.mapping import read_mapping

    said = read_mapping(mapping, "mapping.yaml") if isinstance(mapping, str) else mapping
    with open_register(source, said, **options) as register:
        return list(register.batches(size))


def only(source: Any, mapping: Any = None, **options: Any) -> Batch:
    (batch,) = read(source, mapping, **options)
    return batch


def codes(batch: Batch) -> list[tuple[Any, ...]]:
    """Subject, kind, column and code of each reject."""
    return batch.rejects.select("subject", "kind", "column", "code").rows()


# ---- entities as rows ------------------------------------------------------------------------------------------------


def rows_of(schema: Schema, root: str, entities: dict[str, Entity]) -> dict[str, pl.DataFrame] | None:
    """A register of text that says what the entities say; None where rows cannot say it."""
    rows: dict[str, list[dict[str, Any]]] = {}
    kinds = [root]
    for kind in kinds:
        rows[kind] = []
        kinds.extend(part.name for part in schema.parts(kind))
    try:
        for key, entity in entities.items():
            _write(schema, rows, entity, key, None)
    except ValueError:
        return None
    found: dict[str, pl.DataFrame] = {}
    for kind, each in rows.items():
        names = dict.fromkeys(["subject", *(["part", "parent"] if kind != root else []), *(n for r in each for n in r)])
        found[kind] = pl.DataFrame(
            {name: [row.get(name) for row in each] for name in names},
            schema={name: _type(schema, kind, name) for name in names},
        )
    return found


def _type(schema: Schema, kind: str, name: str) -> Any:
    fact = schema.kinds[kind].facts.get(name)
    return pl.List(pl.String) if fact is not None and isinstance(fact.type, ValuesType) else pl.String


def _write(schema: Schema, rows: dict[str, list[dict[str, Any]]], entity: Entity, key: str, parent: str | None) -> None:
    part = str(len(rows[entity.kind]))
    row: dict[str, Any] = {"subject": key} | ({} if entity.parent is None else {"part": part, "parent": parent})
    rows[entity.kind].append(row)
    for name, fact in schema.kinds[entity.kind].facts.items():
        if not isinstance(fact.type, PartsType | ValuesType):
            for suffix, cell in _cells(fact.type, fact.may_not_apply, entity.values[name]).items():
                row[name + suffix] = cell
            continue
        members = entity.lists[name]
        if isinstance(fact.type, ValuesType) and (members.items or not members.open):
            row[name] = [_plain(fact.type.item, each) for each in members.items]
        row[f"{name}.complete"] = "false" if members.open else "true"
        if isinstance(members.residual, Entity) and isinstance(fact.type, PartsType) and fact.type.log is not None:
            days = members.residual.values[fact.type.log]
            if isinstance(days, Interval) and days.high is not None:
                row[f"{name}.complete_since"] = date.fromordinal(int(days.high) + 1).isoformat()
        for each in members.items:
            if isinstance(each, Entity):
                _write(schema, rows, each, key, part if entity.parent is not None else None)


def _cells(of: Any, may_not_apply: bool, value: Any) -> dict[str, Any]:
    if value == anything(of, may_not_apply):
        return {}
    if value == not_applicable(of):
        return {".not_applicable": "是"}
    if isinstance(value, AnyText):
        return {".not_applicable": "否"}
    has = {".not_applicable": "false"} if may_not_apply else {}
    if isinstance(value, Finite):
        if value.known:
            return {"": _text(of, next(iter(value.outcomes)))}
        if value == anything(of):
            return has
        if not isinstance(of, ChoiceType):
            raise ValueError("several texts")
        return {".one_of": "|".join(sorted(str(_word(each)) for each in value.outcomes))}
    if value.known:
        return {"": _text(of, value.low)}
    ends = {".at_least": value.low, ".at_most": value.high}
    return has | {suffix: _text(of, end) for suffix, end in ends.items() if end is not None}


def _plain(of: Any, value: Any) -> str | None:
    if value == anything(of):
        return None
    cells = _cells(of, False, value)
    if set(cells) != {""}:
        raise ValueError("known in part")
    return str(cells[""])


def _word(outcome: Any) -> Any:
    if not isinstance(outcome, str):
        raise ValueError("no member")
    return outcome


def _text(of: Any, outcome: Any) -> str:
    if isinstance(outcome, bool):
        return "是" if outcome else "否"
    if isinstance(of, DateType):
        return date.fromordinal(int(outcome)).isoformat()
    if isinstance(of, NumberType):
        assert isinstance(outcome, Fraction)
        text = str(Decimal(outcome.numerator) / Decimal(outcome.denominator))
        if Fraction(text) != outcome:
            raise ValueError("no decimal")
        return text
    if not str(outcome).strip():
        raise ValueError("blank")
    return str(outcome)
