"""Counts of findings that nothing in force judges: how many there are is not known.

The findings of a sector may be about several kinds of subjects. Where those in force are all about other subjects, the
count of this one is open, as where none is in force; 0 would be a blue that nobody earned (design 5.22).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from safetyrules.facts.schema import Schema
from safetyrules.language import terms as t
from safetyrules.language.order import Conclusion, Key
from safetyrules.language.term_trees import rewritten


def counting_own(conclusions: Mapping[Key, Conclusion], schema: Schema) -> dict[Key, Conclusion]:
    """The conclusions, with such counts left open in their terms."""
    roots = {kind: schema.chain(kind)[-1].name for kind in schema.kinds}
    judged: dict[str, set[str]] = {}
    for each in conclusions.values():
        if each.kind == "finding" and each.binds and each.sector is not None:
            judged.setdefault(each.sector, set()).add(roots[each.on])
    found = dict(conclusions)
    for key, each in conclusions.items():
        counted = {count.sector for count in each.mentions if isinstance(count, t.FindingCount)}
        others = {sector for sector in counted if sector in judged and roots[each.on] not in judged[sector]}
        if others:
            shares = tuple(replace(share, term=_open(share.term, others)) for share in each.shares)
            found[key] = replace(each, term=_open(each.term, others), shares=shares)
    return found


def _open(value: Any, sectors: Set[str]) -> Any:
    """``value`` with the counts of these sectors left open."""
    if isinstance(value, t.FindingCount):
        return t.Unassigned(value.type, False, value.span) if value.sector in sectors else value
    return rewritten(value, lambda inner: _open(inner, sectors))
