"""Compiled decide: a plan as straight-line Python.

`compile_plan` turns a plan into two generated functions. One reads facts that are all plainly known and keeps values as
plain Python values; the other carries sets as bit masks and numbers as bounds. Both read the raw facts, check them as they
go and give up (`Unplain`) on anything that is not plain good input, which `safetyrules.facts.input` then explains.

`layout` says what is stored where; `reading` writes the code that reads facts; `known`, `possible` and `lists` write the
code of terms; `outcomes` that of tables, exceptions and writers; `assemble` puts a plan together; `runtime` holds what the
generated code calls; `decode` reads results out.
"""

from safetyrules.engine.compiled.assemble import CompiledPlan, compile_plan

__all__ = ["CompiledPlan", "compile_plan"]
