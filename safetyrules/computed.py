"""What an engine hands to an assessment: its outcomes, read out as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Protocol

from safetyrules.language.plan import Conclusion, Plan
from safetyrules.values import Scalar

#: What is made of an undetermined outcome that has a worse direction.
Treatment = Literal["withhold", "worst", "best"]
#: Path, conclusion, what is still possible, and what is made of it where it is undetermined.
Row = tuple[str, Conclusion, Scalar, Treatment]
#: (entity path, conclusion) → what is still possible.
Outcomes = Mapping[tuple[str, str], Scalar]


class Computed(Protocol):
    """The outcomes of one subject. Asking for some is cheaper than asking for all, where the engine can do so."""

    def outcomes(self) -> Outcomes:
        """All of them."""

    def of_subject(self) -> Outcomes:
        """Those of the subject itself."""

    def one(self, name: str) -> Scalar:
        """One of the subject. Raises KeyError."""

    def rows(self, treatment: Treatment) -> Iterable[Row]:
        """All in the order of the plan, each as the fields of a `safetyrules.Outcome`."""


class Finished:
    """Outcomes that an engine read out itself."""

    def __init__(self, plan: Plan, root: str, outcomes: Outcomes) -> None:
        self._plan = plan
        self._root = root
        self._outcomes = outcomes

    def outcomes(self) -> Outcomes:
        return self._outcomes

    def of_subject(self) -> Outcomes:
        return {key: scalar for key, scalar in self._outcomes.items() if key[0] == self._root}

    def one(self, name: str) -> Scalar:
        return self._outcomes[self._root, name]

    def rows(self, treatment: Treatment) -> Iterator[Row]:
        paths = self._paths()
        for conclusion in self._plan.conclusions:
            for path in (self._root,) if conclusion.on == self._root else paths.get(conclusion.key, ()):
                yield path, conclusion, self._outcomes[path, conclusion.name], treatment

    def _paths(self) -> Mapping[tuple[str, str], list[str]]:
        """The paths of the parts that have a conclusion of a kind."""
        found, kinds = dict[tuple[str, str], list[str]](), dict[str, str]()
        for path, name in self._outcomes:
            if path != self._root:
                kind = kinds.get(path) or kinds.setdefault(path, self._kind(path))
                found.setdefault((kind, name), []).append(path)
        return found

    def _kind(self, path: str) -> str:
        """The kind of the part at a path: fact names lead to it from the root."""
        kinds = self._plan.schema.kinds
        kind = kinds[self._root]
        for step in path[len(kind.name) :].split("[")[:-1]:
            fact = step.rpartition("]")[2].lstrip(".")
            kind = kinds[kind.facts[fact].type.kind]  # type: ignore[union-attr]
        return kind.name
