"""Going through trees of terms, and writing them anew: `children`, `walk`, `mentions`, `rewritten`.

What a term holds is seen from the annotations of the fields of its class. A term that stands in a tree several times is
gone through each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

from safetyrules.language import terms as t
from safetyrules.language.terms import HOLDER_CLASSES, NODE_CLASSES, TERM_CLASSES

#: Words in the annotation of a field that may hold terms.
_HOLDING = ("Term", "Constant", "TableRow", "ExceptionBranch", "Writer")


@cache
def inner_fields(node: type) -> tuple[str, ...]:
    """The names of a class's fields that may hold terms."""
    return tuple(each.name for each in fields(node) if any(word in str(each.type) for word in _HOLDING))


def children(term: object) -> list[object]:
    """The terms, list terms and entity terms directly inside ``term``, also inside its rows, branches and writers."""
    found: list[object] = []
    _gather(term, found)
    return found


def _gather(node: object, found: list[object]) -> None:
    kind: Any = node.__class__
    for name in inner_fields(kind):
        value = getattr(node, name)
        if value.__class__ in TERM_CLASSES:
            found.append(value)
        elif value.__class__ is tuple:
            _gather_members(value, found)
        elif value.__class__ in HOLDER_CLASSES:
            _gather(value, found)


def _gather_members(members: tuple[object, ...], found: list[object]) -> None:
    for member in members:
        if member.__class__ in TERM_CLASSES:
            found.append(member)
        elif member.__class__ is tuple:
            _gather_members(member, found)
        elif member.__class__ in HOLDER_CLASSES:
            _gather(member, found)


def walk(term: object) -> Iterator[object]:
    """``term`` and everything below it, parents first, without recursion (chains may be deep)."""
    pending = [term]
    while pending:
        found = pending.pop()
        yield found
        pending.extend(children(found))


_MENTIONS: frozenset[type] = frozenset({
    t.ConclusionValue, t.FindingCount, t.SectorGrades, t.ParameterValue, t.UnsettledReadings,
})  # fmt: skip
#: What mentions nothing, and has nothing inside that does.
_SILENT: frozenset[type] = frozenset({
    str, type(None), t.Up, t.Variable, t.Constant, t.NoValueTerm, t.FactValue, t.ItemValue, t.AsOf, t.PartsOf,
    t.ValuesOf, t.Unassigned,
})  # fmt: skip


def mentions(term: object) -> tuple[object, ...]:
    """The terms in ``term`` that a plan settles or orders by: conclusions, counts of findings, grades of sectors,
    parameters and unsettled readings. In the order of `walk`, and several times as fast: every plan asks this of every
    conclusion."""
    found: list[object] = []
    pending = [term]
    while pending:
        node = pending.pop()
        kind: Any = node.__class__
        if kind is tuple:
            pending.extend(node)  # type: ignore[arg-type]
            continue
        if kind in _SILENT:
            continue
        if kind in _MENTIONS:
            found.append(node)
        for name in inner_fields(kind):
            pending.append(getattr(node, name))
    return tuple(found)


def fact_read(node: object) -> tuple[str, str] | None:
    """The fact (kind, name) that a node of a term reads itself; None where it reads none."""
    if isinstance(node, t.FactValue | t.PartsOf | t.ValuesOf):
        return node.entity.kind, node.fact
    return None


def rewritten(value: Any, change: Callable[[Any], Any]) -> Any:
    """``value``, a term or what terms hold, with ``change`` of everything directly inside it; itself where nothing
    changed."""
    kind: Any = value.__class__
    if kind is tuple:
        members = tuple(change(member) for member in value)
        return members if any(a is not b for a, b in zip(members, value, strict=True)) else value
    if kind not in NODE_CLASSES:
        return value
    changes = {}
    for name in inner_fields(kind):
        old = getattr(value, name)
        new = change(old)
        if new is not old:
            changes[name] = new
    return replace(value, **changes) if changes else value
