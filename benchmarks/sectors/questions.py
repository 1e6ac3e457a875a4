"""What both programs answer of a register: columns of one Parquet file, the same in both.

Of each major finding: true where some part or the enterprise has it, null where that is open, false where none has. Of
the general findings of a sector: the same of all together. Of a grade: the set of the levels that are possible, a bit
for each from the lowest, one more for "no value".
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

import safetyrules
from safetyrules import Program
from safetyrules.facts.schema import ChoiceType
from safetyrules.language.order import Conclusion
from safetyrules.language.plan import Plan
from safetyrules.testing.asked import part_of

#: The law, and the day the facts describe.
DAY, PLACE = "2026-11-01", "CN"
KEY = "subject"
#: Grades, and what they are made of, by the sector that says so.
LEVELS: dict[str, tuple[str, ...]] = {
    "dust": ("dust.colour_by_dust", "dust.colour_by_workers", "dust.grade"),
    "hazmat": (
        "hazmat.worst_level",
        "hazmat.colour_by_level",
        "hazmat.colour_by_inherent_risk",
        "hazmat_diagnosis.colour",
        "hazmat.grade",
    ),
    "confined_space": ("confined_space.colour_by_space", "confined_space.grade"),
    "smelting": (
        "smelting.colour_by_melt",
        "smelting.colour_by_gas",
        "smelting.colour_by_workers",
        "smelting.colour_unlisted",
        "smelting.grade",
    ),
    "trade": ("trade.grade", "other.grade"),
}
#: The grades that the overall grade is the gravest of.
GRADES = tuple(name for names in LEVELS.values() for name in names if name.endswith(".grade"))
OVERALL = "overall_grade"
SECTORS = tuple(LEVELS)


class Question(NamedTuple):
    """``majors`` and ``generals``: the findings of each sector; ``levels``: a grade and its members."""

    plan: Plan
    majors: Mapping[str, tuple[Conclusion, ...]]
    generals: Mapping[str, tuple[Conclusion, ...]]
    levels: Mapping[str, Conclusion]

    def told(self, conclusion: Conclusion) -> bool:
        """Is it one that an answer is made of, and not only what these rest on?"""
        return conclusion.kind == "finding" or self.levels.get(conclusion.name) is conclusion

    def columns(self, sectors: tuple[str, ...] = SECTORS) -> dict[str, Any]:
        """The columns of the answers, with their types; the overall grade where it is of all sectors."""
        found: dict[str, Any] = {KEY: pl.String()}
        for sector in sectors:
            found.update({each.name: pl.Boolean() for each in self.majors[sector]})
            if self.generals[sector]:
                found[f"{sector}.general"] = pl.Boolean()
            found.update(dict.fromkeys(LEVELS[sector], pl.UInt8()))
        return {**found, OVERALL: pl.UInt8()} if sectors == SECTORS else found


@lru_cache(maxsize=4)
def question(law: Program | None = None) -> Question:
    """The part of the shipped law that the grades rest on."""
    law = safetyrules.default_program() if law is None else law
    whole, _, _ = law.asked({}, as_of=DAY, law_at=DAY, jurisdiction=PLACE)
    asked = [*(name for names in LEVELS.values() for name in names), OVERALL]
    plan = part_of(whole, frozenset(asked))
    severities = {"major": {}, "general": {}}  # type: dict[str, dict[str, tuple[Conclusion, ...]]]
    for sector in SECTORS:
        listed = [each for each in plan.findings[sector] if each.key in plan.by_key]
        for severity, by_sector in severities.items():
            by_sector[sector] = tuple(each for each in listed if each.severity == severity)
    levels = {name: plan.by_key["enterprise", name] for name in asked}
    assert all(isinstance(each.type, ChoiceType) for each in levels.values())
    return Question(plan, severities["major"], severities["general"], levels)
