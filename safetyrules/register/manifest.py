"""``register.json``: what a folder of answers answers, and what is in it. Schema ``register/v1``.

`Asked` is what two runs must have in common for one to go on where the other stopped.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetyrules.register.answer_frames import PlanUse, RegisterAnswers, levels_of
from safetyrules.register.answer_schema import AnswerSchema
from safetyrules.register.answers_folder import FileRecord
from safetyrules.register.batch import Count
from safetyrules.text import Text

SCHEMA = "register/v1"


@dataclass(frozen=True)
class Asked:
    """All that the answers depend on."""

    program: str
    engine: Mapping[str, str]
    options: Mapping[str, Any]
    mapping: str | None
    input: tuple[Mapping[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "program": self.program, "engine": dict(self.engine), "options": dict(self.options),
            "mapping": self.mapping, "input": [dict(each) for each in self.input],
        }  # fmt: skip

    def differences(self, before: Mapping[str, Any]) -> list[Text]:
        """What was otherwise when an earlier run asked."""
        found: list[Text] = []
        words = {
            "program": Text("规则", "rules"), "mapping": Text("映射文件", "mapping file"),
            "engine": Text("软件版本", "versions of the software"), "input": Text("登记册", "register"),
        }  # fmt: skip
        for key, now in self.to_json().items():
            then = before.get(key)
            if then == now:
                continue
            if key != "options":
                found.append(words[key])
                continue
            others = sorted({*now, *(then or {})})
            found.extend(
                Text(f"选项 {name}", f"option {name}")
                for name in others
                if not isinstance(then, dict) or then.get(name) != now.get(name)
            )
        return found


def input_files(files: Iterable[Path]) -> tuple[Mapping[str, Any], ...]:
    """Name, size and digest of each file."""
    found = []
    for file in files:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            found.append({"name": file.name, "bytes": content.tell(), "sha256": digest})
    return tuple(found)


@dataclass(frozen=True)
class Partition:
    """What was read and answered for one partition."""

    name: str
    rows: Mapping[str, Count]
    answered: int
    exact: int
    set_aside: Mapping[str, int]
    grades: Mapping[str, Mapping[str, int]]
    plans: Mapping[str, PlanUse]
    files: Mapping[str, FileRecord]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "rows": {kind: count._asdict() for kind, count in self.rows.items()},
            "answered": self.answered,
            "decided_one_by_one": self.exact,
            "set_aside": dict(self.set_aside),
            "grades": {name: dict(levels) for name, levels in self.grades.items()},
            "plans": {
                digest: {"places": sorted(used.places), "subjects": used.subjects}
                for digest, used in sorted(self.plans.items())
            },
            "files": {name: record._asdict() for name, record in self.files.items()},
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Partition:
        return cls(
            said["name"],
            {kind: Count(**count) for kind, count in said["rows"].items()},
            said["answered"],
            said["decided_one_by_one"],
            said["set_aside"],
            said["grades"],
            {digest: PlanUse(frozenset(u["places"]), u["subjects"]) for digest, u in said["plans"].items()},
            {name: FileRecord(**record) for name, record in said["files"].items()},
        )


def partition_of(
    name: str, rows: Mapping[str, Count], frames: RegisterAnswers, schema: AnswerSchema, files: Mapping[str, FileRecord]
) -> Partition:
    grades = {grade: dict(sorted(levels_of(frames.subjects, grade).items())) for grade in schema.grades}
    return Partition(name, rows, frames.subjects.height, frames.exact, frames.set_aside(), grades, frames.plans, files)


@dataclass(frozen=True)
class Totals:
    """What a run read and answered in all. ``set_aside`` counts subjects by code; one may be in several."""

    read: int = 0
    answered: int = 0
    exact: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, Count] = field(default_factory=dict)
    grades: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    plans: Mapping[str, PlanUse] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Rows of subjects that were set aside."""
        return self.read - self.answered


def totals(root: str, partitions: Iterable[Partition]) -> Totals:
    rows: dict[str, Count] = {}
    set_aside: Counter[str] = Counter()
    grades: dict[str, Counter[str]] = {}
    plans: dict[str, PlanUse] = {}
    answered = exact = 0
    for each in partitions:
        answered += each.answered
        exact += each.exact
        set_aside.update(each.set_aside)
        for kind, count in each.rows.items():
            rows[kind] = Count(*(a + b for a, b in zip(rows.get(kind, Count(0, 0, 0)), count, strict=True)))
        for grade, levels in each.grades.items():
            grades.setdefault(grade, Counter()).update(levels)
        for digest, used in each.plans.items():
            plans[digest] = plans.get(digest, PlanUse(frozenset(), 0)) + used
    read = rows[root].read if root in rows else 0
    return Totals(read, answered, exact, dict(sorted(set_aside.items())), rows, grades, plans)


def manifest(
    asked: Asked, partitions: Iterable[Partition], total: Totals | None, summaries: Mapping[str, FileRecord]
) -> dict[str, Any]:
    """The document. ``total`` is None while the run is not finished."""
    document: dict[str, Any] = {"schema": SCHEMA, "asked": asked.to_json(), "complete": total is not None}
    if total is not None:
        document["totals"] = {
            "read": total.read,
            "answered": total.answered,
            "set_aside": total.left,
            "set_aside_by_code": dict(total.set_aside),
            "decided_one_by_one": total.exact,
            "rows": {kind: count._asdict() for kind, count in total.rows.items()},
            "grades": {name: dict(levels) for name, levels in total.grades.items()},
            "plans": {
                digest: {"places": sorted(used.places), "subjects": used.subjects}
                for digest, used in sorted(total.plans.items())
            },
        }
        document["partitions"] = [each.to_json() for each in partitions]
        document["summaries"] = {name: record._asdict() for name, record in summaries.items()}
    return document
