"""Reading documents: YAML text to the document form, with every problem of a document reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import NamedTuple

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, did_you_mean, shorten
from safetyrules.language.document import Document
from safetyrules.language.reading.facts import read_facts
from safetyrules.language.reading.instruments import read_instruments
from safetyrules.language.reading.lookup_tables import read_table
from safetyrules.language.reading.rulesets import read_ruleset
from safetyrules.language.reading.shapes import LONGEST_ECHO, OpenFile, Reading, TooManyProblemsError, describe
from safetyrules.language.yaml_source import LIMITS, Limits, MappingNode, Node, parse_yaml
from safetyrules.text import Text

_KINDS: dict[str, Callable[[Reading, MappingNode], Document]] = {
    "facts": read_facts,
    "ruleset": read_ruleset,
    "instruments": read_instruments,
    "table": read_table,
}


class Source(NamedTuple):
    """One document to read: its name in messages, its content, and how files beside it are opened."""

    name: str
    content: str | bytes
    open_file: OpenFile | None = None


def read_document(
    text: str | bytes, source: str, *, open_file: OpenFile | None = None, limits: Limits = LIMITS
) -> Document:
    """The document in ``text``; ``source`` names it in messages.

    ``open_file`` gives the bytes of a file beside the document, for the CSV file of a table. Raises `RulesetError` with
    every problem, in the order of the text.
    """
    parsed = parse_yaml(text, source, limits)
    problems = list(parsed.problems)
    document: Document | None = None
    if parsed.root is not None and parsed.readable:
        reading = Reading(source, open_file)
        with suppress(TooManyProblemsError):
            document = _read(reading, parsed.root)
        problems.extend(reading.problems)
    if problems or document is None:
        raise RulesetError(sorted(problems, key=_place))
    return document


def read_documents(sources: Iterable[Source], *, limits: Limits = LIMITS) -> tuple[Document, ...]:
    """All documents of ``sources``; raises one `RulesetError` with the problems of all of them."""
    documents: list[Document] = []
    problems: list[Diagnostic] = []
    for source in sources:
        try:
            documents.append(read_document(source.content, source.name, open_file=source.open_file, limits=limits))
        except RulesetError as error:
            problems.extend(error.diagnostics)
    if problems:
        raise RulesetError(problems)
    return tuple(documents)


def _read(reading: Reading, root: Node) -> Document | None:
    """The document, by what its first key says it is."""
    if not isinstance(root, MappingNode) or not root.entries:
        reading.report("SR0201", root.span, expected=_EXPECTED, found=describe(root).en)
        return None
    first = root.entries[0][0]
    read = _KINDS.get(first.text)
    if read is None:
        later = next((key for key, _ in root.entries if key.text in _KINDS), None)
        fix = did_you_mean(shorten(first.text, LONGEST_ECHO), _KINDS)
        if later is not None:
            fix = Text(f"把“{later.text}”移到最前面", f"move '{later.text}' to the top")
        reading.report("SR0201", first.span, found=first.text, expected=_EXPECTED, fix=fix)
        return None
    return read(reading, root)


_EXPECTED = Text("第一个键为 " + "、".join(_KINDS), "a first key of " + ", ".join(_KINDS))


def _place(problem: Diagnostic) -> tuple[bool, Span | None]:
    return (problem.span is None, problem.span)
