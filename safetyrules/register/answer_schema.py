"""The columns of the answers of a register. They depend on the program and the options, never on the facts: what the
plan of a subject's place does not conclude is null there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from safetyrules.language import terms as t
from safetyrules.language.order import Conclusion
from safetyrules.language.plan import Plan, jurisdictions
from safetyrules.program import Program
from safetyrules.register.batch import reject_columns
from safetyrules.register.tables_of_answers import DUTIES, KEY, columns_of, findings_columns, is_told
from safetyrules.result import Request

PLACE, PLAN = "place", "plan"


@dataclass(frozen=True)
class AnswerSchema:
    """``conclusions``: all that some plan concludes, by kind of entity and name; ``tables``: the columns of
    ``subjects``, ``findings``, ``duties`` and ``rejects``; ``overall``: the grades made of those of all sectors."""

    root: str
    conclusions: Mapping[str, Mapping[str, Conclusion]]
    tables: Mapping[str, Mapping[str, Any]]
    grades: tuple[str, ...]
    overall: tuple[str, ...]

    def fitted(self, table: str, frame: pl.DataFrame) -> pl.DataFrame:
        """A frame with the columns of its table, null where it does not have one."""
        return frame.select(
            pl.col(name).cast(of) if name in frame.columns else pl.lit(None, dtype=of).alias(name)
            for name, of in self.tables[table].items()
        )


def answer_schema(program: Program, request: Request, sectors: tuple[str, ...] | None) -> AnswerSchema:
    """The columns of the answers to ``request`` in any place."""
    plans = [program.plan(request.law_at, place, sectors) for place in jurisdictions(program.linked)]
    plans.append(program.plan(request.law_at, request.jurisdiction, sectors))
    kinds = [request.subject]
    for kind in kinds:
        kinds.extend(part.name for part in program.schema.parts(kind))
    found = {kind: _conclusions(plans, kind) for kind in kinds}
    own = [each for each in found[request.subject].values() if is_told(each, request.subject)]
    subjects: dict[str, Any] = {KEY: pl.String()}
    if program.place_fact(request.subject) is not None:
        subjects[PLACE] = pl.String()
    for sector in sorted({sector for plan in plans for sector in plan.findings}):
        for severity in ("major", "general"):
            for status in ("found", "undetermined"):
                subjects[f"{sector}.{severity}.{status}"] = pl.UInt32()
    for conclusion in own:
        subjects.update(columns_of(conclusion, request.treat_unknown_as))
    subjects[PLAN] = pl.String()
    tables = {
        "subjects": subjects,
        "findings": findings_columns(request.treat_unknown_as),
        "duties": dict(DUTIES),
        "rejects": reject_columns(),
    }
    grades = tuple(each.name for each in own if each.kind == "grade")
    overall = tuple(
        each.name for each in own
        if each.kind == "grade" and any(isinstance(term, t.SectorGrades) for term in each.mentions)
    )  # fmt: skip
    return AnswerSchema(request.subject, found, tables, grades, overall)


def _conclusions(plans: list[Plan], kind: str) -> dict[str, Conclusion]:
    """By name; of a conclusion that several plans have, one that some rule writes."""
    found: dict[str, Conclusion] = {}
    for plan in plans:
        for each in plan.conclusions:
            if each.on == kind and (each.name not in found or found[each.name].kind == "declared"):
                found[each.name] = each
    return dict(sorted(found.items()))
