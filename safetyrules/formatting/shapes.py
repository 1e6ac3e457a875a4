"""Which shape a file has: a document says so by its first key, a test file has the models that read it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel

from safetyrules.language.document_keys import DOCUMENTS
from safetyrules.language.document_shapes import Either, Entries, Items, Key, Shape, Value
from safetyrules.language.reading.names import NameShape
from safetyrules.language.yaml_source import MappingNode, Node
from safetyrules.testing import written as w
from safetyrules.text import Text

#: The keys of test files in the order in which a case is told: what it is, what is asked, of which facts, what comes.
TEST_KEYS = (
    "note", "rules", "defaults", "fixtures", "cases", "tables", "file", "name", "from",
    "as_of", "law_at", "jurisdiction", "subject", "sectors", "closed", "treat_unknown_as",
    "facts", "unset", "set", "expect", "notices", "refused",
    "is", "at_least", "at_most", "between", "none", "undetermined", "severity", "needs", "clauses", "rows",
    "code", "at",
)  # fmt: skip
_NOWHERE = Text("", "")
_ANY = NameShape(re.compile(".*", re.DOTALL), _NOWHERE, _NOWHERE, read_in_expressions=False)


def shape_of(root: Node) -> Value | None:
    """The shape of a document or a test file; None where it is neither."""
    if isinstance(root, MappingNode) and root.entries and root.entries[0][0].text in DOCUMENTS:
        return DOCUMENTS[root.entries[0][0].text]
    return TEST_FILE


def _shape(model: type[BaseModel], of: Mapping[str, Value] | None = None) -> Shape:
    names = {each.alias or name for name, each in model.model_fields.items()}
    keys = (Key(name, (of or {}).get(name, "literal"), _NOWHERE) for name in TEST_KEYS if name in names)
    return Shape(model.__name__, _NOWHERE, tuple(keys))


_EXPECT = Entries(_ANY, Either((_shape(w.WrittenExpectation),)))
_CASE = _shape(w.WrittenCase, {"expect": _EXPECT, "refused": Items(Either((_shape(w.WrittenRefusal),)))})
_FILE = _shape(
    w.WrittenFile,
    {
        "defaults": _shape(w.WrittenOptions),
        "fixtures": Entries(_ANY, _shape(w.WrittenFixture)),
        "cases": Items(_CASE),
        "tables": Items(_shape(w.WrittenTable)),
    },
)
TEST_FILE: Value = Either((_FILE, Items(_CASE)))
