"""Codes for invented subjects: valid credit codes in rising order, places of a region, industries by how common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import polars as pl

from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.facts.codes import CODE_READERS, CREDIT_CHARACTERS, CREDIT_WEIGHTS
from safetyrules.facts.refusal import Refused
from safetyrules.facts.schema import CodeName
from safetyrules.places import ROOT, PlaceTree
from safetyrules.register.demo_draws import drawn, whole

#: A credit code: "91" (registered as an enterprise), the registering office, "MA" (registered since 2015), six
#: characters of our own, the check character of the organisation code (GB 11714) and that of the whole.
_KIND, _ORGANISATION = "91", "MA"
_FREE = 6
#: Codes rise by this much from one subject to the next at most twice over, so that they are sorted as they are made.
STEP = 8
MOST_ROWS = 100_000_000
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_BASE = len(CREDIT_CHARACTERS)
#: The office of codes that no region narrows down: the State Administration for Market Regulation.
_NATIONAL_OFFICE = "100000"


def credit_codes(row: pl.Expr, key: pl.Expr, office: str) -> pl.Expr:
    """The credit code of each row (a UInt64 from 0), unique and rising with it; some numbers are left out at random."""
    number = row * whole(STEP) + drawn(key, "credit code") % whole(STEP)
    digits = [((number // whole(_BASE**power)) % whole(_BASE)).cast(pl.UInt32) for power in range(_FREE - 1, -1, -1)]
    organisation = [_organisation_value(c) for c in CREDIT_CHARACTERS]
    total = pl.lit(_weighed(map(_organisation_value, _ORGANISATION), _ORGANISATION_WEIGHTS), dtype=pl.UInt32)
    for digit, weight in zip(digits, _ORGANISATION_WEIGHTS[2:], strict=True):
        total = total + _of(organisation, digit, pl.UInt32) * weight
    organisation_check = _of([_check_of_organisation(rest) for rest in range(11)], total % 11, pl.String)

    first = _KIND + office + _ORGANISATION
    values = [CREDIT_CHARACTERS.index(c) for c in first]
    sum_ = pl.lit(_weighed(values, CREDIT_WEIGHTS), dtype=pl.UInt32)
    for digit, weight in zip(digits, CREDIT_WEIGHTS[len(first) :], strict=False):
        sum_ = sum_ + digit * weight
    check_values = [CREDIT_CHARACTERS.index(_check_of_organisation(rest)) for rest in range(11)]
    sum_ = sum_ + _of(check_values, total % 11, pl.UInt32) * CREDIT_WEIGHTS[16]
    check = _of([CREDIT_CHARACTERS[-rest % _BASE] for rest in range(_BASE)], sum_ % _BASE, pl.String)
    letters = [_of(list(CREDIT_CHARACTERS), digit, pl.String) for digit in digits]
    return pl.concat_str([pl.lit(first), *letters, organisation_check, check])


def registering_office(region: str, tree: PlaceTree, day: date) -> str:
    """Six digits of the region or of the nearest place above it that has six."""
    for code in (region, *tree.ancestors(region, day)):
        if re.fullmatch("[0-9]{6}([0-9]{3}){0,2}", code):
            return code[:6]
    return _NATIONAL_OFFICE


def places_inside(region: str, tree: PlaceTree, day: date) -> list[str]:
    """Counties, townships and parks inside a region on a day; the region alone where the table has none. Raises
    RequestError for a place that is not known."""
    if region != ROOT and not tree.known(region):
        fix = did_you_mean(region, tree.codes)
        raise RequestError([diagnostic("SR2103", name=region, found=region, fix=fix)])
    found = []
    for code in sorted(tree.codes):
        place = tree.at(code, day)
        if place is None or place.code != code or place.level not in ("county", "township", "park"):
            continue
        if region in tree.ancestors(code, day):
            found.append(code)
    return found or [region]


def valid(code: CodeName, given: Iterable[str]) -> list[str]:
    """Those of the texts that are such a code, in the one form that tables of facts have."""
    found: dict[str, None] = {}
    for each in given:
        try:
            found[CODE_READERS[code](each)] = None
        except Refused:
            continue
    return list(found)


def _of(values: list[int] | list[str], place: pl.Expr, dtype: type[pl.DataType]) -> pl.Expr:
    return pl.lit(pl.Series(values=values, dtype=dtype)).gather(place)


def _organisation_value(character: str) -> int:
    return int(character) if character.isdigit() else ord(character) - ord("A") + 10


def _check_of_organisation(rest: int) -> str:
    check = 11 - rest
    return "X" if check == 10 else "0" if check == 11 else str(check)


def _weighed(values: Iterable[int], weights: tuple[int, ...]) -> int:
    return sum(value * weight for value, weight in zip(values, weights, strict=False))


#: Classes, groups and divisions of GB/T 4754-2017 with the share (in thousandths, roughly) of enterprises that name
#: them as their main activity in an industrial city.
INDUSTRIES: dict[str, int] = {
    "5211": 60, "5212": 45, "5165": 40, "6210": 60, "5431": 45, "5435": 8, "7010": 14, "7020": 25, "6513": 35,
    "5011": 30, "4710": 14, "4813": 14, "50": 10, "48": 10, "5162": 10, "5169": 12, "5265": 18, "6110": 15, "5920": 10,
    "5942": 3, "5910": 4, "59": 4, "70": 4, "3311": 35, "3360": 20, "3391": 12, "3392": 10, "3252": 8, "3216": 1,
    "3110": 1, "3120": 2, "3130": 6, "3670": 30, "3611": 2, "34": 40, "35": 30, "38": 20, "39": 15, "2110": 20,
    "2011": 10, "2021": 5, "20": 5, "1311": 15, "1331": 6, "1329": 8, "13": 10, "2611": 2, "2614": 6, "2641": 6,
    "2662": 8, "26": 8, "27": 8, "29": 20, "3011": 2, "3021": 12, "30": 10, "22": 10, "23": 12, "17": 12, "18": 12,
    "0610": 1, "0810": 2, "0710": 1, "10": 3, "4411": 2, "4430": 5, "4511": 3, "0111": 10, "03": 10, "04": 3,
    "72": 40, "73": 15, "80": 20, "82": 15, "84": 6, "66": 2, "53": 1,
}  # fmt: skip
