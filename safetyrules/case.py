"""Case files: one subject's facts with what is asked of them, as YAML or JSON, with places for messages.

A case file has ``facts:`` and, beside it, ``as_of``, ``law_at``, ``jurisdiction``, ``subject``, ``closed``,
``sectors``, ``treat_unknown_as`` and ``case:`` (what it is about). A file without ``facts:`` is the facts themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from safetyrules.diagnostics import Diagnostic, FactsError, RequestError, Span, diagnostic, did_you_mean
from safetyrules.language.json_source import parse_json
from safetyrules.language.yaml_source import (
    MappingNode,
    Node,
    ParsedYaml,
    ScalarNode,
    SequenceNode,
    parse_yaml,
    to_plain,
)
from safetyrules.text import Text, same

Format = Literal["yaml", "json"]
OPTIONS = ("as_of", "law_at", "jurisdiction", "subject", "closed", "sectors", "treat_unknown_as")
KEYS = ("case", "facts", *OPTIONS)
_LISTS = ("closed", "sectors")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+)\]")
_LOOKS_LIKE_JSON = re.compile(r"\s*(\{\s*[\"}]|\[)")


@dataclass(frozen=True)
class Case:
    """The facts of one subject as plain data, the options that came with them, and what was set from outside."""

    source: str
    facts: dict[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    title: Text | None = None
    node: MappingNode | None = None
    changes: tuple[str, ...] = ()

    def located(self, problem: Diagnostic, subject: str) -> Diagnostic:
        """The same problem of a fact, with its place in the file."""
        if problem.span is not None or problem.path is None or self.node is None:
            return problem
        if any(problem.path.startswith(f"{subject}.{change.partition('=')[0]}") for change in self.changes):
            return problem
        return replace(problem, span=_span(self.node, problem.path.removeprefix(subject), problem.code == "SR1001"))


def read_case(content: str | bytes, source: str, form: Format | None = None) -> Case:
    """The case in ``content``. Raises FactsError with every problem and its place."""
    if form is None:
        form = "json" if source.endswith(".json") or _is_json(content) else "yaml"
    parsed: ParsedYaml = (parse_json if form == "json" else parse_yaml)(content, source)
    if parsed.root is None or parsed.problems:
        raise FactsError(parsed.problems)
    root = parsed.root
    if not isinstance(root, MappingNode):
        reason = Text("应为映射 {事实: 值, …}", "a mapping {fact: value, …} is needed")
        raise FactsError([diagnostic("SR4002", root.span, reason=reason)])
    keys = {key.text: value for key, value in root.entries}
    if "facts" not in keys and "case" not in keys:
        return Case(source, _mapping(root), node=root)
    return _case(root, keys, source)


def _is_json(content: str | bytes) -> bool:
    start = content[:200].decode("utf-8", "replace") if isinstance(content, bytes) else content[:200]
    return _LOOKS_LIKE_JSON.match(start.removeprefix("\ufeff")) is not None


def _case(root: MappingNode, keys: Mapping[str, Node], source: str) -> Case:
    problems = [
        diagnostic(
            "SR4002", key.span, found=key.text, fix=did_you_mean(key.text, KEYS), expected=same(" / ".join(KEYS)),
            reason=Text(f"没有键“{key.text[:60]}”", f"it has no key '{key.text[:60]}'"),
        )
        for key, _ in root.entries if key.text not in KEYS
    ]  # fmt: skip
    facts = keys.get("facts")
    if not isinstance(facts, MappingNode):
        span = facts.span if facts is not None else root.span
        reason = Text("facts 应为映射 {事实: 值, …}", "facts: must be a mapping {fact: value, …}")
        problems.append(diagnostic("SR4002", span, reason=reason))
    options: dict[str, Any] = {}
    for name in OPTIONS:
        if name in keys:
            options[name] = _option(name, keys[name], problems)
    if problems:
        raise FactsError(problems)
    assert isinstance(facts, MappingNode)
    given = {name: value for name, value in options.items() if value is not None}
    return Case(source, _mapping(facts), given, _title(keys.get("case")), facts)


def _option(name: str, node: Node, problems: list[Diagnostic]) -> Any:
    value = to_plain(node)
    if value is None:
        return None
    if name in _LISTS:
        fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
    elif name in ("as_of", "law_at"):
        fits = hasattr(value, "isoformat") or isinstance(value, str)
    else:
        fits = isinstance(value, str)
    if not fits:
        wanted = "[…]" if name in _LISTS else "YYYY-MM-DD" if name in ("as_of", "law_at") else '"…"'
        reason = Text(f"{name} 的取值不对", f"{name} has a wrong value")
        problems.append(diagnostic("SR4002", node.span, expected=same(wanted), reason=reason))
    return value


def _title(node: Node | None) -> Text | None:
    title = {key.text: value for key, value in node.entries}.get("title") if isinstance(node, MappingNode) else None
    if isinstance(title, ScalarNode):
        return same(title.text)
    if not isinstance(title, MappingNode):
        return None
    words = {key.text: value.text for key, value in title.entries if isinstance(value, ScalarNode)}
    some = next(iter(words.values()), "")
    return Text(words.get("zh", some), words.get("en", some))


def _mapping(node: MappingNode) -> dict[str, Any]:
    plain = to_plain(node)
    assert isinstance(plain, dict)
    return plain


def _span(node: Node, path: str, at_key: bool) -> Span:
    """The place of a fact's value, or of its key; of the nearest thing around it where it is not there."""
    key: ScalarNode | None = None
    for name, index in _STEP.findall(path):
        if isinstance(node, MappingNode):
            entries = {k.text: (k, v) for k, v in node.entries}
            step = name if name in entries else "items" if index and "items" in entries else None
            if step is None:
                return node.span if key is None else key.span
            key, node = entries[step]
        if index and isinstance(node, SequenceNode):
            if int(index) >= len(node.items):
                break
            key, node = None, node.items[int(index)]
    return key.span if key is not None and (at_key or not isinstance(node, ScalarNode)) else node.span


# ---- facts set from outside -----------------------------------------------------------------------------------------


def with_changes(case: Case, changes: list[str], subject: str = "enterprise") -> Case:
    """The case with facts set by ``path=value`` texts; values are written as in YAML. Raises RequestError."""
    facts = _copied(case.facts)
    done: list[str] = []
    for change in changes:
        path, equals, words = change.partition("=")
        path = path.strip().removeprefix(f"{subject}.")
        if not equals or not path:
            raise _cannot_set(change, Text("应写作 路径=值", "write path=value"))
        parsed = parse_yaml(words if words.strip() else "null", f"--set {path}")
        if parsed.root is None or parsed.problems:
            raise RequestError(parsed.problems)
        steps = [int(index) if index else name for name, index in _STEP.findall(path)]
        if "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps) != f".{path}":
            raise _cannot_set(path, Text("路径写法不对", "this is not a path"))
        _set(facts, steps, to_plain(parsed.root), path)
        done.append(f"{path}={words.strip()}")
    return replace(case, facts=facts, changes=tuple(done))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _set(facts: dict[str, Any], steps: list[str | int], value: Any, path: str) -> None:
    inside: Any = facts
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        if isinstance(step, int):
            inside = inside["items"] if isinstance(inside, dict) and "items" in inside else inside
            if not isinstance(inside, list) or step >= len(inside):
                raise _cannot_set(
                    path,
                    Text(f"列表中没有第 {step} 个成员（从0数起）", f"the list has no member {step} (counted from 0)"),
                )
        elif not isinstance(inside, dict):
            raise _cannot_set(path, Text(f"“{step}”之前不是映射", f"what stands before '{step}' is no mapping"))
        if following is None:
            inside[step] = value
        else:
            if isinstance(inside, dict) and not isinstance(inside.get(step), dict | list):
                inside[step] = {}
            inside = inside[step]


def _cannot_set(name: str, reason: Text) -> RequestError:
    return RequestError([diagnostic("SR4005", name=name[:80], reason=reason)])
