"""Reading documents: golden good and bad files, and what must hold for any text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safetyrules.diagnostics import RulesetError, Span
from safetyrules.diagnostics.source_codes import CODES
from safetyrules.language.document import (
    Citation,
    Document,
    FactsDocument,
    Formula,
    InstrumentsDocument,
    NoValue,
    Permission,
    Readings,
    RuleDocument,
    RulesetDocument,
    Scalar,
    TableDocument,
)
from safetyrules.language.expression import Binary, Call, LiteralValue, Name
from safetyrules.language.read import Source, read_document, read_documents
from safetyrules.language.yaml_source import LIMITS, Limits

FOLDER = Path(__file__).parent / "read"
DIAGNOSTICS = Path(__file__).parents[2] / "docs" / "diagnostics"
GOOD = sorted((FOLDER / "good").glob("*.yaml"))
BAD = sorted((FOLDER / "bad").glob("*.yaml"))


def read(path: Path) -> Document:
    """The document in ``path``; a first line ``# limits: name=number`` sets the limits it is read with."""
    content = path.read_bytes()
    limits = LIMITS
    if match := re.match(rb"# limits: (\w+)=(\d+)", content):
        limits = Limits(**{match[1].decode(): int(match[2])})
    return read_document(
        content, path.name, open_file=lambda name: (path.parent / name).read_bytes(), limits=limits
    )
