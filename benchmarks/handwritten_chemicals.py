"""GB 18218 for `handwritten_sets`: bounds of S and R, and the levels still possible."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from benchmarks.handwritten_input import (
    CARBON_MONOXIDE,
    CATEGORY_BETA,
    CATEGORY_WEIGHT,
    COAL_GAS,
    COMMON,
    FORMS,
    INDEX,
    ROW_TOXIC,
    ROW_WEIGHT,
    TOXIC_BETA,
    Record,
    exact,
    recorded_row,
)
from benchmarks.handwritten_logic import INFINITY, Truth, all3, any3, gate, is_, not3

LEVELS = ("level_1", "level_2", "level_3", "level_4")
MAJOR: dict[Truth, frozenset[bool]] = {
    True: frozenset({True}), False: frozenset({False}), None: frozenset({True, False})
}  # fmt: skip
Rows = frozenset[str | None]
NOT_LISTED: Rows = frozenset({None})
GROUPS: dict[str, Rows] = {}
for (_group, _form), _row in FORMS.items():
    GROUPS[_group] = GROUPS.get(_group, NOT_LISTED) | {_row}
FORM_ROWS: dict[str | None, Rows] = {None: frozenset(FORMS.values()) | NOT_LISTED}
for (_group, _form), _row in FORMS.items():
    FORM_ROWS[_form] = FORM_ROWS.get(_form, NOT_LISTED) | {_row}
INDEX_ROWS: Rows = frozenset(row for row, _ in INDEX.values()) | NOT_LISTED
ANY_ROW: Rows = frozenset(ROW_WEIGHT) | NOT_LISTED
LEAST_WEIGHT, MOST_WEIGHT = min(CATEGORY_WEIGHT.values()), max(CATEGORY_WEIGHT.values())
LEAST_BETA, MOST_BETA = min(CATEGORY_BETA.values()), max(CATEGORY_BETA.values())


def unit(record: Record, ten_alpha: tuple[int, int]) -> Record:
    low: Any = 0
    high: Any = 0
    weighted_low: Any = 0
    weighted_high: Any = 0
    materials = record.get("materials")
    if materials is None:
        high = weighted_high = INFINITY
    else:
        for each in materials:
            least, most, beta_least, beta_most = _material(each)
            low += least
            weighted_low += beta_least * least
            if most == INFINITY:
                high = weighted_high = INFINITY
            elif high != INFINITY:
                high += most
                weighted_high += beta_most * most
    found: Record = {
        "drawn_correctly": MAJOR[_drawn_correctly(record)],
        "s": (_number(low, COMMON), _number(high, COMMON)),
    }
    major = True if low >= COMMON else False if high < COMMON else None
    found["is_major_hazard_source"] = MAJOR[major]
    scale = 20 * COMMON
    weighted_low *= ten_alpha[0]
    weighted_high = weighted_high if weighted_high == INFINITY else weighted_high * ten_alpha[1]
    found["r"] = (
        None if major is False else (_number(weighted_low, scale), _number(weighted_high, scale), major is None)
    )
    levels = frozenset(LEVELS[_level(weighted_high, scale) : _level(weighted_low, scale) + 1])
    found["level"] = gate(major, levels)
    return found


def _number(total: Any, scale: int) -> Any:
    return INFINITY if total == INFINITY else Fraction(total) / scale


def _level(weighted: Any, scale: int) -> int:
    return 0 if weighted >= 100 * scale else 1 if weighted >= 50 * scale else 2 if weighted >= 10 * scale else 3


def _drawn_correctly(record: Record) -> Truth:
    get = record.get
    kind, form = get("unit_type"), get("storage_form")
    storage = is_(kind, "storage")
    tests = (
        all3(is_(kind, "production"), _more(get("shut_off_valves_between_parts"), 0)),
        all3(storage, is_(form, "tank_farm"), _more(get("fire_dikes"), 1)),
        all3(storage, is_(form, "warehouse"), _more(get("separate_buildings"), 1)),
    )
    return not3(any3(*tests))


def _more(count: int | None, than: int) -> Truth:
    return None if count is None else count > than


def _material(material: Record) -> tuple[Any, Any, int, int]:
    """Bounds of q/Q in multiples of 1/COMMON, and of twice the factor beta."""
    quantity = material.get("quantity")
    low, high = (0, INFINITY) if quantity is None else (exact(quantity), exact(quantity))
    categories = material.get("categories")
    composition = material.get("composition")
    rows, group = _rows(material, composition)
    ratios: list[tuple[Any, Any]] = []
    weights = [ROW_WEIGHT[row] for row in rows if row is not None]
    if weights:
        ratios.append((low * min(weights), _times(high, max(weights))))
    if None in rows:
        if categories is None:
            ratios += [(low * LEAST_WEIGHT, _times(high, MOST_WEIGHT)), (0, 0)]
        elif categories:
            weight = max([CATEGORY_WEIGHT[c] for c in categories])
            ratios.append((low * weight, _times(high, weight)))
        else:
            ratios.append((0, 0))
    least, most = min(ratio[0] for ratio in ratios), max(ratio[1] for ratio in ratios)
    beta = _beta(_toxic(rows, group, composition), categories)
    return least, most, beta[0], beta[1]


def _times(high: Any, weight: int) -> Any:
    return INFINITY if high == INFINITY else high * weight


def _rows(material: Record, composition: str | None) -> tuple[Rows, Truth]:
    """The rows of Table 1 that the chemical may have, and whether it is carbon monoxide."""
    chemical = material.get("chemical")
    other_class = is_(composition, "mixture_other_class")
    if other_class:
        return NOT_LISTED, False
    if chemical is None:
        return INDEX_ROWS | {COAL_GAS} | FORM_ROWS.get(material.get("table1_form"), NOT_LISTED) | _recorded(
            material
        ), None
    row, group = INDEX.get(chemical, (None, None))
    rows: Rows
    carbon_monoxide = False
    if row is not None:
        rows = frozenset({row})
    elif group == "carbon_monoxide":
        # Whether carbon monoxide belongs to the row "coal gas (CO ...)" is not settled.
        rows, carbon_monoxide = frozenset({COAL_GAS, None}), True
    elif group is not None:
        form = material.get("table1_form")
        rows = GROUPS[group] if form is None else frozenset({FORMS.get((group, form))})
    else:
        rows = _recorded(material)
    return (rows | NOT_LISTED if other_class is None else rows), carbon_monoxide


def _recorded(material: Record) -> Rows:
    """The row on record for a chemical that the tables do not name; any row where that is unknown."""
    return ANY_ROW if material.get("table1_row_recorded") is None else frozenset({recorded_row(material)})


def _toxic(rows: Rows, carbon_monoxide: Truth, composition: str | None) -> frozenset[str | None]:
    """The names in Table 3 that may stand for the chemical."""
    found: set[str | None] = {None} if composition is None else set()
    if carbon_monoxide is not False:
        found.add(CARBON_MONOXIDE)
    if carbon_monoxide is not True:
        if COAL_GAS in rows:
            # Whether coal gas takes the factor of carbon monoxide is not settled.
            found.add(CARBON_MONOXIDE)
        names = {None if row is None else ROW_TOXIC[row] for row in rows}
        found |= names
    return frozenset(found)


def _beta(toxic: frozenset[str | None], categories: list[str] | None) -> tuple[int, int]:
    found = [TOXIC_BETA[name] for name in toxic if name is not None]
    if None in toxic:
        if categories is None:
            found += [LEAST_BETA, MOST_BETA, 8]
        elif categories:
            # Whether the category with the lowest threshold decides, or the largest factor, is not settled.
            decisive = max(CATEGORY_WEIGHT[c] for c in categories)
            found.append(max(CATEGORY_BETA[c] for c in categories if CATEGORY_WEIGHT[c] == decisive))
            found.append(max(CATEGORY_BETA[c] for c in categories))
        else:
            found.append(8)
    return min(found), max(found)
