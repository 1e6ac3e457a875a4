"""Does some row of a decision table always decide? Proved by cells of its conditions, or not claimed (design 5.5)."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from safetyrules.language import terms as t
from safetyrules.language.spaces import Space, TooMuchError
from safetyrules.language.term_trees import walk

if TYPE_CHECKING:
    from safetyrules.language.declare import Declarations


def is_exhaustive(
    rows: tuple[t.TableRow, ...],
    applies: t.Term | None,
    declarations: Declarations,
    settable: Set[str] = frozenset(),
) -> bool:
    """True when, whatever the facts are, some row is true wherever the rule applies; elsewhere nobody asks the table.

    ``settable`` names the parameters (``ruleset/parameter``) that have another value in some place: nothing is proved
    by a condition that reads one.
    """

    def varies(condition: t.Term) -> bool:
        read = (node for node in walk(condition) if isinstance(node, t.ParameterValue))
        return any(f"{node.ruleset}/{node.name}" in settable for node in read)

    conditions = [row.when for row in rows]
    if any(map(varies, conditions)):
        return False
    return _cover(conditions, (), declarations) or (
        applies is not None and not varies(applies) and _cover(conditions, (applies,), declarations)
    )


def _cover(conditions: Sequence[t.Term], given: Sequence[t.Term], declarations: Declarations) -> bool:
    try:
        space = Space([*given, *conditions], lambda term: declarations.parameters[term.ruleset, term.name].value)
        boxes = [box for condition in conditions for box in space.boxes(condition)]
        return space.covered(space.meet(*map(space.boxes, given)), list(dict.fromkeys(boxes)))
    except TooMuchError:
        return False
