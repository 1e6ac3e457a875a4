"""Reading test files: strictly, with the place of everything that is wrong, all of it at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode, parse_yaml, to_plain
from safetyrules.testing import written as w
from safetyrules.testing.building import Building
from safetyrules.testing.checking import Loc, checked
from safetyrules.testing.model import Case, Suite
from safetyrules.text import Text

#: Gives the content of a file that a test file names, relative to it.
OpenFile = Callable[[str], bytes]


def read_suite(content: str | bytes, source: str, open_file: OpenFile | None = None) -> Suite:
    """The cases of a test file. Raises RulesetError with every problem and its place."""
    parsed = parse_yaml(content, source)
    if parsed.root is None or parsed.problems:
        raise RulesetError(parsed.problems)
    reading = _Reading(parsed.root, source, open_file)
    suite = reading.suite()
    if reading.problems:
        raise RulesetError(sorted(reading.problems, key=lambda problem: (problem.span is None, problem.span)))
    return suite


class _Reading:
    def __init__(self, root: Node, source: str, open_file: OpenFile | None) -> None:
        self.source = source
        self.open_file = open_file
        self.problems: list[Diagnostic] = []
        self.listed = isinstance(root, SequenceNode)
        self.root = root

    def suite(self) -> Suite:
        if not isinstance(self.root, MappingNode | SequenceNode):
            reason = Text("应为案例的列表，或含 cases: 的映射", "a list of cases, or a mapping with cases:, is needed")
            self.problems.append(diagnostic("SR4101", self.root.span, reason=reason))
            return Suite(self.source, ())
        plain = to_plain(self.root)
        file = self._checked(w.WrittenFile, {"cases": plain} if self.listed else plain, ())
        if file is None:
            return Suite(self.source, ())
        for number, case in enumerate(file.cases or ()):
            for key, wanted in (case.expect or {}).items():
                if isinstance(wanted, dict):
                    self._checked(w.WrittenExpectation, wanted, ("cases", number, "expect", key))
            for place, refusal in enumerate(case.refused or ()):
                if isinstance(refusal, dict):
                    self._checked(w.WrittenRefusal, refusal, ("cases", number, "refused", place))
        if self.problems:
            return Suite(self.source, ())
        building = Building(file, self.source, self.span, self.problems, self.open_file)
        cases = building.cases()
        self._unique(cases)
        rules = tuple(str(PurePosixPath(self.source).parent / each) for each in file.rules or ())
        return Suite(self.source, tuple(cases), rules)

    def _checked(self, model: type[w.Model], plain: Any, at: Loc) -> w.Model | None:
        return checked(model, plain, at, self.span, self.problems)

    def _unique(self, cases: list[Case]) -> None:
        first: dict[str, Case] = {}
        for case in cases:
            other = first.setdefault(case.name, case)
            if other is not case:
                related = [(other.span, Text("另一个在这里", "the other one is here"))]
                self.problems.append(diagnostic("SR4105", case.span, name=case.name, related=related))

    # ---- places ------------------------------------------------------------------------------------------------------

    def span(self, loc: Loc, key: bool = False) -> Span:
        """The place of what stands at a location, of its key, or of the nearest thing around it."""
        node, at = self.root, self.root.span
        for step in loc[1:] if self.listed else loc:
            if isinstance(node, MappingNode):
                entry = next(((k, v) for k, v in node.entries if k.text == step), None)
                if entry is None:
                    break
                node, at = entry[1], entry[0].span if key or not isinstance(entry[1], ScalarNode) else entry[1].span
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
                at = node.span
            else:
                break
        return at
