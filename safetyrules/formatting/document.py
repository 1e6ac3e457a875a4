"""One file, formatted; refused where its meaning would not be the same afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import PurePath

from safetyrules.diagnostics import RulesetError, Span, diagnostic
from safetyrules.folders import TEST_ENDING
from safetyrules.formatting.comments import Layout
from safetyrules.formatting.shapes import shape_of
from safetyrules.formatting.writing import write
from safetyrules.language.document_keys import DOCUMENTS
from safetyrules.language.read import read_document
from safetyrules.language.source_text import source_text
from safetyrules.language.yaml_source import LIMITS, MappingNode, Node, SequenceNode, parse_yaml
from safetyrules.text import Text

OpenFile = Callable[[str], bytes]


def is_ours(content: bytes, name: str) -> bool:
    """Is it a document or a test file? Other YAML is left alone."""
    if name.endswith(TEST_ENDING):
        return True
    root = parse_yaml(content, name).root
    return isinstance(root, MappingNode) and bool(root.entries) and root.entries[0][0].text in DOCUMENTS


def formatted(content: bytes, name: str, open_file: OpenFile) -> str:
    """The file in the one way in which it is written; ``open_file`` gives the files beside it that it names.

    Raises RulesetError with every problem of a file that cannot be read, or SR4211 where the result would not mean the
    same or would lose a comment.
    """
    before, meant = _read(content, name, open_file)
    source = source_text(content, name, LIMITS.bytes)
    layout = Layout(before, source)
    text = write(before, layout, shape_of(before))
    try:
        after, means = _read(text.encode(), name, open_file)
    except RulesetError as error:
        raise _refused(name, Text("它不再可读", "it could no longer be read")) from error
    if _plain(before) != _plain(after) or not same_meaning(meant, means):
        raise _refused(name, Text("内容会改变", "what it says would change"))
    comments = Layout(after, source_text(text, name, LIMITS.bytes)).comments
    if Counter(each.text for each in layout.comments) != Counter(each.text for each in comments):
        raise _refused(name, Text("会丢失注释", "a comment would be lost"))
    return text


def _read(content: bytes, name: str, open_file: OpenFile) -> tuple[Node, object]:
    """The tree, and what the file means."""
    parsed = parse_yaml(content, name)
    if parsed.root is None or parsed.problems:
        raise RulesetError(parsed.problems)
    if PurePath(name).name.endswith(TEST_ENDING):
        from safetyrules.testing.reading import read_suite

        return parsed.root, read_suite(content, name, open_file)
    return parsed.root, read_document(content, name, open_file=open_file)


def _plain(node: Node) -> object:
    """What a tree says, wherever it stands: types and texts, keys in any order."""
    if isinstance(node, MappingNode):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.items]
    return (type(node.value), node.value)


def same_meaning(one: object, two: object) -> bool:
    """Are two documents, or suites of cases, the same but for where their parts stand?"""
    pending = [(one, two)]
    while pending:
        left, right = pending.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, Span):
            continue
        if is_dataclass(left) and not isinstance(left, type):
            pending.extend((getattr(left, each.name), getattr(right, each.name)) for each in fields(left))
        elif isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pending.extend((left[key], right[key]) for key in left)
        elif isinstance(left, tuple | list) and isinstance(right, tuple | list):
            if len(left) != len(right):
                return False
            pending.extend(zip(left, right, strict=True))
        elif left != right:
            return False
    return True


def _refused(name: str, reason: Text) -> RulesetError:
    return RulesetError([diagnostic("SR4211", Span(name, 1, 1, 1, 1), name=name, reason=reason)])
