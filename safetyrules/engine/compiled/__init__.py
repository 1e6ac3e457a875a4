"""Compiled decide: a plan as straight-line Python.

`compile_plan` turns a plan into two generated functions. The plain one keeps known values as plain Python values;
facts that are missing stop it only where the law comes to need them. The open one carries sets as bit masks and
numbers as bounds, and takes over where the plain one stops. Both read the raw facts, check them as they go and give
up (`Unplain`) on anything that is not plain good input, which `safetyrules.facts.input` then explains.

`layout` says what is stored where; `reading` and `unread` write the code that reads and checks facts; `known`,
`possible` and `lists` that of terms, with `known_lookup`, `possible_calls` and `guarded`; `outcomes` that of tables,
exceptions and writers, with `dispatch` for long tables; `concluding` stores and counts; `assemble` puts a plan
together, `compiled_plan` runs it; `runtime` gathers what generated code calls (`known_values`, `masks`, `ratio`,
`ranges`, `possible_values`, `inputs`); `decode` reads results out.
"""
