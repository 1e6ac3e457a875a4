"""Invented registers: for any program, subjects as a register would hold them, the same for the same seed.

What there is to invent comes from the program alone: its kinds and facts, and what its rules hold them against. Row
``i`` depends on the seed and ``i``: a longer register begins with the shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from safetyrules.engine.columnar.tables import COMPLETE, NONE, PARENT, SINCE, VALUE, Tables
from safetyrules.facts.schema import ChoiceType, Fact, Kind, PartsType, ValuesType
from safetyrules.program import Program
from safetyrules.register.demo_codes import credit_codes
from safetyrules.register.demo_draws import (
    MISSING_BITS,
    chance,
    drawn,
    key_of,
    members,
    mixed,
    off_wheel,
    stream,
    whole,
)
from safetyrules.register.demo_request import VALUES, DemoRequest
from safetyrules.register.demo_values import (
    CARE,
    CODE,
    KEY,
    PART,
    ROW,
    SIZE,
    Setting,
    care,
    days_ago,
    member_of,
    value_of,
)

CHUNK = 1 << 16
SUBJECT, ORDINAL = "#subject", "#ordinal"
#: How often a log says that it is complete; where it does not, from when on it is.
COMPLETE_LOGS = 0.4


@dataclass(frozen=True)
class Piece:
    """Some subjects in a row with all their parts. Frames have the columns of `Tables`, and beside them ``#subject``
    (the row of the subject in this piece), ``#part`` (the number of a part among those of its kind in its subject, from
    1) and, of subjects, ``#code``."""

    root: str
    frames: Mapping[str, pl.DataFrame]
    values: Mapping[tuple[str, str], pl.DataFrame]


def demo_tables(program: Program, rows: int, seed: int = 0, *, chunk: int = CHUNK, **options: Any) -> Tables:
    """The facts of ``rows`` invented subjects; ``options`` are the fields of `DemoRequest`. Raises RequestError."""
    request = DemoRequest(rows, seed, **options).checked(program)
    frames: dict[str, list[pl.DataFrame]] = {}
    values: dict[tuple[str, str], list[pl.DataFrame]] = {}
    heights: dict[str, int] = {}
    for piece in demo_pieces(program, request, chunk):
        above = {kind: heights.get(kind, 0) for kind in piece.frames}
        for kind, frame in piece.frames.items():
            parent = program.schema.kinds[kind].parent
            kept = frame.select(pl.exclude("^#.*$"))
            if parent is not None and kind != piece.root:
                kept = kept.insert_column(0, frame[PARENT] + above[parent])
            frames.setdefault(kind, []).append(kept)
            heights[kind] = above[kind] + frame.height
        for key, frame in piece.values.items():
            values.setdefault(key, []).append(frame.with_columns(pl.col(PARENT) + above[key[0]]))
    return Tables(
        request.root(program),
        {kind: pl.concat(found) for kind, found in frames.items()},
        {key: pl.concat(found) for key, found in values.items()},
    )


def demo_pieces(program: Program, request: DemoRequest, chunk: int = CHUNK) -> Iterator[Piece]:
    """The subjects, ``chunk`` at a time; at least one piece, so that a register of nobody has its columns."""
    making = _Making(Setting(program, request), request.root(program))
    for start in range(0, max(request.rows, 1), chunk):
        yield making.piece(start, min(start + chunk, request.rows))


class _Making:
    """Makes pieces; the expressions of a kind are made once."""

    def __init__(self, setting: Setting, root: str) -> None:
        self.setting = setting
        self.root = root
        schema = setting.program.schema
        self.kinds: list[_Columns] = []
        pending = [schema.kinds[root]]
        while pending:
            kind = pending.pop(0)
            self.kinds.append(_Columns(setting, kind))
            pending.extend(schema.parts(kind.name))

    def piece(self, first: int, last: int) -> Piece:
        bases: dict[str, pl.DataFrame] = {}
        frames: dict[str, pl.DataFrame] = {}
        values: dict[tuple[str, str], pl.DataFrame] = {}
        for columns in self.kinds:
            kind = columns.kind
            if kind.name == self.root:
                base = self._subjects(first, last)
            else:
                assert kind.parent is not None
                assert kind.parent_fact is not None
                base = _below(bases[kind.parent], kind.parent_fact)
            bases[kind.name] = drawn_base = base.with_columns(columns.draws).with_columns(columns.counts)
            frames[kind.name] = drawn_base.select(*columns.kept, *columns.facts)
            for fact in columns.values:
                below = _below(drawn_base, fact.name)
                draw = drawn(pl.col(KEY), "value")
                value = member_of(self.setting, kind, fact, pl.col(ORDINAL), pl.col("#list"), draw)
                values[kind.name, fact.name] = below.select(PARENT, value.alias(VALUE))
        return Piece(self.root, frames, values)

    def _subjects(self, first: int, last: int) -> pl.DataFrame:
        request = self.setting.request
        rows = pl.select(pl.int_range(first, last, dtype=pl.UInt64).alias(ROW))
        start = mixed(whole(stream(request.seed, self.root)))
        rows = rows.with_columns(
            key_of(start, pl.col(ROW)).alias(KEY), (pl.col(ROW) - first).cast(pl.UInt32).alias(SUBJECT)
        )
        code = credit_codes(pl.col(ROW), pl.col(KEY), self.setting.office)
        return rows.with_columns(
            code.alias(CODE), drawn(pl.col(KEY), "size").alias(SIZE), care(pl.col(KEY)).alias(CARE)
        )


def _below(base: pl.DataFrame, fact: str) -> pl.DataFrame:
    """The members of a list of every row, with their keys and numbers."""
    count, row = pl.col(_count(fact)), pl.int_range(pl.len(), dtype=pl.UInt32)
    listed = base.select(
        row.alias(PARENT), count, (count.cum_sum() - count).alias("#start"), KEY, SUBJECT, CARE
    ).filter(count > 0)
    parents = listed.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).repeat_by(count).explode().alias("#row")
    ).to_series()
    found = listed.select(pl.exclude(_count(fact)).gather(parents))
    list_key = mixed(pl.col(KEY) + whole(stream(fact)))
    found = found.with_columns(
        (row - pl.col("#start")).cast(pl.UInt64).alias(ORDINAL), list_key.alias("#list")
    ).with_columns(key_of(pl.col("#list"), pl.col(ORDINAL)).alias(KEY))
    subject = pl.col(SUBJECT)
    begins = pl.when((subject != subject.shift(1)).fill_null(True)).then(row).forward_fill()
    return found.with_columns((row - begins + 1).alias(PART))


class _Columns:
    """The expressions of one kind: ``draws`` and ``counts`` first, then the ``facts`` from them."""

    def __init__(self, setting: Setting, kind: Kind) -> None:
        self.setting, self.kind = setting, kind
        self.kept = [SUBJECT, *((CODE,) if kind.root else (PARENT, PART))]
        self.draws: list[pl.Expr] = []
        self.counts: list[pl.Expr] = []
        self.facts: list[pl.Expr] = []
        self.values: list[Fact] = []
        self.denials = setting.program.schema.denials(kind.name)
        for fact in kind.facts.values():
            self.draws.append(drawn(pl.col(KEY), f"{kind.name}.{fact.name}").alias(_draw(fact.name)))
            if isinstance(fact.type, PartsType | ValuesType):
                self._list(fact, fact.type)
            else:
                self._scalar(fact)

    def _present(self, fact: Fact) -> pl.Expr | None:
        """Is the sector of the fact's section present, whether or not that is known? None: it is in no such section."""
        for present, evidence in self.denials.items():
            section = present.rpartition(".")[0]
            inside = section and fact.name.startswith(f"{section}.")
            if fact.name != present and (inside or fact.name in evidence.facts):
                return self._value(self.kind.facts[present])
        return None

    def _value(self, fact: Fact) -> pl.Expr:
        """What a fact would be, were it known; a sector that a code stands for is there."""
        value = value_of(self.setting, self.kind, fact, pl.col(_draw(fact.name)))
        for name, codes in self.denials[fact.name].codes.items() if fact.name in self.denials else ():
            code = value_of(self.setting, self.kind, self.kind.facts[name], pl.col(_draw(name)))
            value = value | pl.any_horizontal(code.str.starts_with(each) for each in codes)
        return value

    def _scalar(self, fact: Fact) -> None:
        setting, draw = self.setting, pl.col(_draw(fact.name))
        known = ~chance(draw, setting.unknown_rate(self.kind, fact), MISSING_BITS)
        present = self._present(fact)
        if present is not None:
            known = known & present  # nobody asks for the particulars of a hazard that is not there
        value = self._value(fact)
        if not fact.may_not_apply:
            self.facts.append(pl.when(known).then(value).alias(fact.name))
            return
        none = chance(drawn(pl.col(KEY), f"{self.kind.name}.{fact.name}{NONE}"), setting.request.not_applicable)
        self.facts.append(pl.when(known & ~none).then(value).alias(fact.name))
        self.facts.append(pl.when(known).then(none).alias(f"{fact.name}{NONE}"))

    def _list(self, fact: Fact, of: PartsType | ValuesType) -> None:
        setting, draw = self.setting, pl.col(_draw(fact.name))
        if isinstance(of, PartsType):
            mean = setting.request.mean_parts(of.kind, of_the_subject=self.kind.root)
        else:
            mean = VALUES
            self.values.append(fact)
        count = off_wheel(members(mean), draw)
        if isinstance(of, ValuesType) and isinstance(of.item, ChoiceType):
            count = count.clip(upper_bound=len(of.item.members))
        present = self._present(fact)
        if present is not None:
            count = pl.when(present).then(count).otherwise(0)
        self.counts.append(count.cast(pl.UInt32).alias(_count(fact.name)))
        complete = ~chance(draw, setting.request.open_lists, MISSING_BITS)
        if isinstance(of, PartsType) and of.log is not None:
            log = drawn(pl.col(KEY), f"{self.kind.name}.{fact.name}{SINCE}")
            complete = complete & chance(log, COMPLETE_LOGS)
            since = days_ago(setting, log)
            known = chance(log, 1 - setting.request.missing, MISSING_BITS)
            self.facts.append(pl.when(~complete & known).then(since).alias(f"{fact.name}{SINCE}"))
        self.facts.append(complete.alias(f"{fact.name}{COMPLETE}"))


def _draw(fact: str) -> str:
    return f"#draw {fact}"


def _count(fact: str) -> str:
    return f"#count {fact}"
