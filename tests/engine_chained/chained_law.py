"""Small law written for these tests."""

from __future__ import annotations

from typing import Any

from conformance_suite import written

from safetyrules import load_program
from safetyrules.program import Program


def program(facts: dict[str, Any], rules: list[dict[str, Any]], **kinds: Any) -> Program:
    """Law over an enterprise with ``facts`` and parts of ``kinds``."""
    declared = {"enterprise": {"root": True, "facts": facts}, **{name: {"facts": of} for name, of in kinds.items()}}
    documents = [{"facts": "base", "kinds": declared}, {"ruleset": "base", "rules": rules}]
    made = written(documents, "small")
    return load_program(made.documents, open_file=lambda source, name: made.files[name].encode())
