"""Where a term is evaluated: the rows of one table, and what the entities and variables of the term are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from safetyrules.engine.columnar.facts import list_scope
from safetyrules.engine.columnar.forms import Form
from safetyrules.engine.columnar.nodes import Link
from safetyrules.facts.schema import Schema
from safetyrules.language import terms as t

if TYPE_CHECKING:
    from safetyrules.engine.columnar.lowering import Lowering

Path = tuple[Link, ...]


class OutOfSight(Exception):  # noqa: N818 - not an error: the term is then evaluated over pairs
    """A term names an entity or variable that the rows of the scope do not lead to."""


@dataclass(frozen=True)
class Scope:
    """The rows of ``table``. ``ancestors`` leads to the entity that the rule is on (0) and those above it; ``parts``
    and ``items`` are the variables bound to parts (a path and a kind) and to scalars (a path to the form's table)."""

    schema: Schema
    table: str
    ancestors: tuple[tuple[Path, str] | None, ...]
    parts: Mapping[str, tuple[Path, str]] = field(default_factory=dict)
    items: Mapping[str, tuple[Path, Form]] = field(default_factory=dict)

    def path(self, entity: t.EntityTerm) -> tuple[Path, str]:
        """The links from a row to an entity, and its kind."""
        found = self.parts.get(entity.name) if isinstance(entity, t.Variable) else self.ancestors[entity.levels]
        if found is None:
            raise OutOfSight
        return found

    def item(self, variable: str, followed: Callable[[Form, Path], Form]) -> Form:
        found = self.items.get(variable)
        if found is None:
            raise OutOfSight
        path, form = found
        return followed(form, path)

    def at(self, path: Path, table: str) -> Scope:
        """The scope of the rows that ``path`` leads to, in which only they and what is above them is in sight."""

        def rest(full: Path) -> Path | None:
            return full[len(path) :] if full[: len(path)] == path else None

        ancestors = tuple(
            (below, each[1]) if each is not None and (below := rest(each[0])) is not None else None
            for each in self.ancestors
        )
        parts = {n: (below, kind) for n, (full, kind) in self.parts.items() if (below := rest(full)) is not None}
        items = {n: (below, form) for n, (full, form) in self.items.items() if (below := rest(full)) is not None}
        return Scope(self.schema, table, ancestors, parts, items)

    def to_root(self, lowering: Lowering) -> Path:
        return lowering.up_to_root(self.table)

    def below(self, table: str, link: Link) -> Scope:
        """The same from the rows of a table that hang on the rows of this one."""
        return Scope(
            self.schema,
            table,
            tuple(each and ((link, *each[0]), each[1]) for each in self.ancestors),
            {name: ((link, *path), kind) for name, (path, kind) in self.parts.items()},
            {name: ((link, *path), form) for name, (path, form) in self.items.items()},
        )

    def binding_part(self, variable: str, path: Path, kind: str) -> Scope:
        return replace(self, parts={**self.parts, variable: (path, kind)})

    def binding_item(self, variable: str, form: Form) -> Scope:
        return replace(self, items={**self.items, variable: ((), form)})


def whole_kind(schema: Schema, kind: str) -> Scope:
    """All entities of a kind."""
    path: Path = ()
    ancestors: list[tuple[Path, str] | None] = []
    for each in schema.chain(kind):
        ancestors.append((path, each.name))
        if each.parent is not None and each.parent_fact is not None:
            path = (*path, list_scope(each.parent, each.parent_fact, each.name))
    return Scope(schema, kind, tuple(ancestors))
