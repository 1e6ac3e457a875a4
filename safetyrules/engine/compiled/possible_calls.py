"""Code of text functions and lookups whose arguments may be known in part only."""

from __future__ import annotations

from safetyrules.engine import algebra
from safetyrules.engine.compiled.codes import (
    RANGES,
    known_constant,
)
from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.layout import is_text, member_bit
from safetyrules.engine.compiled.possible_values import ANY_TEXT, ANY_TEXT_OR_NOTHING, possible_form, remembered_lookup
from safetyrules.engine.compiled.writer import Made
from safetyrules.facts.schema import NumberType
from safetyrules.language import terms as t
from safetyrules.language.ruleform import LookupTable


def possible_text_function(c: Context, term: t.TextFunction) -> Code:
    w = c.writer
    first = w.let(c.possible(term.arguments[0])[0])
    arguments = [first]
    for each in term.arguments[1:]:
        code = c.possible(each)
        arguments.append(f"abstract_interval({', '.join(code)})" if isinstance(each.type, RANGES) else code[0])
    call = f"text_function({term.function!r}, {', '.join(arguments)})"
    plain = _plain_text_function(term, first)
    if isinstance(term.type, NumberType):
        triple = w.let(f"({plain} else bounds({call}))" if plain else f"bounds({call})")
        return f"{triple}[0]", f"{triple}[1]", f"{triple}[2]"
    call = f"plain_text({call})" if is_text(term.type) else f"truth_of({call})"
    return (f"({plain} else {call})" if plain else call,)


def _plain_text_function(term: t.TextFunction, text: str) -> str | None:
    """The start of a conditional expression for a text that is known, where the other arguments are constants."""
    if not all(isinstance(each, t.Constant) for each in term.arguments[1:]):
        return None
    others = [known_constant(each)[0] for each in term.arguments[1:]]
    known = f"if type({text}) is str"
    match term.function:
        case "size":
            return f"(len({text}), len({text}), 0) {known}"
        case "startsWith" | "endsWith":
            return f"(2 if {text}.{term.function.lower()}({others[0]}) else 1) {known}"
        case "contains":
            return f"(2 if {others[0]} in {text} else 1) {known}"
        case "substring" if len(others) == 2 and 0 <= int(others[0]) <= int(others[1]):
            return f"{text}[{others[0]}:{others[1]}] {known} and len({text}) >= {others[1]}"
    return None


#: Tables of more rows are not united beforehand for a text of which nothing is known.
UNITED_ROWS = 500


def possible_lookup(c: Context, term: t.LookupValue) -> Code:
    """A key that turns out to be plain is looked up directly; for anything else the reference's lookup is
    remembered."""
    w = c.writer
    table = c.layout.plan.tables[term.table]
    types = tuple(key.type for key in term.keys)
    of = (table.name, term.column, types)
    found = w.made(("lookup", *of), lambda: Made(remembered_lookup, (table, term.column, types)), "L")
    keys = []
    for key in term.keys:
        code = c.possible(key)
        keys.append(f"abstract_interval({', '.join(code)})" if isinstance(key.type, RANGES) else code[0])
    call = f"{found}({', '.join(keys)})"
    if len(keys) == 1 and not isinstance(types[0], RANGES):
        rows = w.made(("rows", *of), lambda: _single_key_results(table, term), "L")
        held = w.once(keys[0])
        if is_text(types[0]):
            absent = algebra.everything(term.type) if table.absent_key == "unknown" else algebra.nothing(term.type)
            default = w.constant(possible_form(absent, term.type))
            if len(table.rows) <= UNITED_ROWS:
                for name, text in (("ANY_TEXT_OR_NOTHING", ANY_TEXT_OR_NOTHING), ("ANY_TEXT", ANY_TEXT)):
                    every = w.constant(remembered_lookup(table, term.column, types)(text), "L")
                    call = f"{every} if {held} is {name} else {call}"
            call = f"({rows}.get({held}, {default}) if {held}.__class__ is str else {call})"
        else:
            call = f"({rows}[{held}] if {held} in {rows} else {call})"
    if isinstance(term.type, RANGES):
        triple = w.once(call)
        return tuple(w.once(f"{triple}[{place}]") for place in range(3))
    return (w.once(call),)


def _single_key_results(table: LookupTable, term: t.LookupValue) -> dict[object, object]:
    """The results for every known key of a one-key table, by the key's possible representation."""
    key_type = term.keys[0].type
    place = table.place(term.column)
    results: dict[object, object] = {}
    for (cell,), row in table.index.items():
        key = cell if is_text(key_type) else member_bit(key_type, cell)
        found = row[place]
        value = algebra.nothing(term.type) if found is None else algebra.exactly(found)
        results[key] = possible_form(value, term.type)
    return results
