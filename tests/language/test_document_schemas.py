"""JSON Schemas of documents: they take every good document and refuse every bad one that a schema can see."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from safetyrules.cli import main
from safetyrules.language.document_keys import DOCUMENTS
from safetyrules.language.document_schemas import NAMES, json_schema
from safetyrules.language.yaml_source import parse_yaml, to_plain

ROOT = Path(__file__).parents[2]
READ = Path(__file__).parent / "read"
VALIDATOR = jsonschema.Draft7Validator(json_schema("document/v1"))
GOOD = sorted([
    *(each for folder in ("rulesets", "plugins") for each in (ROOT / folder).rglob("*.yaml")
      if not each.name.endswith(".test.yaml")),
    *(READ / "good").glob("*.yaml"),
])  # fmt: skip
#: What is wrong with these is in an expression, in a CSV file, in how much there is, or in the quotes.
UNSEEN = {
    "cells_reversed", "csv_empty", "csv_encoding", "csv_header", "csv_header_twice", "csv_header_unnamed",
    "csv_invisible", "csv_missing", "csv_quotes", "csv_row_length", "date_in_expression", "expression_positions",
    "full_width_cell", "limit_bytes", "limit_nodes", "shape_quoted_date",
}  # fmt: skip


def data_of(path: Path) -> Any:
    """The document as JSON data, as an editor sees it; None where it is no YAML that we read."""
    parsed = parse_yaml(path.read_bytes(), path.name)
    return None if parsed.root is None or parsed.problems else as_json(to_plain(parsed.root))


def as_json(value: Any) -> Any:
    match value:
        case dict():
            return {key: as_json(each) for key, each in value.items()}
        case list():
            return [as_json(each) for each in value]
        case Decimal():
            return float(value)
        case date():
            return value.isoformat()
    return value


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_good_documents_are_valid(path: Path) -> None:
    VALIDATOR.validate(data_of(path))


def test_bad_documents_are_refused_but_for_what_no_schema_sees() -> None:
    readable = {path.stem: data_of(path) for path in (READ / "bad").glob("*.yaml")}
    taken = {name for name, data in readable.items() if data is not None and VALIDATOR.is_valid(data)}
    assert taken == UNSEEN
    assert sum(data is not None for data in readable.values()) > 2 * len(UNSEEN)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_is_a_schema_and_is_printed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$id"] == f"urn:safetyrules:{name}"


def test_every_key_is_described_in_both_languages() -> None:
    for name, definition in json_schema("document/v1")["definitions"].items():
        for key, its in definition["properties"].items():
            assert " / " in its["description"], f"{name} {key}"


def test_the_schema_of_one_kind_refuses_the_others() -> None:
    for name, first in NAMES.items():
        if first is None:
            continue
        validator = jsonschema.Draft7Validator(json_schema(name))
        for path in (READ / "good").glob("*.yaml"):
            data = data_of(path)
            assert validator.is_valid(data) is (next(iter(data)) == first), (name, path.name)
    assert set(NAMES.values()) == {*DOCUMENTS, None}
