"""The answers of a register against the reference interpreter, subject by subject:
``python -m benchmarks.register_agreement --rows 100000 --missing 0.3``.

An invented register is answered as ``safetyrules batch`` answers it; then each of its subjects is assessed alone, and
every column of its row and every row of its findings, duties and outcomes must be the same. Exit code 1 where one is
not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import safetyrules
from safetyrules.engine.columnar.entities import facts_of
from safetyrules.facts.schema import ChoiceType, DateType, NumberType
from safetyrules.language.ruleform import due_name
from safetyrules.register.answer_frames import Framing, RegisterAnswers
from safetyrules.register.answer_schema import AnswerSchema
from safetyrules.register.batch import Batch
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest
from safetyrules.register.tables_of_answers import STATUSES, is_told
from safetyrules.result import Assessment, Outcome
from safetyrules.values import FALSE, TRUE, Interval

Row = dict[str, Any]
Difference = tuple[str, str, str, Any, Any]


def differences(framing: Framing, batch: Batch, answers: RegisterAnswers, engine: Any) -> Iterator[Difference]:
    """Subject, table, column, what the reference says, what the batch says."""
    program, options = framing.program, framing.tabulator.options
    rows = {row["subject"]: row for row in answers.subjects.iter_rows(named=True)}
    findings, duties = _by_subject(answers.findings), _by_subject(answers.duties)
    outcomes = {kind: _by_subject(frame) for kind, frame in answers.outcomes.items()}
    if sorted(rows) != sorted(batch.keys):
        yield "", "subjects", "subject", len(batch.keys), len(rows)
    for number, key in enumerate(batch.keys):
        alone = program.assess(facts_of(program.schema, batch.tables, number), engine=engine, **options)
        for name, expected in expected_subject(framing.schema, alone).items():
            if not same(expected, rows[key][name]):
                yield key, "subjects", name, expected, rows[key][name]
        for table, expected_rows, found in (
            ("findings", expected_findings(alone), findings.get(key, [])),
            ("duties", expected_duties(alone), duties.get(key, [])),
        ):
            if _ordered(expected_rows) != _ordered(found):
                yield key, table, "", expected_rows, found
        if framing.book is not None:
            told = expected_outcomes(framing, alone)
            found_outcomes = {
                (kind, row["part"], name): said
                for kind, by_key in outcomes.items()
                for row in by_key.get(key, [])
                for name, said in framing.book.read(kind, _words(row)).items()
                if said
            }
            if told != found_outcomes:
                both = {*told.items()} ^ {*found_outcomes.items()}
                yield key, "outcomes", "", sorted(both & {*told.items()}), sorted(both & {*found_outcomes.items()})


def expected_subject(schema: AnswerSchema, alone: Assessment) -> Row:
    row: Row = {"plan": alone.plan.digest}
    if "place" in schema.tables["subjects"]:
        row["place"] = alone.request.place
    for name, conclusion in schema.conclusions[schema.root].items():
        if is_told(conclusion, schema.root):
            outcome = alone.conclusions.get(name)
            columns = dict.fromkeys((each for each in schema.tables["subjects"] if _is_of(each, name)), None)
            row.update(columns if outcome is None else {c: _told(c.removeprefix(name), outcome) for c in columns})
    for name in schema.tables["subjects"]:
        parts = name.rsplit(".", 2)
        if len(parts) == 3 and parts[1] in ("major", "general") and parts[2] in ("found", "undetermined"):
            row[name] = _count(alone, *parts)
    return row


def _is_of(column: str, name: str) -> bool:
    return column == name or (
        column.startswith(f"{name}.")
        and column.removeprefix(name)
        in (".undetermined", ".at_least", ".at_most", ".proven", ".worst", ".possible", ".treated")
    )


def _told(part: str, outcome: Outcome) -> Any:
    match part:
        case "":
            return outcome.value
        case ".undetermined":
            return outcome.status == "undetermined"
        case ".at_least" | ".at_most":
            return (outcome.bounds or (None, None))[part == ".at_most"]
        case ".possible":
            return [each for each in outcome.possible or () if each is not None]
    return getattr(outcome, part[1:])


def _count(alone: Assessment, sector: str, severity: str, status: str) -> int | None:
    conclusions = alone.plan.findings.get(sector)
    if conclusions is None:
        return None
    counted = frozenset(each.key for each in conclusions if each.severity == severity)
    # One clause may stand behind findings of several sectors, so what is found by clause alone says too much.
    seen: dict[object, set[str]] = {}
    for outcome in alone.findings:
        if outcome.conclusion.key in counted:
            seen.setdefault(outcome.conclusion.counted_as, set()).add(_status(outcome))
    worst = [next(each for each in STATUSES.categories.to_list() if each in statuses) for statuses in seen.values()]
    return worst.count(status)


def expected_findings(alone: Assessment) -> list[Row]:
    rows = []
    for outcome in (each for outcomes in alone.found_by.values() for each in outcomes):
        status = _status(outcome)
        if status in ("found", "undetermined") and outcome.conclusion.sector is not None:
            row = {"sector": outcome.conclusion.sector, "severity": outcome.conclusion.severity}
            row |= _row(alone, outcome, status)
            if outcome.treatment != "withhold":
                word = "found" if outcome.treatment == "worst" else "not_found"
                row["treated"] = word if status == "undetermined" else None
            rows.append(row)
    return rows


def expected_duties(alone: Assessment) -> list[Row]:
    rows = []
    for outcome in alone.duties:
        status = _status(outcome)
        if status in ("found", "undetermined"):
            due = alone.scalars.get((outcome.path, due_name(outcome.name)))
            ends = (due.low, due.high) if isinstance(due, Interval) and not due.empty else (None, None)
            low, high = (None if each is None else date.fromordinal(int(each)) for each in ends)
            rows.append({**_row(alone, outcome, status), "due.at_least": low, "due.at_most": high})
    return rows


def _row(alone: Assessment, outcome: Outcome, status: str) -> Row:
    path = outcome.path.removeprefix(alone.request.subject).removeprefix(".")
    said = outcome.conclusion
    return {"clause": said.clause, "rule": said.name, "kind": said.on, "part": path, "status": status,
            "plan": alone.plan.digest}  # fmt: skip


def _status(outcome: Outcome) -> str:
    """As for findings, of duties too; what stands for parts that may not exist is never sure."""
    if outcome.residual and outcome.status not in ("not_applicable",):
        return "undetermined"
    if outcome.scalar == TRUE:
        return "found"
    return "not_found" if outcome.scalar == FALSE else outcome.status


def expected_outcomes(framing: Framing, alone: Assessment) -> dict[tuple[str, str, str], tuple[str, ...]]:
    assert framing.book is not None
    found = {}
    for outcome in alone.outcomes:
        kind, path = outcome.conclusion.on, outcome.path.removeprefix(alone.request.subject).removeprefix(".")
        meanings = framing.book.kinds[kind][outcome.name].meanings
        said = tuple(each for each in meanings if _may_be(outcome, each))
        found[kind, path, outcome.name] = said
    return found


def _may_be(outcome: Outcome, meaning: str) -> bool:
    if meaning == "none":
        return outcome.may_have_no_value or outcome.status in ("no_value", "not_applicable")
    type_ = outcome.conclusion.type
    if meaning in ("known", "some") and not (isinstance(type_, ChoiceType) and meaning in type_.members):
        some = outcome.possible is None or any(each is not None for each in outcome.possible)
        if isinstance(type_, NumberType | DateType):
            some = outcome.bounds is not None
        return some if meaning == "some" else outcome.value is not None
    possible = {str(each).lower() if isinstance(each, bool) else each for each in outcome.possible or ()}
    return meaning in possible


def same(expected: Any, found: Any) -> bool:
    """Numbers are equal but for the rounding of floats."""
    if isinstance(expected, Fraction) and isinstance(found, float):
        return abs(expected - Fraction(found)) <= abs(expected) * Fraction(1, 10**12)
    return bool(expected == found)


def _by_subject(frame: Any) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in frame.iter_rows(named=True):
        found.setdefault(row.pop("subject"), []).append(row)
    return found


def _ordered(rows: list[Row]) -> list[Row]:
    return sorted(({k: row[k] for k in sorted(row)} for row in rows), key=lambda row: (row["rule"], row["part"]))


def _words(row: Mapping[str, Any]) -> list[int]:
    return [value for name, value in row.items() if name.startswith("word_")]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--missing", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--as-of", default="2026-01-01")
    parser.add_argument("--batch", type=int, default=5000)
    parser.add_argument("--engine", default="reference", choices=("reference", "compiled"))
    parser.add_argument("--outcomes", action="store_true", help="compare every outcome of every entity too")
    asked = parser.parse_args(arguments)
    program = safetyrules.default_program()
    framing = Framing(program, as_of=asked.as_of, outcomes=asked.outcomes)
    subjects = exact = different = 0
    by_columns = one_by_one = 0.0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "register"
        write_demo_register(program, DemoRequest(asked.rows, asked.seed, missing=asked.missing), folder)
        with safetyrules.open_register(folder, program=program) as register:
            for batch in register.batches(asked.batch):
                began = time.perf_counter()
                answers = framing.frames(batch)
                answered = time.perf_counter()
                for said in differences(framing, batch, answers, asked.engine):
                    different += 1
                    if different <= 20:
                        print("DIFFERENT", *said, sep="\n  ")
                by_columns += answered - began
                one_by_one += time.perf_counter() - answered
                subjects += len(batch.keys)
                exact += answers.exact
                print(
                    f"{subjects} subjects, {answers.rejects.height} rejects in this batch, {exact} decided one by one,"
                    f" {different} differences; batch {by_columns:.0f} s, {asked.engine} {one_by_one:.0f} s",
                    flush=True,
                )
    return 1 if different or subjects != asked.rows else 0


if __name__ == "__main__":
    sys.exit(main())
