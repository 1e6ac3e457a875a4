"""Order pass: every conclusion after what it reads. A cycle is an author's error, shown as its path.

The order is found here in a few lines; networkx, which takes longer to import than a program from the cache takes to
load, is asked only where there is a cycle to tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic
from safetyrules.facts.schema import ScalarType, Schema
from safetyrules.language import terms as t
from safetyrules.language.term_trees import mentions
from safetyrules.text import Text

if TYPE_CHECKING:
    import networkx

    from safetyrules.language.document import OutcomeKind

Key = tuple[str, str]


@dataclass(frozen=True)
class Share:
    """What one ``clause`` finds of a finding that several may find: ``rules`` are those of it, with exceptions."""

    clause: str
    rules: tuple[str, ...]
    severity: Literal["major", "general"] | None
    term: t.Term


@dataclass(frozen=True)
class Conclusion:
    """One conclusion of one entity kind. ``rules`` are those that write it, with exceptions, in order of their ids.

    ``counted_as`` is what a finding is counted as one with others by: its clause; its own key where rules, exceptions
    or overlays of several clauses may find it, for which of them does is not known beforehand. ``shares`` tell the
    clauses apart, where there are several.
    """

    name: str
    on: str
    title: Text
    type: ScalarType
    kind: OutcomeKind | Literal["due", "declared"]
    term: t.Term
    rules: tuple[str, ...] = ()
    sector: str | None = None
    severity: Literal["major", "general"] | None = None
    clause: str | None = None
    binds: bool = True
    counted_as: str | Key | None = None
    shares: tuple[Share, ...] = ()

    @property
    def key(self) -> Key:
        return self.on, self.name

    @cached_property
    def by_clause(self) -> tuple[Conclusion, ...]:
        """It, as each of several clauses finds it, or itself."""
        return tuple(
            replace(self, clause=each.clause, rules=each.rules, severity=each.severity, term=each.term, shares=())
            for each in self.shares
        ) or (self,)

    @property
    def told_apart(self) -> tuple[Conclusion, ...]:
        """What each of several clauses finds, as conclusions that can stand beside it: of names of their own, and not
        counted."""
        return tuple(replace(each, name=share_name(each), sector=None) for each in self.by_clause if self.shares)

    @cached_property
    def mentions(self) -> tuple[object, ...]:
        return mentions(self.term)


def share_name(conclusion: Conclusion) -> str:
    """The name under which stands what one of several clauses finds."""
    return f"{conclusion.name}#{conclusion.clause}"


def reads(conclusion: Conclusion, conclusions: Mapping[Key, Conclusion], schema: Schema) -> set[Key]:
    """The conclusions that ``conclusion`` needs first."""
    return set(_reads_at(conclusion, conclusions, schema))


def _reads_at(conclusion: Conclusion, conclusions: Mapping[Key, Conclusion], schema: Schema) -> dict[Key, Span | None]:
    """What ``conclusion`` needs first, and where it says so."""
    found: dict[Key, Span | None] = {}
    for term in conclusion.mentions:
        if isinstance(term, t.ConclusionValue):
            found.setdefault((term.entity.kind, term.conclusion), term.span)
        elif isinstance(term, t.FindingCount):
            for key, other in conclusions.items():
                counted = other.kind == "finding" and other.binds and other.sector == term.sector
                if counted and term.severity in (other.severity, "any"):
                    found.setdefault(key, term.span)
        elif isinstance(term, t.SectorGrades):
            for key in sector_keys(schema):
                if key in conclusions:
                    found.setdefault(key, term.span)
    return found


def sector_keys(schema: Schema) -> Iterator[Key]:
    """What ``sector_grades()`` may read: on each root kind, whether a sector is present and its grade."""
    for kind in schema.kinds.values():
        for sector in schema.sectors.values() if kind.root else ():
            for name in (sector.present, sector.grade):
                if name is not None:
                    yield kind.name, name


def in_order(conclusions: Mapping[Key, Conclusion], schema: Schema) -> tuple[Conclusion, ...]:
    """The conclusions, each after what it reads, else by name. Raises RulesetError with each cycle."""
    needed = {key: reads(conclusion, conclusions, schema) for key, conclusion in conclusions.items()}
    waiting = {key: len(read) for key, read in needed.items()}
    readers: dict[Key, list[Key]] = {}
    for key, read in needed.items():
        for each in read:
            readers.setdefault(each, []).append(key)
    ready = [key for key, count in waiting.items() if not count]
    heapify(ready)
    order: list[Key] = []
    while ready:
        key = heappop(ready)
        order.append(key)
        for reader in readers.get(key, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                heappush(ready, reader)
    if len(order) < len(conclusions):
        raise RulesetError(_cycles(needed, conclusions, schema))
    return tuple(conclusions[key] for key in order)


def _cycles(
    needed: Mapping[Key, set[Key]], conclusions: Mapping[Key, Conclusion], schema: Schema
) -> Iterator[Diagnostic]:
    """One shortest cycle of each knot of conclusions, told from its first name on: each reads the next."""
    import networkx

    graph: networkx.DiGraph[Key] = networkx.DiGraph()
    graph.add_nodes_from(sorted(needed))
    for reader in sorted(needed):
        graph.add_edges_from((read, reader) for read in sorted(needed[reader]))
    knots = (knot for knot in networkx.strongly_connected_components(graph) if len(knot) > 1)
    looped = ({key} for key in sorted(graph) if graph.has_edge(key, key))
    for knot in sorted((*knots, *looped), key=min):
        reading = graph.subgraph(knot).reverse()
        start = min(knot)
        ways = (networkx.shortest_path(reading, after, start) for after in sorted(reading.successors(start)))
        circle = [start, *min(ways, key=len)]
        yield _cycle(circle, conclusions, schema)


def _cycle(circle: list[Key], conclusions: Mapping[Key, Conclusion], schema: Schema) -> Diagnostic:
    one_kind = len({kind for kind, _ in circle}) == 1
    places: list[tuple[Span, Text]] = []
    for reader, read in pairwise(circle):
        conclusion = conclusions[reader]
        span = _reads_at(conclusion, conclusions, schema)[read] or conclusion.term.span
        if span is not None:
            places.append((span, Text(f"“{reader[1]}”读取“{read[1]}”", f"'{reader[1]}' reads '{read[1]}'")))
    return diagnostic(
        "SR0611",
        places[0][0] if places else None,
        cycle=" → ".join(name if one_kind else f"{kind}.{name}" for kind, name in circle),
        related=places[1:],
    )
