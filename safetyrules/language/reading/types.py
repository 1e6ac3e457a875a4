"""Types as written: a name, with what it is made of."""

from __future__ import annotations

from safetyrules.language.document import LevelDocument, TypeDocument, Word
from safetyrules.language.reading.names import LEVEL, TYPE_NAME
from safetyrules.language.reading.shapes import Fields, Reading, optional
from safetyrules.language.yaml_source import Node
from safetyrules.text import Text


def read_type(reading: Reading, node: Node | None, beside: Fields) -> TypeDocument:
    """The type named by ``node``, with the ``of`` and ``unit`` that stand beside it."""
    name = reading.name(node, TYPE_NAME)
    of = beside["of"]
    unit = optional(beside["unit"], lambda unit: reading.word(unit, Text("单位", "a unit")))
    if name.text == "choice":
        return TypeDocument(name, None, read_levels(reading, _required(reading, beside, name)), unit)
    if name.text in ("list", "subjects"):
        inner = _required(reading, beside, name)
        return TypeDocument(name, optional(inner, lambda inner: reading.name(inner, TYPE_NAME)), (), unit)
    if of is not None and name.text:
        reading.report("SR0209", beside.key_span("of"), key="of", other=_the_type(name))
    return TypeDocument(name, None, (), unit)


def read_levels(reading: Reading, node: Node | None) -> tuple[LevelDocument, ...]:
    """The values of a choice or the levels of a scale: name to text."""
    return tuple(
        LevelDocument(reading.key_name(key, LEVEL), reading.text(value)) for key, value in reading.entries(node)
    )


def _required(reading: Reading, beside: Fields, name: Word) -> Node | None:
    of = beside["of"]
    if of is None:
        reading.report("SR0203", name.span, place=_the_type(name), key="of")
    return of


def _the_type(name: Word) -> Text:
    return Text(f"类型 {name.text}", f"the type {name.text}")
