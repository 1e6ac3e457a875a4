"""Does some row of a decision table always decide? Proved by cells of its conditions, or not claimed (design 5.5)."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from safetyrules.language import terms as t
from safetyrules.language.spaces import Space, TooMuchError

if TYPE_CHECKING:
    from safetyrules.language.declare import Declarations


def is_exhaustive(rows: tuple[t.TableRow, ...], declarations: Declarations, settable: Set[str] = frozenset()) -> bool:
    """True when, whatever the facts are, some row is true.

    ``settable`` names the parameters (``ruleset/parameter``) that have another value in some place: nothing is proved
    of a table that reads one.
    """
    read = (node for row in rows for node in t.walk(row.when) if isinstance(node, t.ParameterValue))
    if any(f"{node.ruleset}/{node.name}" in settable for node in read):
        return False
    conditions = [row.when for row in rows]
    try:
        space = Space(conditions, lambda term: declarations.parameters[term.ruleset, term.name].value)
        boxes = [box for condition in conditions for box in space.boxes(condition)]
        return space.covered([space.everything], list(dict.fromkeys(boxes)))
    except TooMuchError:
        return False
