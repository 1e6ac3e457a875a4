"""Codes of national standards: checked, and brought to one form.

GB 32100-2015 unified social credit codes, GB/T 4754-2017 industry codes, GB/T 2260 place codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from safetyrules.diagnostics import did_you_mean
from safetyrules.facts.packaged import packaged_rows
from safetyrules.facts.refusal import Refused, half_width, printable
from safetyrules.facts.schema import CodeName
from safetyrules.places import places
from safetyrules.text import Text

#: Digits and letters in order of value; I, O, S, V and Z are left out because they are easily misread.
CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_MISREAD = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U"}


class Division(NamedTuple):
    """A division of GB/T 4754-2017 and the section it belongs to."""

    code: str
    title: Text
    section: str


def credit_code(given: str) -> str:
    """A unified social credit code in upper case. The first two characters are not judged: their list has grown."""
    code = _ascii(given, "SR1040", _CREDIT).upper()
    if len(code) != 18:
        raise Refused("SR1040", given, _CREDIT)
    wrong = next((c for c in code if c not in CREDIT_CHARACTERS), None)
    if wrong is not None:
        like = _MISREAD.get(wrong)
        fix = Text(f"“{wrong}”可能是“{like}”", f"'{wrong}' may be '{like}'") if like else None
        raise Refused("SR1040", given, _CREDIT, fix)
    if not re.fullmatch("[0-9]{6}", code[2:8]):
        expected = Text("第 3 至 8 位为登记机关的区划代码", "six digits of the registering office in positions 3 to 8")
        raise Refused("SR1040", given, expected)
    check = credit_check(code[:17])
    if code[17] != check:
        expected = Text(f"校验码 {check}", f"the check character {check}")
        fix = Text("核对证照上的全部 18 位", "compare all 18 characters with the certificate")
        raise Refused("SR1041", given, expected, fix)
    return code


def credit_check(first: str) -> str:
    """The check character of the first 17 characters."""
    total = sum(CREDIT_CHARACTERS.index(c) * weight for c, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return CREDIT_CHARACTERS[-total % 31]


def industry(given: str) -> str:
    """The 2 to 4 digits of an industry code; a section letter before them is checked and left out."""
    code = _ascii(given, "SR1042", _INDUSTRY).upper()
    match = re.fullmatch("([A-T]?)([0-9]{2,4})", code)
    if match is None:
        raise Refused("SR1042", given, _INDUSTRY)
    letter, digits = match[1], match[2]
    division = divisions().get(digits[:2])
    if division is None:
        raise Refused("SR1043", given, Text("大类 01 至 97", "a division from 01 to 97"), division=digits[:2])
    if letter and letter != division.section:
        write = division.section + digits
        expected = Text(f"门类 {division.section}", f"section {division.section}")
        raise Refused("SR1044", given, expected, Text(f"写成 {write}", f"write {write}"), division=division.code)
    return digits


def section_of(code: str) -> str:
    """The section letter of an industry code. Raises `Refused` where the code is none."""
    return divisions()[industry(code)[:2]].section


@lru_cache(maxsize=1)
def divisions() -> Mapping[str, Division]:
    """The 97 divisions by their two digits."""
    return {
        row["code"]: Division(row["code"], Text(row["name_zh"], row["name_en"]), row["section"])
        for row in packaged_rows("industry_divisions.csv")
    }


def place(given: str) -> str:
    """A place code without the zeros that only fill it up (350581001000 is 350581001), or the code of a park.

    Its province must be known. Counties and townships need not be: what is unknown of them stays unknown.
    """
    tree = places()
    if given in tree:
        return given
    code = _ascii(given, "SR1045", _PLACE, _named_place)
    if not re.fullmatch("[0-9]{6}([0-9]{3}){0,2}", code):
        raise Refused("SR1045", given, _PLACE, _named_place(given))
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    if code[:2] + "0000" not in tree:
        provinces = sorted(p.code[:2] for p in tree.of_level("province"))
        expected = Text(f"省级代码 {'、'.join(provinces)}", f"a province-level code: {', '.join(provinces)}")
        raise Refused("SR1046", given, expected, province=code[:2])
    return code


CODE_READERS: Mapping[CodeName, Callable[[str], str]] = {
    "credit_code": credit_code,
    "industry": industry,
    "place": place,
}


def _ascii(given: str, malformed: str, expected: Text, name: Callable[[str], Text | None] = lambda words: None) -> str:
    """The code as given, refusing blanks around it and full-width look-alikes in it."""
    plain = half_width(given).strip()
    if plain != given and plain.isascii():
        write = printable(plain)
        raise Refused("SR1047", given, expected, Text(f"写成 {write}", f"write {write}"))
    if not given.isascii():
        raise Refused(malformed, given, expected, name(given))
    return given


def _named_place(words: str) -> Text | None:
    """A fix for a place given by its name."""
    tree = places()
    found = tree.find(words.strip())
    if not found:
        return did_you_mean(words, tree.codes) if words.isascii() else None
    codes = "、".join(p.code for p in found), " or ".join(p.code for p in found)
    return Text(f"写成 {codes[0]}", f"write {codes[1]}")


_CREDIT = Text("18 位：数字和大写字母（不用 I、O、S、V、Z）", "18 digits and capital letters (never I, O, S, V, Z)")
_INDUSTRY = Text(
    "2 至 4 位数字，前面可有门类字母，如 2662 或 C2662",
    "2 to 4 digits, a section letter before them if you like: 2662 or C2662",
)
_PLACE = Text("6 位数字，乡镇街道 9 或 12 位", "6 digits, for a township 9 or 12")
