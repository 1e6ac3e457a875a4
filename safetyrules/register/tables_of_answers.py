"""What is written of a register: a row for each subject, for each finding, for each duty. Their schemas do not change
with the facts, only with the program.

See docs/reference/register-answers.md for every column.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import MOST_LEVELS, Code, Form, Levels, Number, Truth
from safetyrules.engine.columnar.polars_expressions import EPOCH
from safetyrules.engine.columnar.tables import repeated
from safetyrules.engine.columnar.tabulate import AT, SUBJECT, names
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, Schema
from safetyrules.language import terms as t
from safetyrules.language.order import Conclusion, share_name
from safetyrules.language.ruleform import due_name
from safetyrules.language.term_trees import walk
from safetyrules.register.answering import Answers
from safetyrules.result import Treatment

STATUSES = pl.Enum(["found", "undetermined", "not_found", "not_applicable"])
KEY = "subject"


def is_told(conclusion: Conclusion, root: str) -> bool:
    """Does a conclusion have columns in the table of subjects?"""
    return conclusion.on == root and conclusion.kind not in ("finding", "duty", "due")


def is_read(conclusion: Conclusion, root: str) -> bool:
    """Does any table but the words of outcomes have something of a conclusion?"""
    return conclusion.on == root or conclusion.kind in ("finding", "duty", "due")


def subjects(answers: Answers, keys: pl.Series, treatment: Treatment = "withhold") -> pl.DataFrame:
    """A row for each subject: its own conclusions, findings counted by sector and severity, the plan."""
    found = answers.tabulated
    frame = found.frames[found.root]
    columns: list[pl.Expr] = []
    for conclusion in answers.plan.conclusions:
        if is_told(conclusion, found.root):
            columns.extend(_conclusion(conclusion, found.forms[conclusion.key], treatment))
    counted = frame.select(
        pl.col(SUBJECT), keys.gather(answers.rows).alias(KEY), *columns, pl.lit(answers.plan.digest).alias("plan")
    )
    for name, counts in _counts(answers).items():
        counted = counted.with_columns(counts.alias(name))
    return counted.drop(SUBJECT).sort(KEY)


def columns_of(conclusion: Conclusion, treatment: Treatment) -> dict[str, Any]:
    """The columns that `subjects` has of a conclusion, with their types."""
    name, type_ = conclusion.name, conclusion.type
    open_ = {f"{name}.undetermined": pl.Boolean()}
    match type_:
        case BooleanType():
            return {name: pl.Boolean(), **open_}
        case NumberType() | DateType():
            of = pl.Date() if isinstance(type_, DateType) else pl.Float64()
            return {name: of, f"{name}.at_least": of, f"{name}.at_most": of, **open_}
        case ChoiceType(members=members):
            enum = pl.Enum(members)
            if len(members) > MOST_LEVELS:
                return {name: enum, **open_}
            if type_.worse == "none":
                return {name: enum, **open_, f"{name}.possible": pl.List(enum)}
            treated = {} if treatment == "withhold" else {f"{name}.treated": enum}
            return {name: enum, **open_, f"{name}.proven": enum, f"{name}.worst": enum, **treated}
    return {name: pl.String(), **open_}


def _conclusion(conclusion: Conclusion, form: Form, treatment: Treatment) -> list[pl.Expr]:
    """``NAME`` where it is determined, and what is still possible beside it."""
    name = conclusion.name
    cells = [pl.col(column) for column in names(name, form)]
    match form:
        case Truth():
            true, false, none = cells
            known = (true.cast(pl.Int8) + false.cast(pl.Int8) + none.cast(pl.Int8)) == 1
            return [
                pl.when(known & ~none).then(true).alias(name),
                (~known).alias(f"{name}.undetermined"),
            ]
        case Number():
            low, high, none = cells
            known = (low == high) & ~none
            value: pl.Expr = pl.when(known).then(low)
            ends: list[pl.Expr] = [pl.when(low.is_finite()).then(low), pl.when(high.is_finite()).then(high)]
            if isinstance(conclusion.type, DateType):
                value, *ends = (_day(each) for each in (value, *ends))
            undetermined = ~known & ~(low > high)
            return [
                value.alias(name), ends[0].alias(f"{name}.at_least"), ends[1].alias(f"{name}.at_most"),
                undetermined.alias(f"{name}.undetermined"),
            ]  # fmt: skip
        case Levels(type_):
            permitted = any(isinstance(term, t.Permitted) for term in walk(conclusion.term))
            return _levels(name, type_, cells, "withhold" if permitted else treatment)
        case Code(type_):
            value, known, some, none = cells[:4]
            sure = known & some & ~none
            if isinstance(type_, ChoiceType):
                value = pl.lit(pl.Series(type_.members, dtype=pl.Enum(type_.members))).gather(value)
            return [pl.when(sure).then(value).alias(name), (some & ~sure).alias(f"{name}.undetermined")]


def _levels(name: str, type_: ChoiceType, cells: list[pl.Expr], treatment: Treatment) -> list[pl.Expr]:
    *members, none = cells
    enum = pl.Enum(type_.members)
    count = pl.sum_horizontal(*(member.cast(pl.UInt8) for member in members), none.cast(pl.UInt8))
    first = pl.coalesce(*(pl.when(m).then(pl.lit(v, dtype=enum)) for m, v in zip(members, type_.members, strict=True)))
    backwards = list(zip(members, type_.members, strict=True))[::-1]
    last = pl.coalesce(*(pl.when(m).then(pl.lit(v, dtype=enum)) for m, v in backwards))
    found = [pl.when((count == 1) & ~none).then(first).alias(name), (count > 1).alias(f"{name}.undetermined")]
    if type_.worse != "none":
        mild, worst = (first, last) if type_.worse == "last" else (last, first)
        found += [pl.when(~none).then(mild).alias(f"{name}.proven"), worst.alias(f"{name}.worst")]
        if treatment != "withhold":
            found.append(pl.when(count > 1).then(worst if treatment == "worst" else mild).alias(f"{name}.treated"))
        return found
    possible = pl.concat_list(
        [pl.when(m).then(pl.lit(v, dtype=enum)) for m, v in zip(members, type_.members, strict=True)]
    ).list.drop_nulls()
    return [*found, possible.alias(f"{name}.possible")]


def _day(number: pl.Expr) -> pl.Expr:
    return (number.cast(pl.Int32) - EPOCH).cast(pl.Date)


def _counts(answers: Answers) -> dict[str, pl.Series]:
    """Of every sector and severity: clauses found, and clauses that are undetermined and not found anywhere."""
    by_clause: dict[tuple[str, str], dict[object, list[Conclusion]]] = {}
    for sector, conclusions in answers.plan.findings.items():
        for severity in ("major", "general"):
            by_clause[sector, severity] = {}
            for conclusion in conclusions:
                if conclusion.severity == severity and conclusion.on in answers.tabulated.unordered:
                    by_clause[sector, severity].setdefault(conclusion.counted_as, []).append(conclusion)
    height = answers.tabulated.unordered[answers.tabulated.root].height
    found: dict[str, pl.Series] = {}
    for (sector, severity), clauses in by_clause.items():
        sure = pl.repeat(0, height, dtype=pl.UInt32, eager=True)
        open_ = sure
        for same_clause in clauses.values():
            flags = [_of_subject(answers, conclusion) for conclusion in same_clause]
            is_found, is_open = flags[0]
            for other_found, other_open in flags[1:]:
                is_found, is_open = is_found | other_found, is_open | other_open
            sure = sure + is_found.cast(pl.UInt32)
            open_ = open_ + (is_open & ~is_found).cast(pl.UInt32)
        found[f"{sector}.{severity}.found"] = sure
        found[f"{sector}.{severity}.undetermined"] = open_
    return found


def _of_subject(answers: Answers, conclusion: Conclusion) -> tuple[pl.Series, pl.Series]:
    """Is a finding found in the subject; is it undetermined in it?"""
    found = answers.tabulated
    frame = found.unordered[conclusion.on]
    status = _status(answers, conclusion)
    height = found.unordered[found.root].height
    if conclusion.on == found.root:
        said = frame.select(status.alias("status")).to_series()
        return said == "found", said == "undetermined"
    parts = frame.select(SUBJECT, status.alias("status"))
    return _marked(parts, "found", height), _marked(parts, "undetermined", height)


def _marked(said: pl.DataFrame, status: str, height: int) -> pl.Series:
    """Which subjects have an entity of this status."""
    rows = said.filter(pl.col("status") == status)[SUBJECT]
    return repeated(False, pl.Boolean, height).scatter(rows, True)


def _status(answers: Answers, conclusion: Conclusion, name: str = "") -> pl.Expr:
    """The status of a finding, or of what one clause finds of it, which has another ``name``. What is found only where
    something may be missing is undetermined."""
    name = name or conclusion.name
    form = answers.tabulated.forms[conclusion.on, name]
    true, false, none = (pl.col(column) for column in names(name, form))
    residual = pl.col(RESIDUAL) if RESIDUAL in answers.tabulated.unordered[conclusion.on].columns else pl.lit(False)
    return (
        pl.when(true & ~false & ~none & ~residual).then(pl.lit("found", dtype=STATUSES))
        .when(true | (false & none)).then(pl.lit("undetermined", dtype=STATUSES))
        .when(false & residual).then(pl.lit("undetermined", dtype=STATUSES))
        .when(false).then(pl.lit("not_found", dtype=STATUSES))
        .otherwise(pl.lit("not_applicable", dtype=STATUSES))
    )  # fmt: skip


def findings(answers: Answers, keys: pl.Series, treatment: Treatment = "withhold") -> pl.DataFrame:
    """A row for each finding of each entity that is found or undetermined, finding by finding; for each clause by which
    it is, where several may find it."""
    found = answers.tabulated
    pieces = []
    for sector, conclusions in sorted(answers.plan.findings.items()):
        for conclusion in conclusions:
            for each in conclusion.by_clause if conclusion.on in found.frames else ():
                status = _status(answers, conclusion, share_name(each) if conclusion.shares else conclusion.name)
                words = {"sector": sector, "severity": each.severity}
                columns = [status.alias("status")]
                if treatment != "withhold":
                    word = pl.lit("found" if treatment == "worst" else "not_found", dtype=STATUSES)
                    columns.append(pl.when(status == "undetermined").then(word).alias("treated"))
                kept = pl.col("status").is_in(["found", "undetermined"])
                pieces.append(_piece(answers, each, keys, words, columns, kept))
    return _together(pieces, findings_columns(treatment))


FINDINGS: Mapping[str, Any] = {
    KEY: pl.String, "sector": pl.String, "severity": pl.String, "clause": pl.String, "rule": pl.String,
    "kind": pl.String, "part": pl.String, "status": STATUSES, "plan": pl.String,
}  # fmt: skip
DUTIES: Mapping[str, Any] = {
    KEY: pl.String, "clause": pl.String, "rule": pl.String, "kind": pl.String, "part": pl.String,
    "status": STATUSES, "due.at_least": pl.Date, "due.at_most": pl.Date, "plan": pl.String,
}  # fmt: skip


def findings_columns(treatment: Treatment) -> dict[str, Any]:
    return dict(FINDINGS) if treatment == "withhold" else {**FINDINGS, "treated": STATUSES}


def duties(answers: Answers, keys: pl.Series) -> pl.DataFrame:
    """A row for each duty that an entity has or may have, with the days between which it is due, duty by duty."""
    found = answers.tabulated
    pieces = []
    for conclusion in answers.plan.conclusions:
        if conclusion.kind != "duty" or not conclusion.binds or conclusion.on not in found.frames:
            continue
        status = _status(answers, conclusion)
        columns = [status.alias("status")]
        due = found.forms.get((conclusion.on, due_name(conclusion.name)))
        ends: list[pl.Expr] = [pl.lit(None, dtype=pl.Date), pl.lit(None, dtype=pl.Date)]
        if isinstance(due, Number):
            low, high, _ = (pl.col(column) for column in names(due_name(conclusion.name), due))
            ends = [_day(pl.when(each.is_finite()).then(each)) for each in (low, high)]
        columns += [ends[0].alias("due.at_least"), ends[1].alias("due.at_most")]
        kept = pl.col("status").is_in(["found", "undetermined"])
        pieces.append(_piece(answers, conclusion, keys, {}, columns, kept))
    return _together(pieces, DUTIES)


def _piece(
    answers: Answers, conclusion: Conclusion, keys: pl.Series, words: Mapping[str, Any], columns: list[pl.Expr],
    kept: pl.Expr,
) -> pl.DataFrame:  # fmt: skip
    found = answers.tabulated
    frame = found.frames[conclusion.on]
    places = [name for name in frame.columns if name.startswith(AT)]
    said = frame.select(SUBJECT, *places, *columns).filter(kept)
    return said.select(
        keys.gather(answers.rows.gather(said[SUBJECT])).alias(KEY),
        *(pl.lit(value, dtype=pl.String).alias(name) for name, value in words.items()),
        pl.lit(conclusion.clause, dtype=pl.String).alias("clause"),
        pl.lit(conclusion.name).alias("rule"), pl.lit(conclusion.on).alias("kind"),
        path_of(answers.plan.schema, conclusion.on, places).alias("part"),
        *(pl.col(column.meta.output_name()) for column in columns),
        pl.lit(answers.plan.digest).alias("plan"),
    )  # fmt: skip


def path_of(schema: Schema, kind: str, places: list[str]) -> pl.Expr:
    """Where the entity is, as paths have it; empty for the subject itself."""
    parts: list[pl.Expr] = []
    for part, place in zip(reversed(schema.chain(kind)[:-1]), places, strict=True):
        step = pl.lit(f"{'.' if parts else ''}{part.parent_fact}[")
        parts += [step, pl.col(place).cast(pl.String).fill_null("?"), pl.lit("]")]
    return pl.concat_str(parts) if parts else pl.lit("")


def _together(pieces: list[pl.DataFrame], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.concat([piece.select(*schema) for piece in pieces]) if pieces else pl.DataFrame(schema=schema)
