"""A compiled plan as bytes, and back.

Generated code is kept as Python's own code objects, by `marshal`, as ``__pycache__`` keeps them. For 1,000 rules they
are read in 2 ms. Keeping only the source and compiling each function when it is first called would take 30 ms for facts
that are all known and 110 ms for others, and buy nothing: source that is run has to be trusted as much as code. Hence a
folder that is trusted like ``__pycache__`` (see `safetyrules.cache.folder`). Layouts and constants are a table of
nodes, like the program; what they share with the plan stays shared.
"""

from __future__ import annotations

import marshal
from types import CodeType

from safetyrules.cache.classes import CODE
from safetyrules.cache.nodes import DamagedError, UnstorableError, read_table, write_table
from safetyrules.engine.compiled.compiled_plan import Generated
from safetyrules.engine.compiled.layout import Layout
from safetyrules.language.plan import Plan
from safetyrules.values import NOTHING


def compiled_to_bytes(generated: Generated, plan: Plan) -> bytes:
    """Raises UnstorableError."""
    data = (generated.root, generated.plain, generated.open, dict(generated.constants))
    table = write_table(data, CODE, _given(plan))
    try:
        code = marshal.dumps((generated.source, generated.code))
    except ValueError as error:
        raise UnstorableError(str(error)) from error
    return len(table).to_bytes(8, "little") + table + code


def compiled_from_bytes(content: memoryview, plan: Plan) -> Generated:
    """Raises DamagedError."""
    end = 8 + int.from_bytes(content[:8], "little")
    try:
        root, plain, open_, constants = read_table(content[8:end], CODE, _given(plan))
        source, code = marshal.loads(content[end:])
    except (ValueError, TypeError, EOFError) as error:
        raise DamagedError(str(error)) from error
    found = (root, source, code, plain, open_, constants)
    if tuple(map(type, found)) != (str, str, CodeType, Layout, Layout, dict):
        raise DamagedError("not a compiled plan")
    return Generated(*found)


def _given(plan: Plan) -> list[object]:
    """What layouts and constants may refer to and the plan has: found again by its place here."""
    kinds = plan.schema.kinds.values()
    facts = [fact for kind in kinds for fact in kind.facts.values()]
    return [NOTHING, plan, plan.schema, *kinds, *facts, *plan.tables.values(), *plan.conclusions]
