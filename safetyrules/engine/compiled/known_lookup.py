"""Code of lookups whose keys are known: a dictionary for each column that is read."""

from __future__ import annotations

from safetyrules.engine.compiled.cells import cell_form, key_form
from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.writer import absent
from safetyrules.facts.schema import NumberType
from safetyrules.language import terms as t
from safetyrules.language.ruleform import LookupTable


def lookup_dictionary(table: LookupTable, column: str) -> dict[object, object]:
    keys = [key_form(table.columns[key]) for key in table.keys]
    value = cell_form(table.columns[column])
    place = table.place(column)
    found: dict[object, object] = {}
    for cells, row in table.index.items():
        key = tuple(form(cell) for form, cell in zip(keys, cells, strict=True))
        found[key[0] if len(key) == 1 else key] = value(row[place])
    return found


def known_lookup(c: Context, term: t.LookupValue) -> Code:
    w = c.writer
    table = c.layout.plan.tables[term.table]
    keys = []
    for key in term.keys:
        code = c.known(key)
        keys.append(code[0] if len(code) == 1 or code[1] == "1" else f"exact({code[0]}, {code[1]})")
    held = [w.let(key) if each.may_be_nothing else key for key, each in zip(keys, term.keys, strict=True)]
    dictionary = w.made(("known rows", table.name, term.column), lambda: lookup_dictionary(table, term.column))
    key_code = held[0] if len(held) == 1 else f"({', '.join(held)})"
    numeric = isinstance(term.type, NumberType)
    empty = "NONE_PAIR" if numeric else "None"
    if table.absent_key == "not_applicable":
        cell = f"{dictionary}.get({key_code}, {empty})" if numeric else f"{dictionary}.get({key_code})"
    else:
        cell = f"{dictionary}[{key_code}]"
    tests = [f"{absent(name)}" for each, name in zip(term.keys, held, strict=True) if each.may_be_nothing]
    if tests:
        cell = f"({empty} if {' or '.join(tests)} else {cell})"
    if not numeric:
        return (w.let(cell),)
    assert isinstance(term.type, NumberType)
    if term.type.integer:
        return f"{w.let(cell)}[0]", "1"
    number, denominator = w.fresh(), w.fresh()
    w.line(f"{number}, {denominator} = {cell}")
    return number, denominator
