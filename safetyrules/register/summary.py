"""Roll-ups: how many subjects there are by place, sector, grade, tier, or any choice that is concluded of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.facts.schema import BooleanType, ChoiceType
from safetyrules.places import ROOT, Place
from safetyrules.register.answer_frames import NO_VALUE, Framing, said
from safetyrules.register.answer_schema import PLACE
from safetyrules.register.tables_of_answers import is_told
from safetyrules.text import Text, same

SECTOR, GRADE, TIER, COUNT = "sector", "grade", "tier", "subjects"
#: The levels of places that subjects are counted at, each subject once at each.
LEVELS = ("country", "province", "prefecture", "county")
BY_NAME = Text("这里有几个，请写明是哪一个结论", "there are several here: name the conclusion that is meant")


@dataclass(frozen=True)
class RollUp:
    """``columns``: what is counted by, with the conclusion that says it; ``sectors``: the grade of each sector, where
    subjects are counted once for each of their sectors."""

    framing: Framing
    names: tuple[str, ...]
    columns: dict[str, str]
    sectors: dict[str, str]

    @property
    def name(self) -> str:
        return "-".join(self.names)

    def count(self, files: Iterable[Path]) -> pl.DataFrame:
        """The counts over tables of subjects, by the names in their order."""
        counted = [self._counted(pl.read_parquet(file, columns=self._read())) for file in files]
        by = [PLACE, *self._by()] if PLACE in self.names else self._by()
        empty = pl.DataFrame(schema={**dict.fromkeys(by, pl.String), COUNT: pl.UInt64})
        together = pl.concat([empty, *counted])
        if PLACE in self.names:
            together = together.join(self._areas(together[PLACE].unique()), on=PLACE, nulls_equal=True)
            together = together.drop(PLACE).rename({"area": PLACE})
            by = ["place.level", PLACE, "place.zh", "place.en", *self._by()]
        totals = together.group_by(by).agg(pl.col(COUNT).sum()) if by else together
        if PLACE not in self.names:
            return totals.select(*by, COUNT).sort(by)
        order = pl.col("place.level").cast(pl.Enum(LEVELS))
        return totals.select(*by, COUNT).sort(order, *by[1:], nulls_last=True)

    def _by(self) -> list[str]:
        return [name for name in self.names if name != PLACE]

    def _read(self) -> list[str]:
        conclusions = dict.fromkeys((*self.columns.values(), *self.sectors.values()))
        columns = [column for name in conclusions for column in (name, f"{name}.undetermined")]
        return [*([PLACE] if PLACE in self.names else []), *columns] or ["subject"]

    def _counted(self, frame: pl.DataFrame) -> pl.DataFrame:
        place = [pl.col(PLACE)] if PLACE in self.names else []
        told = [said(conclusion).alias(name) for name, conclusion in self.columns.items()]
        if SECTOR not in self.names:
            return self._grouped(frame.select(*place, *told))
        pieces = []
        for sector, grade in self.sectors.items():
            level = said(grade).alias(GRADE)
            of_sector = frame.select(*place, *told, pl.lit(sector).alias(SECTOR), level)
            pieces.append(self._grouped(of_sector.filter(pl.col(GRADE) != NO_VALUE)))
        return pl.concat(pieces)

    def _grouped(self, frame: pl.DataFrame) -> pl.DataFrame:
        by = [PLACE, *self._by()] if PLACE in self.names else self._by()
        return frame.group_by(by).agg(pl.len().cast(pl.UInt64).alias(COUNT)).select(*by, COUNT)

    def _areas(self, places: pl.Series) -> pl.DataFrame:
        """Of each place, the areas that it lies in on the law date; an unknown place lies in no known area."""
        rows = [row for place in places for row in self._around(place)]
        columns = (PLACE, "place.level", "area", "place.zh", "place.en")
        return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")

    def _around(self, code: str | None) -> Iterator[tuple[str | None, ...]]:
        tree, day = self.framing.program.places, self.framing.request.law_at
        found: dict[str, Place] = {}
        for area in tree.ancestors(code, day) if code is not None else ():
            place = tree.at(area, day)
            if place is not None:
                found.setdefault(place.level, place)
        country = tree.at(ROOT, day)
        for level in LEVELS:
            place = found.get(level) or (country if level == "country" else None)
            if place is None:
                yield code, level, None, None, None
            else:
                yield code, level, place.code, place.name.zh, place.name.en


def roll_ups(framing: Framing, asked: Iterable[tuple[str, ...]]) -> tuple[RollUp, ...]:
    """Raises RequestError where a name is none that subjects can be counted by."""
    return tuple(_roll_up(framing, names) for names in dict.fromkeys(asked))


def _roll_up(framing: Framing, names: tuple[str, ...]) -> RollUp:
    schema = framing.schema
    own = schema.conclusions[schema.root]
    choices = {
        name: name for name, each in own.items()
        if is_told(each, schema.root) and isinstance(each.type, ChoiceType | BooleanType)
    }  # fmt: skip
    sectors = {
        sector.name: sector.grade for sector in framing.program.schema.sectors.values() if sector.grade in choices
    }
    meant = {GRADE: schema.overall, TIER: tuple(name for name, each in own.items() if each.kind == "assign")}
    known = choices | {short: found[0] for short, found in meant.items() if len(found) == 1}
    others = {name for name, there in ((SECTOR, sectors), (PLACE, PLACE in schema.tables["subjects"])) if there}
    if SECTOR in names and sectors:
        known.setdefault(GRADE, "")
    for name in names:
        if name not in known and len(meant.get(name, ())) > 1:
            expected = same(" / ".join(meant[name]))
            raise RequestError([diagnostic("SR2105", option="by", found=name, expected=expected, fix=BY_NAME)])
        if name not in known and name not in others:
            possible = sorted({*known, *others})
            fix = did_you_mean(name, possible)
            expected = same(" / ".join((*(n for n in (PLACE, SECTOR, GRADE, TIER) if n in possible), "…")))
            raise RequestError([diagnostic("SR2105", option="by", found=name, expected=expected, fix=fix)])
    if len(set(names)) != len(names) or not names:
        raise RequestError([diagnostic("SR2105", option="by", found=",".join(names), expected=same("A,B"))])
    by_sector = SECTOR in names
    columns = {name: known[name] for name in names if name in known and not (by_sector and name == GRADE)}
    return RollUp(framing, names, columns, sectors if by_sector else {})
