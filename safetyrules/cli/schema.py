"""``safetyrules schema``: the JSON Schemas of what goes in and what comes out."""

from __future__ import annotations

from typing import Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import print_json
from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.text import same


def schema(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]", help="facts, facts/KIND, ruleset/v1, tests/v1 or another document, such as assessment/v1."
        ),
    ] = "facts",
    rules: o.RULES = None,
) -> int:
    """Print a JSON Schema: of the facts of the subject or another kind, or of a document that is read or printed."""
    from safetyrules.documents import MODELS, json_schema
    from safetyrules.language.document_schemas import NAMES
    from safetyrules.language.document_schemas import json_schema as of_documents
    from safetyrules.testing.schemas import SCHEMAS

    if name in MODELS:
        print_json(json_schema(name))
        return 0
    if name in NAMES:
        print_json(of_documents(name))
        return 0
    if name in SCHEMAS:
        print_json(SCHEMAS[name]())
        return 0
    from safetyrules.plugins import load_with_paths

    program = load_with_paths(rules or ())
    kinds = {f"facts/{kind}": kind for kind in program.schema.kinds}
    root = next(iter(program.schema.roots), "")
    kinds["facts"] = root
    if name not in kinds:
        known = ["facts", *MODELS, *NAMES, *SCHEMAS, *(key for key in kinds if key != "facts")]
        raise RequestError(
            [
                diagnostic(
                    "SR4006", name=name, found=name, expected=same(" / ".join(known)), fix=did_you_mean(name, known)
                )
            ]
        )
    print_json(program.models.json_schema(kinds[name]))
    return 0
