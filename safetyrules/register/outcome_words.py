"""Every outcome of every entity in a few whole numbers: a table of words for each kind, and the codebook to read them.

The bits of an entity are numbered over its words: bit *b* is bit ``b % 64`` of word ``b // 64``. A conclusion has a bit
for each thing that may still be so; where its bits are all zero, the plan of the subject's place does not conclude it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import MOST_LEVELS, Code, Form, Levels, Number, Truth
from safetyrules.engine.columnar.tabulate import AT, SUBJECT, names
from safetyrules.facts.schema import BooleanType, ChoiceType, ScalarType
from safetyrules.language.order import Conclusion
from safetyrules.register.answer_schema import AnswerSchema
from safetyrules.register.answering import Answers
from safetyrules.register.tables_of_answers import KEY, path_of

WORD = 64
PART = "part"


@dataclass(frozen=True)
class Field:
    """The bits of one conclusion: ``meanings`` says what each stands for, from ``bit`` on."""

    bit: int
    meanings: tuple[str, ...]


@dataclass(frozen=True)
class Codebook:
    """Where the conclusions of each kind of entity are, by kind and name."""

    kinds: Mapping[str, Mapping[str, Field]]

    def words(self, kind: str) -> int:
        last = max((field.bit + len(field.meanings) for field in self.kinds[kind].values()), default=0)
        return -(-last // WORD)

    def columns(self, kind: str) -> dict[str, Any]:
        words = {f"word_{number}": pl.UInt64() for number in range(self.words(kind))}
        return {KEY: pl.String(), PART: pl.String(), **words}

    def to_json(self) -> dict[str, Any]:
        return {
            kind: {
                "words": self.words(kind),
                "conclusions": {name: {"bit": f.bit, "meanings": list(f.meanings)} for name, f in fields.items()},
            }
            for kind, fields in self.kinds.items()
        }

    def read(self, kind: str, words: Sequence[int]) -> dict[str, tuple[str, ...]]:
        """What may still be so of each conclusion of one entity."""
        bits = sum(word << (WORD * number) for number, word in enumerate(words))
        return {
            name: tuple(each for place, each in enumerate(field.meanings, start=field.bit) if bits >> place & 1)
            for name, field in self.kinds[kind].items()
        }


def codebook(schema: AnswerSchema) -> Codebook:
    kinds: dict[str, dict[str, Field]] = {}
    for kind, conclusions in schema.conclusions.items():
        bit = 0
        kinds[kind] = {}
        for name, conclusion in conclusions.items():
            field = kinds[kind][name] = Field(bit, meanings(conclusion.type))
            bit += len(field.meanings)
    return Codebook({kind: fields for kind, fields in kinds.items() if fields})


def meanings(of: ScalarType) -> tuple[str, ...]:
    """What the bits of a conclusion of a type stand for. Of numbers, dates and texts: one value known, some value
    possible, no value possible."""
    if isinstance(of, BooleanType):
        return ("true", "false", "none")
    if isinstance(of, ChoiceType) and len(of.members) <= MOST_LEVELS:
        return (*of.members, "none")
    return ("known", "some", "none")


def outcome_words(answers: Answers, keys: pl.Series, book: Codebook) -> dict[str, pl.DataFrame]:
    """By kind: a row for each entity, by subject and part."""
    found = answers.tabulated
    tables: dict[str, pl.DataFrame] = {}
    for kind, fields in book.kinds.items():
        frame = found.frames.get(kind)
        if frame is None:
            tables[kind] = pl.DataFrame(schema=book.columns(kind))
            continue
        residual = pl.col(RESIDUAL) if RESIDUAL in frame.columns else pl.lit(False)
        placed: list[tuple[int, pl.Expr]] = []
        for conclusion in answers.plan.conclusions:
            if conclusion.on == kind:
                bits = _bits(conclusion, found.forms[conclusion.key], residual)
                placed.extend(enumerate(bits, start=fields[conclusion.name].bit))
        words = [
            _word([(place % WORD, bit) for place, bit in placed if place // WORD == number]).alias(f"word_{number}")
            for number in range(book.words(kind))
        ]
        places = [name for name in frame.columns if name.startswith(AT)]
        rows = frame.select(SUBJECT, path_of(answers.plan.schema, kind, places).alias(PART), *words)
        rows = rows.with_columns(keys.gather(answers.rows.gather(rows[SUBJECT])).alias(KEY))
        tables[kind] = rows.select(list(book.columns(kind)))
    return tables


def _word(placed: Iterable[tuple[int, pl.Expr]]) -> pl.Expr:
    zero = pl.lit(0, dtype=pl.UInt64)
    return pl.sum_horizontal(
        zero, *(pl.when(bit).then(pl.lit(1 << place, dtype=pl.UInt64)).otherwise(zero) for place, bit in placed)
    )


def _bits(conclusion: Conclusion, form: Form, residual: pl.Expr) -> list[pl.Expr]:
    cells = [pl.col(column) for column in names(conclusion.name, form)]
    # What stands for parts that may not exist may also have no value.
    none = cells[3 if isinstance(form, Code) else -1] | residual
    match form:
        case Truth() | Levels():
            return [*cells[:-1], none]
        case Number():
            low, high, _ = cells
            return [(low == high) & ~none, low <= high, none]
        case Code():
            _, known, some = cells[:3]
            return [known & some & ~none, some, none]
