"""What facts known in part may turn out to be: their completions, by boundary values, short lists and every choice."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from random import Random
from typing import Any

from agreement_expressions import COLOURS, DAYS, MATERIALS, TEXTS, KindScene, Named
from agreement_facts import CONCLUDED

from safetyrules.facts.scalars import anything, read_scalar
from safetyrules.facts.schema import Kind, PartsType, Schema, ValuesType
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

Step = str | int
Path = tuple[Step, ...]
NOT_APPLICABLE = {"not_applicable": True}


@dataclass(frozen=True)
class Leaf:
    """A place in the facts that is not known, and what may stand there."""

    path: Path
    options: tuple[Any, ...]


def leaves(schema: Schema, kinds: dict[str, KindScene], facts: dict[str, Any]) -> list[Leaf]:
    return list(_leaves(schema, kinds, "enterprise", facts, ()))


def _leaves(
    schema: Schema, kinds: dict[str, KindScene], kind: str, facts: dict[str, Any], above: Path
) -> Iterator[Leaf]:
    declared = schema.kinds[kind]
    for named in kinds[kind].named:
        if named.name.rstrip("0123456789") in CONCLUDED or named.name == "decision":
            continue  # a decision counts where it is recorded: knowing of it is not learning of a fact
        options = _options(declared, named, _at(facts, named.name))
        if len(options) > 1:
            yield Leaf((*above, *named.name.split(".")), options)
    for listed in kinds[kind].lists:
        raw = _at(facts, listed.name)
        path: Path = (*above, *listed.name.split("."))
        items = raw.get("items", []) if isinstance(raw, dict) else raw or []
        is_open = raw is None or (isinstance(raw, dict) and raw.get("more", False))
        type_ = declared.facts[listed.name].type
        if is_open and isinstance(type_, PartsType):
            yield Leaf(
                path,
                (items, [*items, _whole(schema, kinds, type_.kind, 0)], [*items, _whole(schema, kinds, type_.kind, 1)]),
            )
        elif is_open and isinstance(type_, ValuesType):
            assert listed.item is not None
            yield Leaf(path, (items, *([*items, each] for each in _values(listed.item)[-3:])))
        elif listed.kind is not None:
            inside = (*path, "items") if isinstance(raw, dict) else path
            for number, item in enumerate(items):
                yield from _leaves(schema, kinds, listed.kind, item, (*inside, number))


def _whole(schema: Schema, kinds: dict[str, KindScene], kind: str, which: int) -> dict[str, Any]:
    """A part of which everything is known."""
    facts: dict[str, Any] = {listed.name: [] for listed in kinds[kind].lists}
    for named in kinds[kind].named:
        if named.name.rstrip("0123456789") not in CONCLUDED:
            options = _options(schema.kinds[kind], named, None)
            facts[named.name] = options[which * (len(options) - 1)]
    return facts


def _at(facts: Any, name: str) -> Any:
    for step in name.split("."):
        facts = facts.get(step) if isinstance(facts, dict) else None
    return facts


def _values(named: Named) -> tuple[Any, ...]:
    match named.type:
        case "boolean":
            return (False, True)
        case "date":
            return DAYS
        case "text":
            return TEXTS
        case "material":
            return MATERIALS
        case "colour":
            return COLOURS
    if named.type == "integer":
        return (-2, -1, 0, 1, 2, 3, 5, 10)
    return (-2, 0, Fraction(1, 10), 1, 2, Fraction(5, 2), 3, 10)


def _options(kind: Kind, named: Named, raw: Any) -> tuple[Any, ...]:
    type_ = kind.facts[named.name].type
    assert not isinstance(type_, PartsType | ValuesType)
    given = read_scalar(type_, named.maybe, raw)
    possible = anything(type_, named.maybe) if given is None else given.value
    found = []
    for value in _values(named):
        exact = Fraction(value) if named.type in ("number", "integer") else value
        read = anything(type_)
        try:
            point = read_scalar(type_, False, exact)
        except ValueError:
            continue
        assert point is not None
        read = point.value
        if contains(possible, read):
            found.append(exact)
    if contains(
        possible, Interval(None, None, True, True) if isinstance(possible, Interval) else Finite(frozenset({NOTHING}))
    ):
        found.append(NOT_APPLICABLE)
    return tuple(found)


def contains(wide: Scalar, narrow: Scalar) -> bool:
    """Is everything still possible in ``narrow`` possible in ``wide``?"""
    if isinstance(wide, Interval):
        assert isinstance(narrow, Interval)
        if narrow.empty or wide.empty:
            return (wide.nothing or wide.empty) if narrow.empty else False
        low = wide.low is None or (narrow.low is not None and wide.low <= narrow.low)
        high = wide.high is None or (narrow.high is not None and narrow.high <= wide.high)
        return low and high and (wide.nothing or not narrow.nothing)
    if isinstance(wide, AnyText):
        none = narrow.nothing if isinstance(narrow, AnyText) else NOTHING in getattr(narrow, "outcomes", ())
        return wide.nothing or not none
    return isinstance(narrow, Finite) and narrow.outcomes <= wide.outcomes


def completions(
    found: list[Leaf], facts: dict[str, Any], limit: int, random: Random
) -> tuple[list[dict[str, Any]], bool]:
    """Completed facts, all of them where there are no more than ``limit``, and whether they are all."""
    count = 1
    for leaf in found:
        count *= len(leaf.options)
    if count <= limit:
        chosen: Any = product(*(leaf.options for leaf in found))
    else:
        chosen = (tuple(random.choice(leaf.options) for leaf in found) for _ in range(limit))
    return [put(facts, zip(found, values, strict=True)) for values in islice(chosen, limit)], count <= limit


def put(facts: dict[str, Any], chosen: Any) -> dict[str, Any]:
    """The facts with values at some places."""
    new = deepcopy(facts)
    for leaf, value in chosen:
        inside: Any = new
        for step in leaf.path[:-1]:
            inside = inside[step] if isinstance(step, int) else inside.setdefault(step, {})
        inside[leaf.path[-1]] = value
    return new
