"""Is something written in a test file of the shape that it must have? What is not is said with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from safetyrules.diagnostics import Diagnostic, Span, diagnostic, did_you_mean
from safetyrules.testing.written import Model
from safetyrules.text import Text, same

#: The keys and numbers that lead to something in a file.
Loc = tuple[str | int, ...]


class SpanOf(Protocol):
    """The place of what stands at a location, or of its key."""

    def __call__(self, loc: Loc, key: bool = False) -> Span: ...


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


def checked(model: type[Model], plain: Any, at: Loc, span: SpanOf, problems: list[Diagnostic]) -> Model | None:
    """What stands at a location as ``model`` reads it; None where it cannot, for the reasons added to ``problems``."""
    try:
        return model.model_validate(plain)
    except ValidationError as error:
        problems.extend(_problem(model, each, at, span) for each in error.errors(include_url=False))
        return None


def _problem(model: type[BaseModel], problem: Any, at: Loc, span: SpanOf) -> Diagnostic:
    loc: Loc = (*at, *problem["loc"])
    kind = problem["type"]
    if kind == "extra_forbidden":
        key = str(loc[-1])
        keys = _keys(model, problem["loc"][:-1])
        expected = same(" / ".join(keys))
        fix = did_you_mean(key, keys)
        return diagnostic("SR4102", span(loc, key=True), name=key, found=key, expected=expected, fix=fix)
    if kind == "missing":
        reason = Text(f"缺少“{loc[-1]}”", f"'{loc[-1]}' is missing")
        return diagnostic("SR4101", span(loc[:-1]), reason=reason)
    wanted = _wanted(problem)
    found = _shown(problem.get("input"))
    fix = did_you_mean(found, wanted.en.split(" / ")) if kind == "literal_error" and found and wanted else None
    words = _SHAPES.get(kind) or Text(f"“{loc[-1]}”的取值不对", f"'{loc[-1]}' has a wrong value")
    return diagnostic("SR4101", span(loc), reason=words, found=found, expected=wanted, fix=fix)


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
