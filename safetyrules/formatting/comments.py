"""Comments and blank lines: found in the text, and given to the entries they belong to.

An entry is one key with its value, or one item of a list, in a collection that is written as a block.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from safetyrules.language.source_text import SourceText
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode


@dataclass(frozen=True)
class Comment:
    """``column`` counts from 0; ``own_line``: nothing stands before it."""

    text: str
    start: int
    line: int
    column: int
    own_line: bool


@dataclass
class Entry:
    """``column`` is that of the key or the dash. ``leading`` are the lines before it, "" for a blank one."""

    node: Node
    start: int
    line: int
    column: int
    own: list[Comment] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    leading: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A collection whose entries have comments of their own."""

    node: MappingNode | SequenceNode
    flow: bool
    start: int
    end: int
    entries: list[Entry] = field(default_factory=list)
    own: list[Comment] = field(default_factory=list)
    trailing: list[str] = field(default_factory=list)


class Layout:
    """How a text is laid out: which collections are blocks, and the comments and blank lines of their entries."""

    def __init__(self, root: Node, source: SourceText) -> None:
        self.source = source
        self.comments = tuple(_comments(root, source))
        self._blocks: dict[int, Block] = {}
        self._all: list[Block] = []
        self._collect(root)
        self._attach()

    def flow(self, node: MappingNode | SequenceNode) -> bool:
        """Is it written in brackets?"""
        return self.source.text[self._offset(node)] in "[{"

    def block(self, node: MappingNode | SequenceNode) -> Block | None:
        """The collection, where it is a block or must become one because comments stand inside its brackets."""
        return self._blocks.get(id(node))

    def _offset(self, node: MappingNode | SequenceNode) -> int:
        return self.source.line_starts[node.span.line - 1] + node.span.column - 1

    def _collect(self, root: Node) -> None:
        pending: list[Node] = [root]
        while pending:
            node = pending.pop()
            if isinstance(node, ScalarNode):
                continue
            start = self._offset(node)
            end = self.source.line_starts[node.span.end_line - 1] + node.span.end_column - 1
            flow = self.flow(node)
            if not flow or any(start < comment.start < end for comment in self.comments):
                block = Block(node, flow, start, end)
                self._blocks[id(node)] = block
                self._all.append(block)
                block.entries = list(self._entries(node, flow))
            pending.extend(node.items if isinstance(node, SequenceNode) else (value for _, value in node.entries))

    def _entries(self, node: MappingNode | SequenceNode, flow: bool) -> Iterator[Entry]:
        if isinstance(node, MappingNode):
            for key, value in node.entries:
                yield Entry(value, key.start, key.span.line, key.span.column - 1)
            return
        for item in node.items:
            start = item.start if isinstance(item, ScalarNode) else self._offset(item)
            at = start if flow else self._dash(start)
            line = bisect_right(self.source.line_starts, at)
            yield Entry(item, at, line, at - self.source.line_starts[line - 1])

    def _dash(self, start: int) -> int:
        """The dash before an item."""
        at = self.source.text.rindex("-", 0, start)
        while (comment := next((c for c in self.comments if c.start < at < c.start + len(c.text)), None)) is not None:
            at = self.source.text.rindex("-", 0, comment.start)
        return at

    def _attach(self) -> None:
        # Of entries that start together the outermost stands first: `sorted` is stable and blocks are found outside in.
        entries = sorted((entry for block in self._all for entry in block.entries), key=lambda entry: entry.start)
        owner = {id(entry): block for block in self._all for entry in block.entries}
        for comment in self.comments:
            after = next((entry for entry in entries if entry.start > comment.start), None)
            before = [entry for entry in entries if entry.start <= comment.start]
            inside = [block for block in self._all if block.flow and block.start < comment.start < block.end]
            if not comment.own_line and before:
                before[-1].behind.append(comment.text)
            elif inside:
                last = inside[-1]
                if after is not None and after.start < last.end:
                    after.own.append(comment)
                else:
                    last.own.append(comment)
            elif after is not None and comment.column <= after.column:
                after.own.append(comment)
            else:
                last_start = before[-1].start if before else -1
                open_ = [
                    block for block in self._all
                    if not block.flow and block.start <= last_start <= block.end
                    and block.entries[0].column <= comment.column
                ]  # fmt: skip
                block = max(open_, key=lambda each: (each.entries[0].column, -each.start), default=None)
                if block is None or (after is not None and block is owner[id(after)]):
                    (after or self._all[0]).own.append(comment)
                else:
                    block.own.append(comment)
        for entry in entries:
            entry.leading = [*self._lines(entry.own), *([""] if self._blank(entry.line - 1) else [])]
        for block in self._all:
            block.trailing = self._lines(block.own)

    def _lines(self, comments: list[Comment]) -> list[str]:
        lines: list[str] = []
        for comment in comments:
            if self._blank(comment.line - 1):
                lines.append("")
            lines.append(comment.text)
        return lines

    def _blank(self, line: int) -> bool:
        """Is this line, from 1, there and empty?"""
        if line < 1:
            return False
        starts = self.source.line_starts
        end = starts[line] if line < len(starts) else len(self.source.text)
        return not self.source.text[starts[line - 1] : end].strip()


def _comments(root: Node, source: SourceText) -> Iterator[Comment]:
    """Every comment, in the order of the text: a # at the start or after a space, outside scalars."""
    text = source.text
    at = 0
    for start, end in [*sorted(_scalars(root, text)), (len(text), len(text))]:
        while (found := text.find("#", at, start)) >= 0:
            if found and text[found - 1] not in " \t\r\n":
                at = found + 1
                continue
            line_start, line = source.line_at(found)
            at = line_start + len(line)
            before = text[line_start:found]
            number = bisect_right(source.line_starts, found)
            yield Comment(text[found:at].rstrip(), found, number, found - line_start, not before.strip())
        at = max(at, end)


def _scalars(root: Node, text: str) -> Iterator[tuple[int, int]]:
    """The stretches of scalars; of a block scalar without the line of its header, which may have a comment."""
    pending: list[Node] = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, ScalarNode):
            start = node.start
            if node.style in ("literal", "folded"):
                start = min(node.end, text.find("\n", start) + 1 or node.end)
            yield start, node.end
        elif isinstance(node, SequenceNode):
            pending.extend(node.items)
        else:
            for key, value in node.entries:
                pending.extend((key, value))
