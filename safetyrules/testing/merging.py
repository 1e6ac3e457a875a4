"""Facts put together: what a case says over what its fixtures say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from safetyrules.text import Text

#: Keys of the forms in which one value is given (language reference, section 6): such a mapping is replaced as a whole.
_FORMS = frozenset({
    "at_least", "at_most", "between", "one_of", "unknown", "not_applicable", "value", "items", "more", "complete_since",
})  # fmt: skip
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]+)\]")
Step = str | int


class NoSuchFactError(Exception):
    """A path that leads nowhere, with the reason."""

    def __init__(self, path: str, reason: Text) -> None:
        super().__init__(path)
        self.path = path
        self.reason = reason


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with what ``over`` says: sections are merged, all else is replaced."""
    found = dict(base)
    for key, value in over.items():
        under = found.get(key)
        both = isinstance(under, dict) and isinstance(value, dict)
        found[key] = merged(under, value) if both and not (_FORMS & {*under, *value}) else value  # type: ignore[misc, arg-type]
    return found


def steps_of(path: str) -> list[Step]:
    """The steps of a path such as ``dust.collectors[0].system``. Raises NoSuchFactError."""
    steps: list[Step] = [int(index) if index else name for name, index in _STEP.findall(path)]
    if "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps) != f".{path}":
        raise NoSuchFactError(path, Text("路径写法不对", "this is not a path"))
    return steps


def with_value(facts: Any, path: str, value: Any) -> Any:
    """The facts with a value at a path; one step beyond the end of a list is a new member."""
    return _with(facts, steps_of(path), value, path)


def _with(inside: Any, steps: list[Step], value: Any, path: str) -> Any:
    if not steps:
        return value
    step, *rest = steps
    if isinstance(step, int):
        if isinstance(inside, dict) and "items" in inside:
            return {**inside, "items": _with(inside["items"], steps, value, path)}
        members = [] if inside is None else inside
        if not isinstance(members, list) or step > len(members):
            raise NoSuchFactError(path, Text(f"列表中没有第 {step} 个成员", f"the list has no member {step}"))
        member = members[step] if step < len(members) else None
        return [*members[:step], _with(member, rest, value, path), *members[step + 1 :]]
    if inside is not None and not isinstance(inside, dict):
        raise NoSuchFactError(path, Text(f"“{step}”之前不是映射", f"what stands before '{step}' is no mapping"))
    within = inside or {}
    return {**within, step: _with(within.get(step), rest, value, path)}


def without(facts: Any, path: str) -> Any:
    """The facts without what stands at a path. Raises NoSuchFactError where nothing does."""
    return _without(facts, steps_of(path), path)


def _without(inside: Any, steps: list[Step], path: str) -> Any:
    step, *rest = steps
    if isinstance(step, int):
        if isinstance(inside, dict) and "items" in inside:
            return {**inside, "items": _without(inside["items"], steps, path)}
        if not isinstance(inside, list) or step >= len(inside):
            raise NoSuchFactError(path, Text(f"列表中没有第 {step} 个成员", f"the list has no member {step}"))
        kept = [_without(inside[step], rest, path)] if rest else []
        return [*inside[:step], *kept, *inside[step + 1 :]]
    if not isinstance(inside, dict) or step not in inside:
        raise NoSuchFactError(path, Text("没有给出这项事实", "no such fact is given"))
    if not rest:
        return {key: value for key, value in inside.items() if key != step}
    return {**inside, step: _without(inside[step], rest, path)}
