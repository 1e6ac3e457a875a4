"""Reading test files: strictly, with the place of everything that is wrong, all of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel, ValidationError

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic, did_you_mean
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode, parse_yaml, to_plain
from safetyrules.testing import written as w
from safetyrules.testing.building import Building
from safetyrules.testing.model import Case, Suite
from safetyrules.text import Text, same

#: Gives the content of a file that a test file names, relative to it.
OpenFile = Callable[[str], bytes]
Loc = tuple[str | int, ...]

_SHAPES = {
    "dict_type": Text("应为映射 {键: 值, …}", "a mapping {key: value, …} is needed"),
    "model_type": Text("应为映射 {键: 值, …}", "a mapping {key: value, …} is needed"),
    "list_type": Text("应为列表 [ … ]", "a list [ … ] is needed"),
    "string_type": Text("应为文字；数字和 true/false 要加引号", "text is needed; quote numbers and true or false"),
    "string_too_short": Text("不能为空", "it must not be empty"),
    "bool_type": Text("应为 true 或 false", "true or false is needed"),
    "too_short": Text("成员太少", "the list has too few members"),
    "too_long": Text("成员太多", "the list has too many members"),
}


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
        file = self._model(w.WrittenFile, {"cases": plain} if self.listed else plain, ())
        if file is None:
            return Suite(self.source, ())
        for number, case in enumerate(file.cases or ()):
            for key, wanted in (case.expect or {}).items():
                if isinstance(wanted, dict):
                    self._model(w.WrittenExpectation, wanted, ("cases", number, "expect", key))
            for place, refusal in enumerate(case.refused or ()):
                if isinstance(refusal, dict):
                    self._model(w.WrittenRefusal, refusal, ("cases", number, "refused", place))
        if self.problems:
            return Suite(self.source, ())
        building = Building(file, self.source, self.span, self.problems, self.open_file)
        cases = building.cases()
        self._unique(cases)
        rules = tuple(str(PurePosixPath(self.source).parent / each) for each in file.rules or ())
        return Suite(self.source, tuple(cases), rules)

    def _unique(self, cases: list[Case]) -> None:
        first: dict[str, Case] = {}
        for case in cases:
            other = first.setdefault(case.name, case)
            if other is not case:
                related = [(other.span, Text("另一个在这里", "the other one is here"))]
                self.problems.append(diagnostic("SR4105", case.span, name=case.name, related=related))

    # ---- models ------------------------------------------------------------------------------------------------------

    def _model(self, model: type[w.Model], plain: Any, at: Loc) -> w.Model | None:
        try:
            return model.model_validate(plain)
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                self.problems.append(self._problem(model, problem, at))
            return None

    def _problem(self, model: type[BaseModel], problem: Any, at: Loc) -> Diagnostic:
        loc: Loc = (*at, *problem["loc"])
        kind = problem["type"]
        if kind == "extra_forbidden":
            key = str(loc[-1])
            keys = _keys(model, problem["loc"][:-1])
            expected = same(" / ".join(keys))
            fix = did_you_mean(key, keys)
            return diagnostic("SR4102", self.span(loc, key=True), name=key, found=key, expected=expected, fix=fix)
        if kind == "missing":
            reason = Text(f"缺少“{loc[-1]}”", f"'{loc[-1]}' is missing")
            return diagnostic("SR4101", self.span(loc[:-1]), reason=reason)
        wanted = _wanted(problem)
        words = _SHAPES.get(kind) or Text(f"“{loc[-1]}”的取值不对", f"'{loc[-1]}' has a wrong value")
        return diagnostic("SR4101", self.span(loc), reason=words, found=_shown(problem.get("input")), expected=wanted)

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


def _wanted(problem: Mapping[str, Any]) -> Text | None:
    context = problem.get("ctx", {})
    error = context.get("error")
    if isinstance(error, ValueError):
        return same(str(error) if "Invalid isoformat" not in str(error) else "YYYY-MM-DD")
    expected = context.get("expected")
    return same(str(expected).replace(" or ", " / ").replace("'", "")) if expected is not None else None


def _shown(raw: object) -> str | None:
    return None if raw is None else str(raw)[:80]


def _keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that may stand at a place."""
    inside: Any = model
    for step in loc:
        if isinstance(step, int):
            continue
        field = next((f for n, f in inside.model_fields.items() if step in (n, f.alias)), None)
        found = _model_in(field.annotation) if field is not None else None
        inside = found or inside
    return [str(field.alias or name) for name, field in inside.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    pending = [annotation]
    while pending:
        each = pending.pop()
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
        pending.extend(getattr(each, "__args__", ()))
    return None
