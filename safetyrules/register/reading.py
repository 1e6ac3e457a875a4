"""The cells of a column as values of its fact, column by column.

What plain cells say is read by column operations; every other distinct cell (another word for a member, a number of
many digits, what is wrong) goes once through the reader of single cells, so both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import inf, isinf, nextafter
from typing import TYPE_CHECKING, Any

from safetyrules.engine.columnar.cells import decimal_of, float_of
from safetyrules.engine.columnar.tables import LARGEST_NUMBER, column_type
from safetyrules.facts.codes import CREDIT_CHARACTERS, CREDIT_WEIGHTS
from safetyrules.facts.raw import LONGEST_TEXT
from safetyrules.facts.refusal import Refused
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.register.column import BoundColumn
from safetyrules.register.words import NO, NOTHING_WORDS, NUMBER, YES, Words
from safetyrules.text import Text
from safetyrules.units import convert, parse_unit
from safetyrules.values import NOTHING

if TYPE_CHECKING:
    import polars as pl

#: Decimals of so many digits are printed again by the float that is nearest to them.
_SAFE_DIGITS = 15
_LEAST_NORMAL = 1e-290
_CREDIT = "[0-9A-HJ-NP-RT-UW-Ya-hj-np-rt-uw-y]"
_CREDIT_SHAPE = f"^{_CREDIT}{{2}}[0-9]{{6}}{_CREDIT}{{10}}$"
_LINE = Text(f"至多 {LONGEST_TEXT} 个字符", f"at most {LONGEST_TEXT} characters")


@dataclass(frozen=True)
class ReadCells:
    """What the cells of a column say, row by row.

    ``values``: null where unknown; ``none``: true where not applicable; ``bad``: true where the cell is refused;
    ``exact``: the numbers that ``values`` cannot hold, by row.
    """

    values: pl.Series
    none: pl.Series
    bad: pl.Series
    exact: Mapping[int, Fraction] = field(default_factory=dict)


def read_cells(column: BoundColumn, cells: pl.Series) -> ReadCells:
    """The cells of a column that holds one value each."""
    import polars as pl

    words = column.words
    cells = _plain_type(words.type, cells)
    if column.empty is None and not words.values and (values := _all_plain(words, cells)) is not None:
        return ReadCells(values.rename(column.name), _never(len(cells)), _never(len(cells)))
    text = cells.dtype == pl.String
    stripped = cells.str.strip_chars() if text else cells
    present = (stripped != "").fill_null(False) if text else cells.is_not_null()
    plain, done = _plain(words, cells, stripped)
    done = done.fill_null(False) & present & ~_named(words, cells, stripped)
    rest = present & ~done
    never = _never(len(cells))
    if column.empty is None and not text and not rest.any():  # null where the cell is
        return ReadCells(plain.rename(column.name), never, never)
    frame = pl.DataFrame({"cell": cells, "plain": plain, "done": done, "present": present, "none": never})
    exact: dict[int, Fraction] = {}
    bad = never
    if rest.any():
        others, numbers = _by_distinct(column, frame.filter(rest)["cell"].unique())
        joined = frame.select("cell").join(others, on="cell", how="left", maintain_order="left", nulls_equal=True)
        frame = frame.with_columns(
            plain=pl.when(done).then("plain").otherwise(joined["value"]),
            none=(~frame["done"]) & joined["nothing"].fill_null(False) & present,
        )
        bad = rest & joined["refused"].fill_null(False)
        if numbers:
            marks = pl.when(rest).then(joined["number"]).otherwise(None)
            held = frame.select(marks.alias("n"))["n"]
            exact = {int(row): numbers[int(held[int(row)])] for row in held.is_not_null().arg_true()}
    else:
        frame = frame.with_columns(plain=pl.when("done").then("plain"))
    if column.empty is not None:
        frame = _with_empty(column, frame)
    return ReadCells(frame["plain"].rename(column.name), frame["none"], bad.rename("bad"), exact)


def refusal(column: BoundColumn, cell: Any) -> Refused:
    """Why a cell is refused."""
    try:
        column.read(cell)
    except Refused as refused:
        return refused
    return Refused("SR1026", cell, _LINE)


@lru_cache(maxsize=64)
def _never(height: int) -> pl.Series:
    """So of no row. Columns are many, and of few heights."""
    import polars as pl

    return pl.repeat(False, height, eager=True)


def _plain_type(of: ScalarType, cells: pl.Series) -> pl.Series:
    """Cells of types that are read by their text, or by their day, as such."""
    import polars as pl

    dtype = cells.dtype
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Decimal) or dtype in (pl.Float32, pl.Null):
        return cells.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            cells = cells.dt.convert_time_zone("Asia/Shanghai").dt.replace_time_zone(None)
        days = cells.dt.date()
        return days if (cells.dt.time().cast(pl.Int64) == 0).all() else _days_or_moments(cells)
    return cells


def _days_or_moments(cells: pl.Series) -> pl.Series:
    """As text: the day where the time of day is midnight, else the moment, which the reader refuses."""
    import polars as pl

    midnight = cells.dt.time().cast(pl.Int64) == 0
    texts = pl.select(
        pl.when(midnight).then(cells.dt.date().cast(pl.String)).otherwise(cells.dt.to_string("%Y-%m-%d %H:%M:%S"))
    )
    return texts.to_series().rename(cells.name)


def _all_plain(words: Words, cells: pl.Series) -> pl.Series | None:
    """The values of cells of which each is plain or null, where that is seen of the whole column at once: most are
    such. None where it is not seen; a cell may be plain all the same."""
    import polars as pl

    match words.type:
        case BooleanType() if cells.dtype == pl.Boolean:
            return cells
        case ChoiceType() as of if cells.dtype == pl.String:
            values = cells.cast(column_type(of), strict=False)
            return values if values.null_count() == cells.null_count() else None
        case NumberType() as of if cells.dtype.is_numeric() and _power_of_ten(words, of) == 0:
            return _all_within(of, cells)
        case DateType() if cells.dtype == pl.Date:
            least, most = cells.min(), cells.max()
            within = least is None or date.min <= least <= most <= date.max  # type: ignore[operator]
            return cells if within else None
    return None


def _all_within(of: NumberType, cells: pl.Series) -> pl.Series | None:
    """The numbers of a column, where all of them lie within the range of their fact, as floats hold them."""
    import polars as pl

    numbers = cells.cast(pl.Float64)
    least, most = cells.min(), cells.max()
    if least is None:
        return numbers
    largest = Fraction(LARGEST_NUMBER)
    low = -largest if of.minimum is None else max(of.minimum, -largest)
    high = largest if of.maximum is None else min(of.maximum, largest)
    # What is not a number at all hides among the least and the most.
    if cells.dtype.is_float() and (cells.is_nan().any() or (of.integer and not (cells == cells.floor()).all())):
        return None
    if not (low <= _exact(least) and _exact(most) <= high):
        return None
    return numbers


def _exact(number: Any) -> Fraction | float:
    """The decimal that a number stands for; infinity as it is."""
    if isinstance(number, float):
        return number if isinf(number) else decimal_of(number)
    return Fraction(number)


def _plain(words: Words, cells: pl.Series, stripped: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The values of plain cells, and which they are."""
    import polars as pl

    never = _never(len(cells))
    unread = pl.Series(cells.name, [None], dtype=column_type(words.type)).new_from_index(0, len(cells))
    text = cells.dtype == pl.String
    match words.type:
        case BooleanType():
            if cells.dtype == pl.Boolean:
                return cells, cells.is_not_null()
            if text:
                yes, no = stripped.is_in(list(YES)), stripped.is_in(list(NO))
                return pl.select(pl.when(yes).then(True).when(no).then(False)).to_series(), yes | no
        case ChoiceType():
            if text:
                values = stripped.cast(column_type(words.type), strict=False)
                return values, values.is_not_null()
        case NumberType():
            return _numbers(words, words.type, cells, stripped)
        case DateType():
            if cells.dtype == pl.Date:
                return cells, cells.is_between(date.min, date.max)
            if text and words.format is None:
                values = stripped.str.to_date("%Y-%m-%d", strict=False)
                return values, stripped.str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$") & (values >= date.min)
        case TextType(code=None):
            if text and words.pad is None:
                done = cells.str.len_chars() <= LONGEST_TEXT
                if words.may_not_apply:
                    done &= ~stripped.str.to_lowercase().is_in(list(NOTHING_WORDS))
                return cells, done
        case TextType(code="credit_code"):
            if text and not words.pad:
                return cells.str.to_uppercase(), _credit_codes(cells)
    return unread, never


def _named(words: Words, cells: pl.Series, stripped: pl.Series) -> pl.Series:
    """Cells that the mapping gives a meaning of their own."""
    import polars as pl

    if not words.values:
        return _never(len(cells))
    if cells.dtype == pl.String:
        return stripped.is_in(list(words.values)).fill_null(False)
    if cells.dtype.is_numeric():
        numbers = [float(key) for key in words.values if _is_number(key)]
        return cells.cast(pl.Float64).is_in(numbers).fill_null(False)
    return cells.is_not_null()


def _is_number(key: str) -> bool:
    try:
        float(key)
    except ValueError:
        return False
    return True


def _numbers(words: Words, of: NumberType, cells: pl.Series, stripped: pl.Series) -> tuple[pl.Series, pl.Series]:
    import polars as pl

    shift = _power_of_ten(words, of)
    if shift is None:
        return pl.Series(cells.name, [None], dtype=pl.Float64).new_from_index(0, len(cells)), cells.is_null() & False
    if cells.dtype == pl.String or shift:
        numbers, done = _decimals(stripped if cells.dtype == pl.String else cells.cast(pl.String), shift)
    elif cells.dtype.is_integer():
        whole = cells.cast(pl.Int64, strict=False)
        numbers, done = whole.cast(pl.Float64), whole.is_between(-int(LARGEST_NUMBER), int(LARGEST_NUMBER))
    else:
        numbers, done = cells, cells.is_finite() & (cells.abs() <= LARGEST_NUMBER)
    if of.integer:
        done &= numbers == numbers.floor()
    if of.minimum is not None:
        done &= numbers >= least_float_from(of.minimum)
    if of.maximum is not None:
        done &= numbers <= -least_float_from(-of.maximum)
    return numbers, done


def _decimals(text: pl.Series, shift: int) -> tuple[pl.Series, pl.Series]:
    """The floats that print the decimals of ``text`` times a power of ten, and where that is certain."""
    import polars as pl

    mantissa = text.str.replace("[eE].*$", "")
    digits = mantissa.str.replace_all("[^0-9]", "").str.strip_chars_start("0").str.len_chars()
    certain = text.str.contains(NUMBER) & (digits <= _SAFE_DIGITS)
    if shift:
        exponent = text.str.extract("[eE](.*)$").cast(pl.Int32, strict=False).fill_null(0) + shift
        text = mantissa + "e" + exponent.cast(pl.String)
    numbers = text.str.strip_prefix("+").cast(pl.Float64, strict=False)
    size = numbers.abs()
    return numbers, certain & ((size == 0) | (size >= _LEAST_NORMAL)) & (size <= LARGEST_NUMBER)


def _power_of_ten(words: Words, of: NumberType) -> int | None:
    """The power of ten that takes the column's unit to the fact's; None where there is none."""
    if words.unit is None or of.unit is None:
        return 0
    unit = parse_unit(words.unit)
    if convert(Fraction(0), unit, of.unit):
        return None
    factor = convert(Fraction(1), unit, of.unit)
    whole, power = (factor.numerator, 1) if factor.denominator == 1 else (factor.denominator, -1)
    digits = str(whole)
    if 1 not in (factor.numerator, factor.denominator) or digits.strip("0") != "1":
        return None
    return power * (len(digits) - 1)


@lru_cache(maxsize=1024)
def least_float_from(bound: Fraction) -> float:
    """The least float whose decimal is not below ``bound``."""
    near = float(bound)
    while near not in (inf, -inf) and decimal_of(near) >= bound:
        near = nextafter(near, -inf)
    while near not in (inf, -inf) and decimal_of(near) < bound:
        near = nextafter(near, inf)
    return near


def _credit_codes(cells: pl.Series) -> pl.Series:
    """Which cells are unified social credit codes with their check character."""
    import polars as pl

    shaped = cells.str.contains(_CREDIT_SHAPE).fill_null(False)
    codes = cells.filter(shaped).str.to_uppercase().cast(pl.Binary)
    of_byte = pl.Series([max(CREDIT_CHARACTERS.find(chr(byte)), 0) for byte in range(256)], dtype=pl.Int32)
    characters = of_byte.gather(codes.bin.reinterpret(dtype=pl.Array(pl.UInt8, 18)).explode()).reshape((-1, 18))
    total = pl.Series([0], dtype=pl.Int32).new_from_index(0, len(codes))
    for position, weight in enumerate((*CREDIT_WEIGHTS, 1)):
        total = total + characters.arr.get(position) * weight
    checked = pl.DataFrame({"row": shaped.arg_true(), "checked": total % 31 == 0})
    rows = pl.DataFrame({"row": pl.int_range(0, len(cells), eager=True, dtype=pl.UInt32)})
    return rows.join(checked, on="row", how="left", maintain_order="left")["checked"].fill_null(False)


def _by_distinct(column: BoundColumn, cells: pl.Series) -> tuple[pl.DataFrame, list[Fraction]]:
    """What each of some distinct cells says, one by one."""
    import polars as pl

    of = column.words.type
    values: list[Any] = []
    nothing: list[bool] = []
    refused: list[bool] = []
    number: list[int | None] = []
    exact: list[Fraction] = []
    for cell in cells:
        value: Any = None
        bad, many = False, None
        try:
            value = column.read(cell) if not (isinstance(cell, str) and len(cell) > LONGEST_TEXT) else _too_long(cell)
        except Refused:
            bad = True
        if isinstance(value, Fraction):
            held = float_of(value)
            if held is None:
                many = len(exact)
                exact.append(value)
            value = held
        nothing.append(value is NOTHING)
        values.append(None if value is NOTHING else value)
        refused.append(bad)
        number.append(many)
    frame = pl.DataFrame(
        {
            "cell": cells,
            "value": pl.Series(values, dtype=column_type(of)),
            "nothing": nothing,
            "refused": refused,
            "number": pl.Series(number, dtype=pl.UInt32),
        }
    )
    return frame, exact


def _too_long(cell: str) -> Any:
    raise Refused("SR1026", cell, _LINE)


def _with_empty(column: BoundColumn, frame: pl.DataFrame) -> pl.DataFrame:
    """With what an empty cell means."""
    import polars as pl

    value = column.empty
    if value is NOTHING:
        return frame.with_columns(none=pl.col("none") | ~pl.col("present"))
    plain = float_of(value) if isinstance(value, Fraction) else value
    filled = pl.lit(plain, dtype=frame["plain"].dtype)
    return frame.with_columns(plain=pl.when("present").then("plain").otherwise(filled))
