"""Facts of many subjects as tables: what `tabulate` reads. One frame for each kind of entity.

Row number is identity: the row of a part says in ``#parent`` (UInt32) which row of its parent's frame it belongs to,
and a frame of parts is sorted by it, members in the order of their list. A column is named after its fact:

===============  ==============================  =====================================================================
type of fact     column ``fact``                 what may stand beside it, where the plain column cannot say it
===============  ==============================  =====================================================================
boolean          Boolean
number           Float64; the value is the       ``fact?low``, ``fact?high`` (Float64): bounds of what is known in part
                 decimal of its shortest form;
                 or whole numbers of any type
date             Date                            ``fact?low``, ``fact?high`` (Date)
choice           Enum of the members in order    ``fact?set`` (UInt64): bit i where member i is still possible
text             String
list             none: its members are rows of   ``fact?complete`` (Boolean): true where nothing is missing from it;
                 another frame                   ``fact?since`` (Date): of a log, complete from that day on
===============  ==============================  =====================================================================

Every fact that may be not applicable may have ``fact?none`` (Boolean): true not applicable, false has a value (which
may be unknown), null unknown altogether. A fact that an earlier plan concluded (a member's conclusion, in the plan of
its register) has the columns of its form instead: ``fact=true``, ``fact=false``, ``fact=none`` and so on; a null in
them is whatever the type allows. A column that is missing, and a null, is unknown; a list without ``?complete``
is open. Lists of scalars are frames too, in ``values``, with ``#parent`` and ``value`` (and its companions).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    NumberType,
    ScalarType,
)

if TYPE_CHECKING:
    import polars as pl

PARENT = "#parent"
VALUE = "value"
LOW, HIGH, SET, NONE, COMPLETE, SINCE = "?low", "?high", "?set", "?none", "?complete", "?since"
#: Stands between the name of what was concluded before and the part of its form that a column holds (`finished`).
FINISHED = "="
#: True where a closed world assumed the fact: it has a value, and was not given.
ASSUMED = "?assumed"
#: A set of possible members has a bit for each; a choice of more members is known, unknown, or decided row by row.
MOST_MEMBERS_OF_A_SET = 63
#: Whole numbers up to here are exact as Float64.
LARGEST_NUMBER = float(2**53)


@dataclass(frozen=True)
class Tables:
    """The facts of many subjects of one kind.

    ``apart`` holds, by row, the facts (a mapping, as `safetyrules.assess` takes it) of subjects that the columns cannot
    hold; they are decided one by one, and what their rows hold is not read.
    """

    root: str
    frames: Mapping[str, pl.DataFrame]
    values: Mapping[tuple[str, str], pl.DataFrame] = field(default_factory=dict)
    apart: Mapping[int, Any] = field(default_factory=dict)

    @property
    def height(self) -> int:
        return self.frames[self.root].height


def repeated(value: object, of: Any, height: int) -> pl.Series:
    """A column of one value; ten times faster than a query for it where rows are few."""
    return _only(value, of).new_from_index(0, height)


@lru_cache(maxsize=256, typed=True)
def _only(value: object, of: Any) -> pl.Series:
    import polars as pl

    return pl.Series([value], dtype=of)


def row_numbers(height: int) -> pl.Series:
    import polars as pl

    return pl.int_range(height, dtype=pl.UInt32, eager=True)


def column_type(type_: ScalarType) -> Any:
    """The Polars type of a column of facts."""
    import polars as pl

    match type_:
        case BooleanType():
            return pl.Boolean()
        case NumberType():
            return pl.Float64()
        case DateType():
            return pl.Date()
        case ChoiceType(members=members):
            return pl.Enum(members)
    return pl.String()
