from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyrules.facts.codes import (
    CREDIT_CHARACTERS,
    credit_check,
    credit_code,
    divisions,
    industry,
    place,
    section_of,
)
from safetyrules.facts.refusal import Refused

VALID = (
    "91350100M000100Y43",
    "91210102MA0000015T",
    "91500110MA0000015D",
    "91350581MA00000154",
    "91150525MA0000015K",
    "91430723MA0000015W",
)


def refused(reader: object, words: str) -> Refused:
    assert callable(reader)
    with pytest.raises(Refused) as caught:
        reader(words)
    return caught.value


@pytest.mark.parametrize("code", VALID)
def test_published_credit_codes_are_accepted(code: str) -> None:
    assert credit_code(code) == code
    assert credit_code(code.lower()) == code


def test_a_wrong_check_character_is_named() -> None:
    error = refused(credit_code, "91350100M000100Y44")
    assert error.code == "SR1041"
    assert error.found == '"91350100M000100Y44"'
    assert error.expected is not None
    assert error.expected == ("校验码 3", "the check character 3")


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("91350100M000100Y4", "SR1040"),
        ("91350100M000100Y433", "SR1040"),
        ("9135O100M000100Y43", "SR1040"),
        ("91A50100M000100Y43", "SR1040"),
        ("９1350100M000100Y43", "SR1047"),
        (" 91350100M000100Y43", "SR1047"),
        ("", "SR1040"),
        ("信用代码", "SR1040"),
    ],
)
def test_malformed_credit_codes(code: str, number: str) -> None:
    assert refused(credit_code, code).code == number


def test_full_width_and_misread_characters_are_pointed_out() -> None:
    wide = refused(credit_code, "９1350100M000100Y43").fix
    assert wide is not None
    assert "91350100M000100Y43" in wide.en
    misread = refused(credit_code, "9135O100M000100Y43").fix
    assert misread is not None
    assert "'O' may be '0'" in misread.en


body = st.text(CREDIT_CHARACTERS, min_size=2, max_size=2), st.text("0123456789", min_size=6, max_size=6)


subjects = st.text(CREDIT_CHARACTERS, min_size=9, max_size=9)


@given(*body, subjects, st.integers(0, 17), st.sampled_from(CREDIT_CHARACTERS))
def test_any_single_changed_character_is_caught(kind: str, region: str, subject: str, at: int, other: str) -> None:
    code = kind + region + subject
    code += credit_check(code)
    assert credit_code(code) == code, "any first two characters are accepted"
    changed = code[:at] + other + code[at + 1 :]
    if changed == code:
        assert credit_code(changed) == code
    else:
        assert refused(credit_code, changed).code in ("SR1040", "SR1041")


def test_the_97_divisions() -> None:
    assert list(divisions()) == [f"{n:02d}" for n in range(1, 98)]
    assert "".join(sorted({d.section for d in divisions().values()})) == "ABCDEFGHIJKLMNOPQRST"
    assert all(d.title.zh and d.title.en for d in divisions().values())


@pytest.mark.parametrize(
    ("given_code", "digits", "section"),
    [
        ("C2662", "2662", "C"), ("c26", "26", "C"), ("266", "266", "C"), ("0610", "0610", "B"), ("05", "05", "A"),
        ("43", "43", "C"), ("44", "44", "D"), ("T97", "97", "T"), ("5990", "5990", "G"), ("70", "70", "K"),
    ],
)
def test_industry_codes(given_code: str, digits: str, section: str) -> None:
    assert industry(given_code) == digits
    assert section_of(given_code) == section


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("2", "SR1042"), ("26621", "SR1042"), ("U26", "SR1042"), ("化工", "SR1042"), ("26.62", "SR1042"),
        ("", "SR1042"),
        ("00", "SR1043"), ("98", "SR1043"), ("B2662", "SR1044"), ("２662", "SR1047"), ("C 26", "SR1042"),
    ],
)
def test_refused_industry_codes(code: str, number: str) -> None:
    assert refused(industry, code).code == number


def test_the_right_section_is_named() -> None:
    error = refused(industry, "B2662")
    assert error.expected == ("门类 C", "section C")
    assert error.fix == ("写成 C2662", "write C2662")


@pytest.mark.parametrize(
    ("given_code", "code"),
    [
        ("320583", "320583"), ("320583100", "320583100"), ("350581001", "350581001"), ("350581001000", "350581001"),
        ("320583000", "320583"), ("320583000000", "320583"), ("320583100201", "320583100201"), ("440000", "440000"),
        ("449999", "449999"), ("320583-KETD", "320583-KETD"),
    ],
)
def test_place_codes(given_code: str, code: str) -> None:
    assert place(given_code) == code


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("32058", "SR1045"), ("3205831", "SR1045"), ("320583100200100", "SR1045"), ("32O583", "SR1045"),
        ("", "SR1045"),
        ("昆山市", "SR1045"), ("990583", "SR1046"), ("000000", "SR1046"), ("３２０５８３", "SR1047"),
        ("320583 ", "SR1047"),
        ("320583-ABC", "SR1045"),
    ],
)
def test_refused_place_codes(code: str, number: str) -> None:
    assert refused(place, code).code == number


def test_a_place_given_by_name_is_answered_with_its_code() -> None:
    assert refused(place, "昆山市").fix == ("写成 320583", "write 320583")
    assert refused(place, "无此市").fix is None


@given(st.text(max_size=24))
def test_readers_refuse_any_other_text_with_a_bilingual_message(words: str) -> None:
    for reader in (credit_code, industry, place):
        try:
            assert reader(words).isascii()
        except Refused as error:
            diagnostic = error.at("x")
            assert diagnostic.message.zh != diagnostic.message.en
            assert diagnostic.found
            assert diagnostic.expected is not None
