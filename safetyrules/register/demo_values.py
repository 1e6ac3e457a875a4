"""The columns of one fact: values that look like a register's, some on the bounds of the law, some unknown."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from statistics import median

import polars as pl

from safetyrules.engine.algebra import add_months
from safetyrules.engine.columnar.tables import LARGEST_NUMBER, column_type
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    TextType,
    ValuesType,
)
from safetyrules.program import Program
from safetyrules.register.demo_bounds import Bounds, bounds_of
from safetyrules.register.demo_codes import INDUSTRIES, credit_codes, places_inside, registering_office, valid
from safetyrules.register.demo_draws import (
    AROUND,
    BOUNDARY_BITS,
    DAYS_AGO,
    MONEY_FOR_EACH,
    PERSONS,
    STRAY,
    Quantiles,
    chance,
    drawn,
    falling,
    mixed,
    off_wheel,
    wheel,
    whole,
)
from safetyrules.register.demo_request import PRESENT, DemoRequest
from safetyrules.units import SYMBOLS, Unit, convert

#: Columns that are not facts: the key that all draws start from, the number of the row, of the part in its subject, the
#: subject's credit code, the draw of the subject's size, and whether the subject takes care.
KEY, ROW, PART, CODE, SIZE, CARE = "#key", "#row", "#part", "#code", "#size", "#care"
#: How many subjects take care, and how often what leads to a finding is so where care is taken, and where it is not:
#: were it so everywhere alike, every subject with many parts would be as bad as can be.
CAREFUL, BAD_WITH_CARE, BAD_WITHOUT = 0.7, 0.002, 0.12
#: From this many booleans in one section they are tags, of which this many hold for a subject on average.
MANY_TAGS, TAGS_THAT_HOLD = 5, 0.4
#: How much more frequent a choice called "none" is than the others.
NONE_OF_THEM = 5.0
DECIDED = 0.05
_EPOCH = date(1970, 1, 1).toordinal()
#: What is usual where no rule names a bound, by unit.
_USUAL = {"person": 15.0, "t": 20.0, "m2": 900.0, "m3": 200.0, "m": 12.0, "day": 30.0, "month": 12.0, "%": 20.0}
_USUAL_NUMBER = 4.0
_PERSON, _MONEY = "person", "10k_yuan"


@dataclass(frozen=True)
class Setting:
    """A request with what the program says of it."""

    program: Program
    request: DemoRequest

    @cached_property
    def day(self) -> date:
        return self.request.day(self.program)

    @cached_property
    def bounds(self) -> Bounds:
        return bounds_of(self.program.plan(self.day, self.request.place))

    @cached_property
    def places(self) -> list[str]:
        return places_inside(self.request.place, self.program.places, self.day)

    @cached_property
    def office(self) -> str:
        return registering_office(self.request.place, self.program.places, self.day)

    @cached_property
    def law_days(self) -> set[int]:
        """The first and last days of the instruments."""
        days = (d for i in self.program.linked.instruments.values() for d in (i.in_force.first, i.in_force.last))
        return {day.toordinal() for day in days if day is not None}

    def says_what_is_present(self, fact: Fact) -> bool:
        return any(sector.present == fact.name for sector in self.program.schema.sectors.values())

    def unknown_rate(self, kind: Kind, fact: Fact) -> float:
        """A register knows whom it registers, and mostly where; few decisions are on record."""
        missing = self.request.missing
        if isinstance(fact.type, TextType) and kind.root:
            missing *= {"credit_code": 0.0, "place": 0.1}.get(fact.type.code or "", 1.0)
        return 1 - (1 - missing) * DECIDED if (kind.name, fact.name) in self.bounds.decisions else missing


def value_of(setting: Setting, kind: Kind, fact: Fact, draw: pl.Expr) -> pl.Expr:
    """What the fact would be, were it known."""
    assert not isinstance(fact.type, PartsType | ValuesType)
    return _value(setting, kind, fact, fact.type, draw)


def member_of(setting: Setting, kind: Kind, fact: Fact, ordinal: pl.Expr, first: pl.Expr, draw: pl.Expr) -> pl.Expr:
    """A member of a list of scalars; of a choice they differ: ``first`` is the same for all of one list."""
    assert isinstance(fact.type, ValuesType)
    of = fact.type.item
    if isinstance(of, ChoiceType):
        names = pl.Series(values=of.members, dtype=column_type(of))
        return pl.lit(names).gather(((first + ordinal) % whole(names.len())).cast(pl.UInt32))
    return _value(setting, kind, fact, of, draw)


def _value(setting: Setting, kind: Kind, fact: Fact, of: ScalarType, draw: pl.Expr) -> pl.Expr:
    match of:
        case BooleanType():
            bad = setting.bounds.bad.get((kind.name, fact.name), set())
            if len(bad) == 1 and not setting.says_what_is_present(fact):
                return _with_care(lambda rate: chance(draw, rate if True in bad else 1 - rate))
            return chance(draw, _rate(setting, kind, fact))
        case ChoiceType():
            bad = setting.bounds.bad.get((kind.name, fact.name), set())
            if 0 < len(bad) < len(of.members):
                return _with_care(lambda rate: off_wheel(_choice(of, bad, rate), draw))
            return off_wheel(_choice(of), draw)
        case NumberType():
            value, bounds = _number(setting, kind, fact, of, draw), _beside(setting, kind, fact, of)
        case DateType():
            value, bounds = days_ago(setting, draw), _days_beside(setting, kind, fact)
        case TextType():
            value, bounds = _text(setting, kind, fact, of, draw), _beginnings(setting, kind, fact, of)
    if not bounds.len():
        return value
    return pl.when(chance(draw, setting.request.boundary, BOUNDARY_BITS)).then(off_wheel(bounds, draw)).otherwise(value)


# ---- booleans and choices --------------------------------------------------------------------------------------------


def care(key: pl.Expr) -> pl.Expr:
    return chance(drawn(key, "care"), CAREFUL)


def _with_care(value: Callable[[float], pl.Expr]) -> pl.Expr:
    return pl.when(pl.col(CARE)).then(value(BAD_WITH_CARE)).otherwise(value(BAD_WITHOUT))


def _rate(setting: Setting, kind: Kind, fact: Fact) -> float:
    """How often a boolean is true that does not lead to a finding by itself."""
    for sector in setting.program.schema.sectors.values():
        if sector.present == fact.name:
            return setting.request.present.get(sector.name, PRESENT)
    section = fact.name.rpartition(".")[0]
    tags = [
        other for other in kind.facts.values()
        if isinstance(other.type, BooleanType) and other.name.rpartition(".")[0] == section
        and (kind.name, other.name) not in setting.bounds.bad
    ]  # fmt: skip
    return TAGS_THAT_HOLD / len(tags) if len(tags) >= MANY_TAGS else 0.5


def _choice(of: ChoiceType, bad: Collection[bool | str] = (), rate: float = 0.0) -> pl.Series:
    weights = [NONE_OF_THEM if member == "none" else 1.0 for member in of.members]
    for group, share in ((True, rate), (False, 1 - rate)):
        total = sum(w for member, w in zip(of.members, weights, strict=True) if (member in bad) == group)
        weights = [
            w * share / total if bad and (member in bad) == group else w
            for member, w in zip(of.members, weights, strict=True)
        ]
    return wheel(of.members, weights, column_type(of))


# ---- numbers ---------------------------------------------------------------------------------------------------------


def _number(setting: Setting, kind: Kind, fact: Fact, of: NumberType, draw: pl.Expr) -> pl.Expr:
    counts = sorted(number for number in setting.bounds.numbers.get((kind.name, fact.name), ()) if number > 0)
    value, usual = _of_the_size(kind, fact, of, draw), 1.0
    if value is None and counts:
        usual = float(median(counts))
        value = AROUND.times(usual).off(draw)
    elif value is None and of.minimum is not None and of.maximum is not None:
        usual = float(of.maximum - of.minimum)
        value = Quantiles(((0, float(of.minimum)), (1, float(of.maximum)))).off(draw)
    elif value is None:
        usual = _USUAL.get(str(of.unit), _USUAL_NUMBER)
        value = AROUND.times(usual).off(draw) + float(of.minimum or 0)
    low, high = setting.bounds.good.get((kind.name, fact.name), (None, None))
    if (low is not None or high is not None) and (low is None or high is None or low <= high):
        good = value.clip(None if low is None else float(low), None if high is None else float(high))
        again = mixed(draw + whole(1))
        value = pl.when(_with_care(lambda rate: chance(again, rate))).then(value).otherwise(good)
    # Rounding divides each number by itself, so that its shortest form has no more decimals; dividing a whole column
    # by a constant does not: Polars multiplies by the reciprocal.
    value = value.floor() if of.integer else value.round(_decimals(usual))
    least = None if of.minimum is None else float(-(-of.minimum // 1) if of.integer else of.minimum)
    most = None if of.maximum is None else float(of.maximum // 1 if of.integer else of.maximum)
    return value if least is None and most is None else value.clip(least, most)


def _of_the_size(kind: Kind, fact: Fact, of: NumberType, draw: pl.Expr) -> pl.Expr | None:
    """Persons and money of the subject as a whole go with its size."""
    if not kind.root or "." in fact.name or of.unit is None:
        return None
    persons = PERSONS.off(pl.col(SIZE), draw)
    if str(of.unit) == _PERSON:
        return (persons * STRAY.off(draw)).clip(1.0)
    if _is_money(of.unit):
        scale = float(convert(Fraction(1), _MONEY_UNIT, of.unit))
        return persons * MONEY_FOR_EACH.off(draw) * scale
    return None


_MONEY_UNIT = Unit(((_MONEY, 1),))


def _is_money(unit: Unit) -> bool:
    return len(unit.powers) == 1 and unit.powers[0][1] == 1 and SYMBOLS[unit.powers[0][0]][0] == "money"


def _decimals(usual: float) -> int:
    decimals = 2
    while usual < 1:
        usual, decimals = usual * 10, decimals + 1
    return decimals


def _beside(setting: Setting, kind: Kind, fact: Fact, of: NumberType) -> pl.Series:
    """The bounds of a number, and one step to either side of each."""
    found: set[Fraction] = set()
    for bound in setting.bounds.numbers.get((kind.name, fact.name), ()):
        decimals = 0 if of.integer else 2
        while not of.integer and decimals < 9 and (bound * 10**decimals).denominator != 1:
            decimals += 1
        step = Fraction(1, 10**decimals)
        below = bound // step * step
        found |= {below - step, below, below + step}
    fitting = sorted(
        number for number in found
        if abs(number) <= LARGEST_NUMBER
        and (of.minimum is None or number >= of.minimum) and (of.maximum is None or number <= of.maximum)
        and (number >= 0 or of.minimum is not None or any(n < 0 for n in setting.bounds.numbers[kind.name, fact.name]))
    )  # fmt: skip
    return pl.Series(values=[float(number) for number in fitting], dtype=pl.Float64)


# ---- dates -----------------------------------------------------------------------------------------------------------


def days_ago(setting: Setting, draw: pl.Expr) -> pl.Expr:
    """A day before the day of the facts, seldom after it."""
    today = setting.day.toordinal() - _EPOCH
    return (float(today) - DAYS_AGO.off(draw)).floor().cast(pl.Int32).cast(pl.Date)


def _days_beside(setting: Setting, kind: Kind, fact: Fact) -> pl.Series:
    """Days on which law begins or ends, on which a period that a rule names ends today, and the days beside them."""
    place, today = (kind.name, fact.name), setting.day.toordinal()
    days = {today, *setting.law_days, *setting.bounds.dates.get(place, ())}
    days |= {today - period for period in setting.bounds.days.get(place, ())}
    for period in setting.bounds.months.get(place, ()):
        start = add_months(Fraction(today), Fraction(-period))
        days |= set() if start is None else {int(start)}
    fitting = sorted({day + step for day in days for step in (-1, 0, 1) if 1 < day < date.max.toordinal()})
    return pl.Series(values=[date.min + timedelta(day - 1) for day in fitting], dtype=pl.Date)


# ---- texts -----------------------------------------------------------------------------------------------------------


def _text(setting: Setting, kind: Kind, fact: Fact, of: TextType, draw: pl.Expr) -> pl.Expr:
    match of.code:
        case "credit_code" if kind.root:
            return pl.col(CODE)
        case "credit_code":
            some = pl.select(pl.int_range(0, 64, dtype=pl.UInt64).alias(ROW))
            return off_wheel(some.select(credit_codes(pl.col(ROW), pl.col(ROW), setting.office)).to_series(), draw)
        case "place":
            return off_wheel(wheel(setting.places, falling(len(setting.places)), pl.String), draw)
        case "industry":
            return off_wheel(wheel(list(INDUSTRIES), INDUSTRIES.values(), pl.String), draw)
    keys = list(setting.bounds.texts.get((kind.name, fact.name), ()))
    title = fact.title.zh
    if keys:
        return off_wheel(wheel([*keys, f"未列名{title}"], [*falling(len(keys)), 0.1], pl.String), draw)
    if fact.name.rpartition(".")[2] == "name":
        number = pl.col(ROW) + 1 if kind.root else pl.col(PART)
        where = setting.program.places.name(setting.request.place, setting.day).zh + "示例" if kind.root else ""
        return pl.concat_str([pl.lit(where + kind.title.zh), number.cast(pl.String)])
    return off_wheel(wheel([f"{title}（示例{number}）" for number in range(1, 17)], None, pl.String), draw)


def _beginnings(setting: Setting, kind: Kind, fact: Fact, of: TextType) -> pl.Series:
    """Texts that rules look for at the beginning of this one, where they can stand for themselves."""
    place = (kind.name, fact.name)
    known = {**setting.bounds.starts.get(place, {}), **(setting.bounds.texts.get(place, {}) if of.code else {})}
    fitting = list(known) if of.code is None else valid(of.code, known)
    if of.code in ("credit_code", "place"):
        fitting = []  # a register is of one region, and of its own subjects
    return pl.Series(values=fitting, dtype=pl.String)
