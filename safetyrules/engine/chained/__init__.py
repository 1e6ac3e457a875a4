"""``engine="chained"``: a plan run by forward chaining, on durable-rules or a plain chainer of the same interface.

`decide` answers for one subject; `ChainedSession` (`session.py`) keeps a subject loaded and works in one change after
another.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date

from safetyrules.diagnostics import diagnostic
from safetyrules.engine.chained.durable import DurableChainer, importable
from safetyrules.engine.chained.horn import Chainer, ChainingError
from safetyrules.engine.chained.plain import PlainChainer
from safetyrules.engine.chained.run import Chain
from safetyrules.engine.chained.strata import chained_plan
from safetyrules.facts.entity import Entity
from safetyrules.language.plan import Plan
from safetyrules.text import same
from safetyrules.values import Scalar

__all__ = ["Chainer", "ChainingError", "PlainChainer", "decide", "default_chainer"]

#: Names the chainer to use; unset, durable-rules where it can be imported and the plain chainer elsewhere.
VARIABLE = "SAFETYRULES_CHAINER"


def default_chainer(name: str | None = None) -> Chainer:
    """The chainer called ``name`` (default: what the environment says).

    Asked for by name, durable-rules is used or an error says why not. Left to choose, it is used where it can be
    imported, and the plain chainer serves elsewhere and for shards beyond the bound on rulesets: the answers are the
    same.
    """
    wanted = name or os.environ.get(VARIABLE)
    if wanted == "durable":
        return DurableChainer()
    if wanted == "plain":
        return PlainChainer()
    if wanted:
        raise ChainingError([diagnostic("SR2610", name=wanted, found=wanted, expected=same("durable / plain"))])
    return DurableChainer(spare=PlainChainer()) if importable() else PlainChainer()


def decide(plan: Plan, root: Entity, as_of: date, chainer: Chainer | None = None) -> Mapping[tuple[str, str], Scalar]:
    """(entity path, conclusion) → what is still possible, as `Reference.outcomes` gives it."""
    return Chain(plan, chained_plan(plan), root, as_of, chainer or default_chainer()).settle().outcomes()
