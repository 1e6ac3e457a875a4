"""Writing a document: keys in the order of its shapes, two spaces a level, brackets where they fit on the line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safetyrules.formatting.comments import Block, Entry, Layout
from safetyrules.formatting.scalars import key as written_key
from safetyrules.formatting.scalars import one_line, several_lines
from safetyrules.language.document_shapes import Alternatives, Either, Entries, Items, Shape, Value
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode
from safetyrules.text import Text

WIDTH = 120
INDENT = 2

_Item = tuple[str | None, Node, Value | None, Entry | None]


def write(root: Node, layout: Layout, shape: Value | None) -> str:
    """The text of ``root``, which is of ``shape``; None: data of any shape."""
    if isinstance(root, ScalarNode):
        return f"{one_line(root)}\n"
    lines = _Writer(layout).collection(root, shape, 0)
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _Writer:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def collection(self, node: MappingNode | SequenceNode, shape: Value | None, indent: int) -> Iterator[str]:
        """The lines of a block."""
        block = self.layout.block(node)
        margin = " " * indent
        for number, (key, value, its, entry) in enumerate(self._items(node, shape, block)):
            lines = list(self._entry(key, value, its, entry, indent))
            leading = self._leading(entry, key, value, its, indent)
            if isinstance(shape, Items) and isinstance(shape.of, Alternatives) and shape.of.name == "rules":
                several = len(lines) > 1 and isinstance(node, SequenceNode)
                leading = ["", *leading] if several and leading[:1] != [""] else leading
            if not number and leading[:1] == [""]:
                leading = leading[1:]
            yield from (f"{margin}{line}" if line else "" for line in leading)
            yield from lines
        if block is not None:
            yield from (f"{margin}{line}" if line else "" for line in block.trailing)

    def _items(self, node: MappingNode | SequenceNode, shape: Value | None, block: Block | None) -> list[_Item]:
        entries: Sequence[Entry | None] = block.entries if block is not None else [None] * _size(node)
        if isinstance(node, SequenceNode):
            return [(None, item, _within(shape), entry) for item, entry in zip(node.items, entries, strict=True)]
        its = _shape_of(node, shape)
        found = [
            (written_key(key), value, _value_at(its, key.text), entry, key.text)
            for (key, value), entry in zip(node.entries, entries, strict=True)
        ]
        order = [each.name for each in its.keys] if isinstance(its, Shape) else Text._fields if shape == "text" else ()
        if order:
            places = {name: place for place, name in enumerate(order)}
            found.sort(key=lambda each: places.get(each[4], len(places)))
        return [each[:4] for each in found]

    def _leading(
        self, entry: Entry | None, key: str | None, value: Node, shape: Value | None, indent: int
    ) -> list[str]:
        """The lines before an entry; also a comment that has no line to stand behind."""
        if entry is None:
            return []
        behind = (
            entry.behind if key is None and not self._on_one_line(value, shape, indent + INDENT) else entry.behind[1:]
        )
        return [*entry.leading, *behind]

    def _entry(
        self, key: str | None, value: Node, shape: Value | None, entry: Entry | None, indent: int
    ) -> Iterator[str]:
        margin = " " * indent
        head = f"{margin}- " if key is None else f"{margin}{key}:"
        behind = f"  {entry.behind[0]}" if entry is not None and entry.behind else ""
        gap = "" if key is None else " "
        if isinstance(value, ScalarNode):
            lines = several_lines(value, indent + INDENT)
            if lines is None:
                yield f"{head}{gap}{one_line(value, expression=_is_expression(shape))}{behind}"
            elif value.style in ("literal", "folded"):
                yield f"{head}{gap}{lines[0]}{behind}"
                yield from lines[1:]
            else:
                yield f"{head}{gap}{lines[0]}"
                yield from lines[1:-1]
                yield f"{lines[-1]}{behind}"
            return
        flat = self._flat(value, shape, len(head) + len(gap))
        if flat is not None:
            yield f"{head}{gap}{flat}{behind}"
        elif key is not None:
            yield f"{head}{behind}"
            yield from self.collection(value, shape, indent + INDENT)
        else:
            lines = list(self.collection(value, shape, indent + INDENT))
            first = next(at for at, line in enumerate(lines) if line and not line.lstrip().startswith("#"))
            # A comment before the first entry of an item stands above its dash.
            yield from (f"{margin}{line.lstrip()}" if line else "" for line in lines[:first])
            yield f"{head}{lines[first].lstrip(' ')}"
            yield from lines[first + 1 :]

    def _on_one_line(self, value: Node, shape: Value | None, at: int) -> bool:
        return isinstance(value, ScalarNode) or self._flat(value, shape, at) is not None

    def _flat(self, node: MappingNode | SequenceNode, shape: Value | None, at: int) -> str | None:
        """In brackets, where its author wrote it so and it fits. A list or mapping of parts with keys of their
        own, such as rules, rows and parameters, is a block."""
        if self.layout.block(node) is not None or not self.layout.flow(node):
            return None
        if isinstance(shape, Items | Entries) and isinstance(shape.of, Shape | Alternatives) and _size(node):
            return None
        text = self._in_brackets(node, shape)
        return text if at + len(text) <= WIDTH else None

    def _in_brackets(self, node: Node, shape: Value | None) -> str:
        if isinstance(node, ScalarNode):
            return one_line(node, expression=_is_expression(shape))
        parts = [
            f"{key}: {self._in_brackets(value, its)}" if key is not None else self._in_brackets(value, its)
            for key, value, its, _ in self._items(node, shape, None)
        ]
        joined = ", ".join(parts)
        return f"{{{joined}}}" if isinstance(node, MappingNode) else f"[{joined}]"


def _size(node: MappingNode | SequenceNode) -> int:
    return len(node.items) if isinstance(node, SequenceNode) else len(node.entries)


def _within(shape: Value | None) -> Value | None:
    """What the items of a list are."""
    if isinstance(shape, Either):
        shape = next((each for each in shape.of if isinstance(each, Items)), None)
    return shape.of if isinstance(shape, Items) else None


def _shape_of(node: MappingNode, shape: Value | None) -> Shape | Entries | None:
    """What a mapping is, where several stand to choose."""
    if isinstance(shape, Items) and shape.alone:
        shape = shape.of
    if isinstance(shape, Either):
        given = {key.text for key, _ in node.entries}
        shapes = [each for each in shape.of if isinstance(each, Shape) and given <= {key.name for key in each.keys}]
        return shapes[0] if shapes else next((each for each in shape.of if isinstance(each, Entries)), None)
    if isinstance(shape, Alternatives):
        given = {key.text for key, _ in node.entries}
        return next((each for mark, each in shape.shapes if mark in given), shape.shapes[-1][1])
    if shape in ("outcome", "outcome or none"):
        from safetyrules.language.document_keys import OUTCOME

        return OUTCOME
    return shape if isinstance(shape, Shape | Entries) else None


def _value_at(shape: Shape | Entries | None, key: str) -> Value | None:
    if isinstance(shape, Shape):
        return next((each.of for each in shape.keys if each.name == key), None)
    return shape.of if isinstance(shape, Entries) else None


def _is_expression(shape: Value | None) -> bool:
    return shape == "expression" or (isinstance(shape, Either) and "expression" in shape.of)
