"""Random facts for the kinds of a generated program: known, missing, null, known in part, open, badly typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agreement_expressions import COLOURS, DAYS, MATERIALS, TEXTS, ExpressionWriter, KindScene, Listed, Named
from hypothesis import strategies as st

EDGES = (0, 1, 2, 3, 5, 10, -1, -2, 0.1, 0.3, 0.30000000000000004, 2.5, 1e-7, 1e16, Decimal("0.1"), Fraction(1, 3), 3.0)
CONCLUDED = ("value", "finding", "duty", "open", "except")
BAD = (float("nan"), "x", [], {"at_least": "x"}, {"one_of": []}, True, "2024-02-30", {"oops": 1}, b"x", 1 + 2j)


class FactsWriter:
    """``known``: everything plainly given. ``bad``: percentage of values that may be of the wrong type."""

    def __init__(self, draw: Any, kinds: dict[str, KindScene], known: bool = False, bad: int = 0) -> None:
        self.e = ExpressionWriter(draw)
        self.kinds = kinds
        self.known = known
        self.bad = bad

    def entity(self, kind: str) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        scene = self.kinds[kind]
        for named in scene.named:
            if named.name.rstrip("0123456789") not in CONCLUDED:
                self._put(facts, named.name, self.fact(named))
        for each in scene.lists:
            self._put(facts, each.name, self.members(each))
        return facts

    def _put(self, facts: dict[str, Any], name: str, value: Any) -> None:
        if value is _MISSING:
            return
        section, _, key = name.rpartition(".")
        target = facts.setdefault(section, {}) if section else facts
        target[key] = value

    def fact(self, named: Named) -> Any:
        if self.bad and self.e.chance(self.bad):
            return self.e.one(BAD)
        if self.known:
            return self.plain(named)
        match self.e.one(["plain"] * 5 + ["missing", "null", "form", "form", "said"]):
            case "plain":
                return self.plain(named)
            case "missing":
                return _MISSING
            case "null":
                return None
            case "said":
                if named.maybe:
                    return {"not_applicable": True}
                return self.e.one([{"unknown": True}, {"value": None}, {"value": self.plain(named), "source": "seen"}])
        return self.form(named)

    def plain(self, named: Named) -> Any:
        match named.type:
            case "boolean":
                return self.e.one([True, False])
            case "date":
                day = self.e.one(DAYS)
                return self.e.one([day, date.fromisoformat(day)])
            case "text":
                return self.e.one(TEXTS)
            case "material":
                return self.e.one(MATERIALS)
            case "colour":
                return self.e.one(COLOURS)
        whole = named.type == "integer"
        low = named.low if named.low is not None else 0 if whole else None
        fits = [
            n for n in EDGES
            if (low is None or n >= low) and (named.high is None or n <= named.high) and (not whole or n == int(n))
        ]  # fmt: skip
        if self.known:  # in the forms that need no reading
            fits = [n for n in fits if type(n) is int or (type(n) is float and not whole)]
        return self.e.one(fits)

    def form(self, named: Named) -> Any:
        one, two = self.plain(named), self.plain(named)
        if named.type in ("number", "integer", "date"):
            first, second = sorted([one, two], key=_ordered)
            form = self.e.one([
                {"at_least": first}, {"at_most": second}, {"between": [first, second]}, {"one_of": [one, two]},
            ])  # fmt: skip
            if named.unit == "t" and "one_of" in form and named.low is None and named.high is None:
                form = {**form, "unit": "kg"}
            return form
        return {"one_of": [one, two]}

    def members(self, listed: Listed) -> Any:
        if self.bad and self.e.chance(self.bad):
            return self.e.one([3, "x", {"items": 3}, {"more": "yes"}, [3], {"complete_since": "x"}])
        items = [self.member(listed) for _ in range(self.e.one([0, 1, 2, 2, 3]))]
        if self.known:
            return items
        if listed.log and self.e.chance(70):
            return self.e.one([{"items": items, "complete_since": self.e.one(DAYS)}, {"items": items, "more": False}])
        return self.e.one(
            [items, items, items, _MISSING, None, {"items": items, "more": True}, {"items": items, "source": "x"}]
        )

    def member(self, listed: Listed) -> Any:
        if listed.kind is not None:
            return self.entity(listed.kind)
        assert listed.item is not None
        if not self.known and self.e.chance(20):
            return self.e.one([None, self.form(listed.item)])
        return self.plain(listed.item)


_MISSING = object()


def _ordered(value: Any) -> Any:
    if isinstance(value, str):
        value = date.fromisoformat(value)
    return value.toordinal() if isinstance(value, date) else Fraction(str(value)) if isinstance(value, float) else value


@st.composite
def facts_of(draw: Any, kinds: dict[str, KindScene], known: bool = False, bad: int = 0) -> dict[str, Any]:
    return FactsWriter(draw, kinds, known, bad).entity("enterprise")
