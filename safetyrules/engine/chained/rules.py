"""Horn lowering: the terms of one entity kind as numbered propositions and the rules between them.

`KindRules` hands out propositions; `lowering.py` says which rules each term becomes. A *node* is a term's outcomes
with the proposition of each (`ALWAYS` where an outcome is possible whatever the facts); outcomes that it cannot have
are left out.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from safetyrules.engine.chained.atoms import Atom, AtomTerm, reads_of, support
from safetyrules.engine.chained.horn import ALWAYS, Horn
from safetyrules.engine.chained.shards import shortened
from safetyrules.language.plan import Key, Plan
from safetyrules.values import Outcome

Node = Mapping[Outcome, int]
#: A proposition, `ALWAYS`, or None for one that cannot hold.
Literal = int | None
Body = frozenset[int]


class KindRules:
    """Everything of one kind that is decided or chained.

    A proposition's *stratum* is the round in which it is final. Rules join propositions of their own stratum or below;
    what is decided between strata (atoms, absences, conclusions that are not finite) reads only what is final.
    """

    def __init__(self, plan: Plan, kind: str, concluded: Mapping[Key, int]) -> None:
        self.plan = plan
        self.kind = kind
        #: Stratum in which each conclusion lowered so far, of any kind, is final.
        self.concluded = concluded
        self.stratum: list[int] = []
        #: What each proposition says: an outcome of a term, or an auxiliary.
        self.labels: list[tuple[Hashable, Outcome | None]] = []
        self.rules: list[Horn] = []
        self.atoms: list[Atom] = []
        #: proposition → the one that says that it does not hold.
        self.absences: dict[int, int] = {}
        self.conclusions: dict[str, Node] = {}
        self.nodes: dict[AtomTerm, Node] = {}
        self._joined: dict[Body, int] = {}
        self._either: dict[Body, int] = {}

    # ---- propositions ------------------------------------------------------------------------------------------------

    def proposition(self, label: Hashable, outcome: Outcome | None, stratum: int) -> int:
        self.stratum.append(stratum)
        self.labels.append((label, outcome))
        return len(self.stratum) - 1

    def atom(self, term: AtomTerm) -> Node:
        """The node of a term that is decided by our own code."""
        known = self.nodes.get(term)
        if known is not None:
            return known
        reads = reads_of(term, self.plan)
        stratum = self.after(read.key for read in reads if read.concluded)
        outcomes = {outcome: self.proposition(term, outcome, stratum) for outcome in support(term)}
        self.atoms.append(Atom(term, outcomes, stratum, reads))
        self.nodes[term] = outcomes
        return outcomes

    def after(self, keys: Iterable[Key]) -> int:
        """The first stratum in which all these conclusions are final before it begins."""
        return max((self.concluded[key] + 1 for key in keys if key in self.concluded), default=0)

    def absent(self, proposition: Literal) -> Literal:
        """That a proposition does not hold: known once its stratum is final."""
        if proposition is None:
            return ALWAYS
        if proposition == ALWAYS:
            return None
        if proposition not in self.absences:
            label, outcome = self.labels[proposition]
            self.absences[proposition] = self.proposition(("absent", label), outcome, self.stratum[proposition] + 1)
        return self.absences[proposition]

    # ---- rules -------------------------------------------------------------------------------------------------------

    def define(self, label: Hashable, clauses: Iterable[tuple[Outcome, Body | None]]) -> Node:
        """The node whose outcomes are possible where one of their bodies holds."""
        bodies: dict[Outcome, list[Body]] = {}
        for outcome, body in clauses:
            if body is not None:
                bodies.setdefault(outcome, []).append(body)
        return {outcome: self.any_of(found, label, outcome) for outcome, found in bodies.items()}

    def any_of(self, bodies: Iterable[Body], label: Hashable, outcome: Outcome | None = None) -> int:
        """A proposition that holds where one of ``bodies`` does; an existing one where that is the same."""
        needed = _smallest(bodies)
        if not needed[0]:
            return ALWAYS
        if len(needed) == 1 and len(needed[0]) == 1:
            return next(iter(needed[0]))
        short = [shortened(sorted(body), self._aside) for body in needed]
        head = self.proposition(label, outcome, max(self.stratum[p] for body in short for p in body))
        self.rules.extend(Horn(head, body) for body in short)
        return head

    def either(self, *literals: Literal) -> Literal:
        """That one of several propositions holds."""
        possible = frozenset(literal for literal in literals if literal is not None)
        if not possible:
            return None
        if ALWAYS in possible:
            return ALWAYS
        if len(possible) == 1:
            return next(iter(possible))
        if possible not in self._either:
            self._either[possible] = self.any_of([frozenset({p}) for p in possible], ("either", possible))
        return self._either[possible]

    def all_of(self, *literals: Literal) -> Literal:
        """That several propositions hold together."""
        body = joined(*literals)
        if body is None:
            return None
        if not body:
            return ALWAYS
        if len(body) == 1:
            return next(iter(body))
        if body not in self._joined:
            self._joined[body] = self.any_of([body], ("all", body))
        return self._joined[body]

    def _aside(self, body: tuple[int, ...]) -> int:
        literal = self.all_of(*body)
        assert literal is not None
        return literal


def joined(*literals: Literal) -> Body | None:
    """The body that joins these; None where one of them cannot hold."""
    if None in literals:
        return None
    return frozenset(literal for literal in literals if literal is not None and literal != ALWAYS)


def _smallest(bodies: Iterable[Body]) -> list[Body]:
    """Without bodies that contain another: they add nothing."""
    found: list[Body] = []
    for body in sorted(set(bodies), key=lambda body: (len(body), sorted(body))):
        if not any(smaller <= body for smaller in found):
            found.append(body)
    return found
