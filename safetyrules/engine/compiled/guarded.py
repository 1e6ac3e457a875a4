"""Guards that change nothing: ``has(k) && has(lookup(k)) ? lookup(k) : none`` is ``lookup(k)``."""

from __future__ import annotations

from dataclasses import replace

from safetyrules.language import terms as t


def unguarded(term: t.Choose) -> t.LookupValue | None:
    """The lookup that a choice amounts to, which has no value where a key of it or its cell has none; None where it
    is any other choice."""
    value = term.then.term if isinstance(term.then, t.Sure) else term.then
    if not isinstance(term.otherwise, t.NoValueTerm) or not isinstance(value, t.LookupValue):
        return None
    keys = tuple(key.term if isinstance(key, t.Sure) else key for key in value.keys)
    conjunction = isinstance(term.test, t.Junction) and term.test.operator == "&&"
    tested: list[t.Term] = []
    for test in term.test.operands if conjunction else (term.test,):  # type: ignore[union-attr]
        if not isinstance(test, t.Applicable) or (test.operand != value and test.operand not in keys):
            return None
        tested.append(test.operand)
    for key, given in zip(keys, value.keys, strict=True):
        if key is not given and key not in tested:  # established by a guard further out
            return None
    if value is not term.then and value not in tested:
        return None
    return replace(value, keys=keys, may_be_nothing=True)
