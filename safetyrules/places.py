"""The tree of places: GB/T 2260 codes, townships below them, parks as nodes of their own, each row with its dates.

"Covers" means ancestor on that day, never a string prefix. A place that is not in the tree is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from safetyrules.diagnostics import Diagnostic, RulesetError, diagnostic
from safetyrules.facts.packaged import packaged_rows
from safetyrules.text import Text, same

ROOT = "CN"
LEVELS = ("country", "province", "prefecture", "county", "township", "park")


@dataclass(frozen=True, slots=True)
class Place:
    """One place for a stretch of days (both inclusive; None: without bound).

    ``parent`` is the territory it lies in, ``managing_body`` who runs a park, ``replaced_by`` the code that took over
    the whole of it.
    """

    code: str
    name: Text
    level: str
    parent: str | None
    since: date | None = None
    until: date | None = None
    confidence: str = ""
    managing_body: Text | None = None
    replaced_by: str | None = None

    def stands(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class PlaceTree:
    """All places, on any day. Made by `load`."""

    def __init__(self, places: Iterable[Place]) -> None:
        by_code: dict[str, list[Place]] = {}
        by_name: dict[str, list[Place]] = {}
        for place in places:
            by_code.setdefault(place.code, []).append(place)
            by_name.setdefault(place.name.zh, []).append(place)
        self._by_code: Mapping[str, tuple[Place, ...]] = {code: tuple(rows) for code, rows in by_code.items()}
        self._by_name: Mapping[str, tuple[Place, ...]] = {name: tuple(rows) for name, rows in by_name.items()}

    @classmethod
    def load(cls, rows: Iterable[Mapping[str, str]], source: str = "places") -> PlaceTree:
        """The tree of the rows of a table of places; raises `RulesetError` with every row that does not fit."""
        places: list[Place] = []
        problems: list[Diagnostic] = []
        for number, row in enumerate(rows, start=2):
            try:
                places.append(_place(row))
            except (KeyError, ValueError) as error:
                problems.append(diagnostic("SR1050", path=f"{source}:{number}", found=error, row=row.get("code", "")))
        tree = cls(places)
        problems.extend(tree._problems(source))
        if problems:
            raise RulesetError(problems)
        return tree

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self._by_code)

    def __contains__(self, code: object) -> bool:
        """Does the table itself have the code?"""
        return code in self._by_code

    def known(self, code: str) -> bool:
        """Is the code in the tree, or a township below a county that is?"""
        return code in self._by_code or self._above(code) is not None

    def of_level(self, level: str) -> tuple[Place, ...]:
        return tuple(row for rows in self._by_code.values() for row in rows if row.level == level)

    def at(self, code: str, day: date) -> Place | None:
        """The place of this code on that day; where another took over the whole of it, that one. None: not known."""
        seen: set[str] = set()
        while code not in seen:
            seen.add(code)
            rows = self._by_code.get(code, ())
            for row in rows:
                if row.stands(day):
                    return row
            gone = [row for row in rows if row.until is not None and row.until < day and row.replaced_by]
            if not gone:
                break
            code = max(gone, key=lambda row: row.until or date.min).replaced_by or code
        return self._township(code, day)

    def ancestors(self, code: str, day: date) -> tuple[str, ...]:
        """The codes from the place itself up to the country on that day; empty where the place is not known."""
        chain: list[str] = []
        place = self.at(code, day)
        while place is not None:
            chain.append(place.code)
            if place.parent is None:
                return tuple(chain)
            place = self.at(place.parent, day)
        return ()

    def covers(self, area: str, place: str, day: date) -> bool | None:
        """Is ``place`` the same as ``area`` or inside it on that day? None: not known."""
        if area == ROOT:
            return True
        above = self.ancestors(place, day)
        here = self.at(area, day)
        return here.code in above if above and here is not None else None

    def find(self, name: str, day: date | None = None) -> tuple[Place, ...]:
        """The places of this Chinese name, on that day or ever; several places can share a name."""
        found = self._by_name.get(name, ())
        if day is not None:
            return tuple(row for row in found if row.stands(day))
        return tuple({row.code: row for row in found}.values())

    def name(self, code: str, day: date) -> Text:
        """What the place is called on that day; its code where that is not known."""
        place = self.at(code, day)
        return place.name if place is not None else same(code)

    def _above(self, code: str) -> str | None:
        """What a township or village code that is not in the tree hangs below."""
        if not re.fullmatch("[0-9]{9}([0-9]{3})?", code):
            return None
        above = code[:-3]
        return above if above in self._by_code else self._above(above)

    def _township(self, code: str, day: date) -> Place | None:
        if code in self._by_code or (above := self._above(code)) is None:
            return None
        parent = self.at(above, day)
        return None if parent is None else Place(code, same(code), "township", parent.code, confidence="by code")

    def _problems(self, source: str) -> Iterable[Diagnostic]:
        for code, rows in self._by_code.items():
            path = f"{source}: {code}"
            for row in rows:
                if (row.parent is None) != (code == ROOT) or (row.parent and row.parent not in self._by_code):
                    yield diagnostic("SR1051", path=path, found=row.parent or "", place=row.name)
            ordered = sorted(rows, key=lambda row: row.since or date.min)
            for earlier, later in pairwise(ordered):
                if earlier.until is None or later.since is None or earlier.until >= later.since:
                    found = f"{earlier.until} / {later.since}"
                    yield diagnostic("SR1052", path=path, found=found, place=later.name)
            if self._circular(code):
                yield diagnostic("SR1053", path=path, place=rows[0].name)

    def _circular(self, code: str) -> bool:
        """Does some chain of parents, whatever their dates, lead back to the place?"""
        reached: set[str] = set()
        front = {code}
        while front:
            front = {row.parent for c in front for row in self._by_code.get(c, ()) if row.parent} - reached
            if code in front:
                return True
            reached |= front
        return False


@lru_cache(maxsize=1)
def places() -> PlaceTree:
    """The tree of the packaged table."""
    return PlaceTree.load(packaged_rows("places.csv"), "places.csv")


def _place(row: Mapping[str, str]) -> Place:
    code, level = row["code"], row["level"]
    if not code or code != code.strip() or not row["name_zh"]:
        raise ValueError(f"{code!r}, {row['name_zh']!r}")
    if level not in LEVELS:
        raise ValueError(level)
    since, until = (date.fromisoformat(row[key]) if row[key] else None for key in ("from", "to"))
    if since is not None and until is not None and since > until:
        raise ValueError(f"{since} > {until}")
    body = row.get("managing_body_zh")
    return Place(
        code=code,
        name=Text(row["name_zh"], row["name_en"]),
        level=level,
        parent=row["parent"] or None,
        since=since,
        until=until,
        confidence=row["confidence"],
        managing_body=Text(body, row.get("managing_body_en") or body) if body else None,
        replaced_by=row.get("replaced_by") or None,
    )
