"""Tables of nodes bring back what was written, and nothing else."""

from __future__ import annotations

import json
from array import array
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyrules.cache.classes import CODE, LAW
from safetyrules.cache.nodes import DamagedError, Registry, UnstorableError, read_table, write_table
from safetyrules.diagnostics import Severity, Span, diagnostic
from safetyrules.engine.compiled.unread import fact_check
from safetyrules.engine.compiled.writer import Made
from safetyrules.facts import schema
from safetyrules.language import ruleform
from safetyrules.language import terms as t
from safetyrules.text import Text
from safetyrules.values import NOTHING

single = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(st.characters()),
    st.dates(),
    st.fractions(),
    st.floats(allow_nan=False),
    st.builds(Text, st.text(), st.text()),
    st.builds(Span, st.text(), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5)),
    st.sampled_from(Severity),
)
keys = st.one_of(st.text(), st.integers(), st.fractions(), st.dates())
anything = st.recursive(
    single,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.frozensets(keys, max_size=4),
        st.sets(keys, max_size=4),
    ),
    max_leaves=30,
)


def exactly(value: Any) -> Any:
    """The value with its types, for 1, True and Fraction(1) are equal."""
    if isinstance(value, dict):
        return dict, [(exactly(key), exactly(inner)) for key, inner in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [exactly(each) for each in value]
    if isinstance(value, set | frozenset):
        return type(value), sorted(map(repr, value))
    return type(value), repr(value)


@given(anything)
def test_what_is_written_is_read(value: Any) -> None:
    table = write_table(value, LAW)
    assert exactly(read_table(table, LAW)) == exactly(value)


@given(anything, st.data())
def test_damage_is_damaged_or_harmless(value: Any, data: st.DataObject) -> None:
    """A digest keeps damage out; without it, nothing worse than another value or `DamagedError` would come of it."""
    table = bytearray(write_table(value, LAW))
    table[data.draw(st.integers(0, len(table) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DamagedError):
        read_table(bytes(table), LAW)


def test_equal_nodes_are_one() -> None:
    title = Text("一", "one")
    one, two = (t.Constant(Fraction(3), t.NUMBER, Span("f", 1, 2, 3, 4)) for _ in range(2))
    first, second = read_table(write_table((one, two), LAW), LAW)
    assert first is second
    assert first == one
    assert first.span == one.span
    same, again = read_table(write_table([title, Text("一", "one")], LAW), LAW)
    assert same is again


def test_depth_does_not_matter() -> None:
    term: Any = t.Constant(True, t.BOOLEAN)
    for _ in range(20_000):
        term = t.Not(term, False)
    found = read_table(write_table(term, LAW), LAW)
    for _ in range(20_000):
        found = found.operand
    assert found == t.Constant(True, t.BOOLEAN)


def test_given_objects_are_not_written() -> None:
    table = write_table([NOTHING, {"a": NOTHING}], CODE, [NOTHING])
    assert read_table(table, CODE, [NOTHING])[1]["a"] is NOTHING


def test_functions_by_name() -> None:
    made = read_table(write_table(Made(fact_check, ("a", 1)), CODE), CODE)
    assert made == Made(fact_check, ("a", 1))


def test_diagnostics() -> None:
    found = diagnostic("SR0112", Span("f", 1, 2, 3, 4), key="k", related=[(Span("g", 1, 1, 1, 2), Text("甲", "a"))])
    assert read_table(write_table(found, LAW), LAW) == found


@dataclass(frozen=True)
class Stranger:
    value: int


@pytest.mark.parametrize(
    "value",
    [Stranger(1), object(), print, 10**5000, b"bytes", int, lambda: 1],
    ids=["class", "object", "builtin", "digits", "bytes", "type", "lambda"],
)
def test_what_cannot_be_written(value: Any) -> None:
    with pytest.raises(UnstorableError):
        write_table([value], LAW)


@pytest.mark.parametrize("module", [schema, ruleform, t])
def test_every_class_of_the_rule_form_is_known(module: Any) -> None:
    found = [each for each in vars(module).values() if isinstance(each, type) and is_dataclass(each)]
    classes = {each.__name__ for each in found if each.__module__ == module.__name__}
    assert classes
    assert classes <= set(LAW.shapes)


def test_what_holds_itself_cannot_be_written() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(UnstorableError):
        write_table(value, LAW)


def test_a_class_of_the_same_name_is_another() -> None:
    registry = Registry([Stranger])

    @dataclass(frozen=True)
    class Other:
        value: int

    Other.__name__ = "Stranger"
    with pytest.raises(UnstorableError):
        write_table(Other(1), registry)


def written(*head: Any, columns: tuple[int, ...] = ()) -> bytes:
    words = json.dumps(head).encode()
    return len(words).to_bytes(8, "little") + words + array("I", columns).tobytes()


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"\xff" * 40,
        written([], [], [], 0)[:-1],
        written([], [], [], 7),
        written([1], [], [], 0),
        written([], [True], [], 0),
        written([], [1.5], [], 0),
        written(["posix"], [], [["system", 1, 1]], 4, columns=(1, 3)),
        written(["eval"], [], [["function", 1, 1]], 4, columns=(1, 3)),
        written([], [], [["tuple", 1, 1]], 3, columns=(1, 9)),
        written([], [], [["tuple", 1, 1]], 3, columns=(2, 0)),
        written([], [], [["Text", 1, 0]], 3, columns=(0,)),
        written([], [], [["Text", -1, 0]], 3, columns=(0,)),
        written([], [], [["tuple", 1, 0]], 3, columns=(0, 0)),
        written([], [], [["fraction", 1, 2]], 3, columns=(2, 0, 0)),
        written([], [1, 0], [["fraction", 1, 2]], 5, columns=(2, 3, 4)),
        written([], [-5], [["date", 1, 1]], 4, columns=(1, 3)),
        written(["nonsense"], [], [["Severity", 1, 0]], 4, columns=(3,)),
    ],
)
def test_what_is_no_table(table: bytes) -> None:
    with pytest.raises(DamagedError):
        read_table(table, LAW)


def test_dates_and_numbers_of_all_sizes() -> None:
    value = [date.min, date.max, 2**300, -(2**300), Fraction(1, 3**200), "\ud800", ""]
    assert read_table(write_table(value, LAW), LAW) == value
