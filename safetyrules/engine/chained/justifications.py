"""Why each derived proposition holds: the truth maintenance that durable-rules has not.

A networkx graph from premises through firings to what they conclude. Premises that are withdrawn take with them the
firings that join them; a proposition falls with its last firing, and so on. Rules never lead back to their own
premises (the order of conclusions sees to that), so no proposition can be its own last support.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import networkx

from safetyrules.engine.chained.horn import Horn

#: A proposition of an entity.
Held = tuple[str, int]
#: A rule that fired for an entity.
Firing = tuple[str, int, str]


class Justifications:
    """The justifications of one subject."""

    def __init__(self) -> None:
        self.graph: networkx.DiGraph[Held | Firing] = networkx.DiGraph()
        self._nodes: dict[str, set[Held | Firing]] = {}

    def fired(self, path: str, number: int, rule: Horn) -> None:
        """Rule ``number`` fired for the entity at ``path``."""
        firing = (path, number, "fired")
        if firing in self.graph:
            return
        premises = [(path, premise) for premise in rule.body]
        head = (path, rule.head)
        self.graph.add_edges_from((premise, firing) for premise in premises)
        self.graph.add_edge(firing, head)
        self._nodes.setdefault(path, set()).update((firing, head, *premises))

    def withdraw(self, path: str, propositions: Iterable[int]) -> Iterator[int]:
        """Withdraw propositions that were given; gives these and all that falls with them."""
        falling: list[Held | Firing] = [(path, proposition) for proposition in propositions]
        nodes = self._nodes.get(path, set())
        while falling:
            held = falling.pop()
            yield held[1]
            if held not in self.graph:
                continue
            for firing in list(self.graph.successors(held)):
                (head,) = self.graph.successors(firing)
                self.graph.remove_node(firing)
                nodes.discard(firing)
                if self.graph.in_degree(head) == 0:
                    falling.append(head)
            if not self.graph.degree(held):
                self.graph.remove_node(held)
                nodes.discard(held)

    def forget(self, path: str) -> None:
        """Forget an entity."""
        self.graph.remove_nodes_from(self._nodes.pop(path, ()))

    def supports(self, path: str, proposition: int) -> list[tuple[int, tuple[int, ...]]]:
        """The rules that support a proposition, each with its premises."""
        held = (path, proposition)
        if held not in self.graph:
            return []
        return sorted(
            (firing[1], tuple(sorted(premise[1] for premise in self.graph.predecessors(firing))))
            for firing in self.graph.predecessors(held)
        )
