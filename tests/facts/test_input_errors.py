"""Every refusal: code, path, what was found, what was expected, how to fix it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import BaseModel, model_serializer
from sample_schema import MODELS, nested, problems, read

from safetyrules.diagnostics import FactsError
from safetyrules.diagnostics.facts_codes import CODES
from safetyrules.facts.input import parse_facts

PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"

# fact, given, code, found, part of expected, part of fix ("" where there is none)
SCALARS: list[tuple[str, object, str, str, str, str]] = [
    ("permit", "yes", "SR1004", '"yes"', "true / false", "write true"),
    ("permit", "否", "SR1004", '"否"', "true / false", "write false"),
    ("permit", "ｆａｌｓｅ", "SR1004", '"ｆａｌｓｅ"', "true / false", "write false"),
    ("permit", 1, "SR1004", "1", "true / false", "write true"),
    ("permit", 0, "SR1004", "0", "true / false", "write false"),
    ("permit", 1.0, "SR1004", "1.0", "true / false", ""),
    ("permit", "maybe", "SR1004", '"maybe"', "true / false", ""),
    ("permit", [True], "SR1004", "[true]", "true / false", ""),
    ("permit", {"at_least": True}, "SR1014", "{at_least: true}", "true / false", "one_of"),
    ("permit", {"not_applicable": True}, "SR1016", "{not_applicable: true}", "true / false", "{unknown: true}"),
    ("permit", {"one_of": []}, "SR1013", "{one_of: []}", "not empty", ""),
    ("permit", {"one_of": [None]}, "SR1004", "null", "true / false", ""),
    ("permit", {"one_of": True}, "SR1013", "{one_of: true}", "not empty", ""),
    ("permit", {"unknown": False}, "SR1013", "{unknown: false}", "unknown: true", ""),
    ("permit", {}, "SR1013", "{}", "exactly one of value", ""),
    ("permit", {"source": "visit"}, "SR1013", '{source: "visit"}', "exactly one of value", ""),
    ("permit", {"valeu": True}, "SR1013", '"valeu"', "exactly one of value", "'value'"),
    ("permit", {"value": True, "unknown": True}, "SR1013", '"value + unknown"', "exactly one of", ""),
    ("permit", {"value": True, "unit": "t"}, "SR1019", '"t"', "", "leave the unit out"),
    ("permit", {"value": True, "source": ""}, "SR1021", '""', "not empty", ""),
    ("permit", {"value": True, "assumed": True}, "SR1021", "true", "not empty", ""),
    ("workers", "30", "SR1005", '"30"', "an integer of person, at least 0", "write 30, without quotes"),
    ("workers", "３０", "SR1005", '"３０"', "an integer", "write 30"),
    ("workers", "30人", "SR1005", '"30人"', "an integer", "write the number alone: 30"),
    ("workers", "many", "SR1005", '"many"', "an integer", ""),
    ("workers", True, "SR1005", "true", "an integer", "write a number"),
    ("workers", [3], "SR1005", "[3]", "an integer", ""),
    ("workers", date(2020, 1, 1), "SR1005", "2020-01-01", "an integer", ""),
    ("workers", 2.5, "SR1007", "2.5", "an integer", ""),
    ("workers", {"one_of": [1, 2.5]}, "SR1007", "2.5", "an integer", ""),
    ("workers", -1, "SR1006", "-1", "at least 0", ""),
    ("workers", {"between": [3, 2]}, "SR1015", "{between: […]}", "the low end", "lower bound first"),
    ("workers", {"between": [2.2, 2.8]}, "SR1015", "{between: […]}", "an integer", ""),
    ("workers", {"between": [1, None]}, "SR1005", "null", "an integer", ""),
    ("workers", {"between": [1]}, "SR1013", "{between: […]}", "[low, high]", ""),
    ("workers", {"at_most": -1}, "SR1015", "{at_most: -1}", "at least 0", ""),
    ("workers", {"at_least": 1, "at_most": 2}, "SR1013", '"at_least + at_most"', "exactly one of", "between: [low"),
    ("dust.stock", 100.5, "SR1006", "100.5", "from 0 to 100", ""),
    ("dust.stock", {"value": 200000, "unit": "kg"}, "SR1006", "200000", "from 0 to 100", ""),
    ("dust.stock", "2 kg", "SR1005", '"2 kg"', "a number of t", "{value: 2, unit: kg}"),
    ("dust.stock", {"value": 2, "unit": "m3"}, "SR1018", '"m3"', "same kind as t", ""),
    ("dust.stock", {"value": 2, "unit": "kgs"}, "SR1017", '"kgs"', "same kind as t", "'kg'"),
    ("dust.stock", {"value": 2, "unit": 5}, "SR1017", "5", "same kind as t", ""),
    ("dust.stock", {"value": 2, "unit": ""}, "SR1017", '""', "same kind as t", ""),
    ("dust.stock", {"at_least": 101}, "SR1015", "{at_least: 101}", "from 0 to 100", ""),
    ("dust.ratio", {"value": 1, "unit": "t"}, "SR1019", '"t"', "", "leave the unit out"),
    ("dust.ratio", float("nan"), "SR1012", "NaN", "a finite number", "leave it out"),
    ("dust.ratio", float("-inf"), "SR1012", "-Infinity", "a finite number", "null"),
    ("dust.ratio", Decimal("sNaN"), "SR1012", "sNaN", "a finite number", "null"),
    ("dust.ratio", {"one_of": [1, float("nan")]}, "SR1012", "NaN", "a finite number", ""),
    ("dust.ratio", 10**5000, "SR1028", "<16610 bit>", "a thousand digits", ""),
    ("dust.ratio", Fraction(1, 10**5000), "SR1028", "1/<16610 bit>", "a thousand digits", ""),
    ("dust.ratio", Decimal("1e999999"), "SR1028", "1E+999999", "a thousand digits", ""),
    ("dust.ratio", Decimal("1e-999999"), "SR1028", "1E-999999", "a thousand digits", ""),
    ("name", 5, "SR1008", "5", "text", "in quotes"),
    ("name", ["a"], "SR1008", '["a"]', "text", ""),
    ("name", {"between": ["a", "b"]}, "SR1014", "{between: […]}", "text", "one_of"),
    ("place", 320583, "SR1008", "320583", "6, 9 or 12 digits", "in quotes"),
    ("place", "昆山市", "SR1045", '"昆山市"', "6 digits", "write 320583"),
    ("place", "990000", "SR1046", '"990000"', "province-level", ""),
    ("credit_code", "91350100M000100Y44", "SR1041", '"91350100M000100Y44"', "the check character 3", "certificate"),
    ("credit_code", "short", "SR1040", '"short"', "18 digits", ""),
    ("industry", "C2", "SR1042", '"C2"', "2 to 4 digits", ""),
    ("industry", "99", "SR1043", '"99"', "01 to 97", ""),
    ("industry", "B26", "SR1044", '"B26"', "section C", "write C26"),
    ("industry", "２６", "SR1047", '"２６"', "2 to 4 digits", "write 26"),
    ("dust.system", "drry", "SR1009", '"drry"', "dry / wet / none", "'dry'"),
    ("dust.system", "干式", "SR1009", '"干式"', "dry / wet / none", "write dry"),
    ("dust.system", False, "SR1009", "false", "dry / wet / none", ""),
    ("dust.system", {"one_of": ["dry", "hot"]}, "SR1009", '"hot"', "dry / wet / none", ""),
    ("dust.colour", {"at_least": "blue"}, "SR1014", '{at_least: "blue"}', "blue / red", "one_of"),
    ("founded", "2020-02-30", "SR1010", '"2020-02-30"', "exists in the calendar", ""),
    ("founded", "2020/2/3", "SR1010", '"2020/2/3"', "YYYY-MM-DD", "write 2020-02-03"),
    ("founded", "20200203", "SR1010", '"20200203"', "YYYY-MM-DD", "write 2020-02-03"),
    ("founded", "2020年2月3日", "SR1010", '"2020年2月3日"', "YYYY-MM-DD", "write 2020-02-03"),
    ("founded", "２０２０-02-03", "SR1010", '"２０２０-02-03"', "YYYY-MM-DD", "write 2020-02-03"),
    ("founded", "2020-02-03T10:00:00", "SR1011", '"2020-02-03T10:00:00"', "YYYY-MM-DD", "write 2020-02-03"),
    ("founded", datetime(2020, 2, 3, 10), "SR1011", "2020-02-03T10:00:00", "YYYY-MM-DD", "write 2020-02-03"),
    ("founded", 20200203, "SR1010", "20200203", "YYYY-MM-DD", ""),
    ("founded", "soon", "SR1010", '"soon"', "YYYY-MM-DD", ""),
    ("founded", {"between": ["2021-01-01", "2020-01-01"]}, "SR1015", "{between: […]}", "the low end", "lower bound"),
    ("founded", {"value": "2020-01-01", "unit": "day"}, "SR1019", '"day"', "", "leave the unit out"),
    ("dust.collectors", 3, "SR1003", "3", "a list", ""),
    ("dust.collectors", {}, "SR1003", "{}", "a list", "write []"),
    ("dust.collectors", {"items": 3}, "SR1003", "3", "a list", ""),
    ("dust.collectors", {"not_applicable": True}, "SR1016", "{not_applicable: true}", "a list", "write []"),
    ("dust.collectors", {"unknown": True, "items": []}, "SR1013", "{unknown: true, items: []}", "{unknown: true}", ""),
    ("dust", 3, "SR1002", "3", "a mapping", ""),
    ("dust", [], "SR1002", "[]", "a mapping", ""),
]  # fmt: skip

# given, path, code, part of fix
PLACES: list[tuple[object, str, str, str]] = [
    ({"dust": {"collectors": {"items": [], "more": 1}}}, "enterprise.dust.collectors.more", "SR1004", ""),
    ({"dust": {"collectors": {"items": [], "mroe": True}}}, "enterprise.dust.collectors.mroe", "SR1001", "'more'"),
    ({"dust": {"collectors": {"items": [], "complete_since": "2020-01-01"}}},
     "enterprise.dust.collectors.complete_since", "SR1022", "leave complete_since out"),
    ({"dust": {"collectors": {"items": [], "source": 3}}}, "enterprise.dust.collectors.source", "SR1021", ""),
    ({"drills": {"items": [], "complete_since": "2020"}}, "enterprise.drills.complete_since", "SR1010", ""),
    ({"dust": {"collectors": [None]}}, "enterprise.dust.collectors[0]", "SR1002", ""),
    ({"dust": {"collectors": [{}, {"vented": "no"}]}}, "enterprise.dust.collectors[1].vented", "SR1004", "write false"),
    ({"dust": {"collectors": {"items": [{"fans": [{"power": "x"}]}]}}},
     "enterprise.dust.collectors[0].fans[0].power", "SR1005", ""),
    ({"dust": {"depths": [1, "2"]}}, "enterprise.dust.depths[1]", "SR1005", "write 2"),
    ({"dust": {"depths": {"items": [{"value": 1, "unit": "t"}]}}}, "enterprise.dust.depths[0]", "SR1018", ""),
    ({"dust": {"site": {"claened": True}}}, "enterprise.dust.site.claened", "SR1001", "'cleaned'"),
    ({"wrokers": 3}, "enterprise.wrokers", "SR1001", "'workers'"),
    ({"Workers": 3}, "enterprise.Workers", "SR1001", "the case differs: write workers"),
    ({"present": True}, "enterprise.present", "SR1001", "enterprise: dust.present"),
    ({"vented": True}, "enterprise.vented", "SR1001", "dust.collector: vented"),
    ({"dust": {"ｐｒｅｓｅｎｔ": True}}, "enterprise.dust.ｐｒｅｓｅｎｔ", "SR1001", "'present'"),
    ({"f0": 3}, "enterprise.f0", "SR1001", ""),
    ({"dust.present": True}, "enterprise.dust.present", "SR1001", "enterprise: dust.present"),
    ([], "enterprise", "SR1002", ""),
    (None, "enterprise", "SR1002", ""),
    ("facts", "enterprise", "SR1002", ""),
    ({7: True}, "enterprise.7", "SR1023", ""),
    ({"dust": {None: True}}, "enterprise.dust.null", "SR1023", ""),
    ({"name": "a" * 100_001}, "enterprise.name", "SR1026", ""),
    ({"a" * 100_001: 1}, "enterprise." + "a" * 59 + "…", "SR1026", ""),
    ({"dust": {"collectors": [{}] * 1_000_001}}, "enterprise.dust.collectors", "SR1027", ""),
    ({"name": "a\ud800"}, "enterprise.name", "SR1032", ""),
    ({"a\ud800": 1}, "enterprise.a\\ud800", "SR1032", ""),
    ({"name": object()}, "enterprise.name", "SR1029", ""),
    ({"name": b"a"}, "enterprise.name", "SR1029", ""),
    ({"name": {"a"}}, "enterprise.name", "SR1029", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given", "code", "found", "expected", "fix"),
    SCALARS,
    ids=[f"{c[2]} {c[0]} {i}" for i, c in enumerate(SCALARS)],
)
def test_refused_values(name: str, given: object, code: str, found: str, expected: str, fix: str) -> None:
    (problem,) = problems(nested(name, given))
    assert (problem.code, problem.path, problem.found) == (code, f"enterprise.{name}", found)
    assert expected in (problem.expected.en if problem.expected else "")
    assert fix in (problem.fix.en if problem.fix else "")
    assert (problem.fix is None) is (fix == "") or code == "SR1012"


@pytest.mark.parametrize(("given", "path", "code", "fix"), PLACES, ids=[f"{p[2]} {i}" for i, p in enumerate(PLACES)])
def test_refused_places(given: object, path: str, code: str, fix: str) -> None:
    (problem,) = problems(given)
    assert (problem.path, problem.code) == (path, code)
    assert fix in (problem.fix.en if problem.fix else "")


def test_every_bad_field_is_reported_at_once() -> None:
    found = problems({
        "workers": "3", "permit": 1, "nmae": "x", 5: 1,
        "dust": {"ratio": float("nan"), "collectors": [3, {"vented": 0}]},
        "drills": {"items": [{"held_on": "x"}], "complete_since": "y"},
    })  # fmt: skip
    assert sorted((d.path, d.code) for d in found) == [
        ("enterprise.5", "SR1023"), ("enterprise.drills.complete_since", "SR1010"),
        ("enterprise.drills[0].held_on", "SR1010"), ("enterprise.dust.collectors[0]", "SR1002"),
        ("enterprise.dust.collectors[1].vented", "SR1004"), ("enterprise.dust.ratio", "SR1012"),
        ("enterprise.nmae", "SR1001"), ("enterprise.permit", "SR1004"), ("enterprise.workers", "SR1005"),
    ]  # fmt: skip


def test_a_structure_that_contains_itself() -> None:
    loop: list[object] = []
    loop.append(loop)
    (problem,) = problems({"dust": {"collectors": loop}})
    assert (problem.code, problem.path) == ("SR1025", "enterprise.dust.collectors[0]")
    whole: dict[str, object] = {}
    whole["dust"] = whole
    (problem,) = problems(whole)
    assert (problem.code, problem.path) == ("SR1025", "enterprise.dust")


def deep(levels: int, wrap: Callable[[object], object]) -> object:
    value: object = 1
    for _ in range(levels):
        value = wrap(value)
    return value


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"dust": v}, lambda v: {"one_of": [v]}])
@pytest.mark.parametrize("levels", [70, 100_000])
def test_depth_bombs(levels: int, wrap: Callable[[object], object]) -> None:
    assert any(d.code == "SR1024" for d in problems({"name": deep(levels, wrap)}))


def test_a_small_input_that_unfolds_without_bound() -> None:
    value: object = [1]
    for _ in range(40):
        value = [value] * 10
    assert {d.code for d in problems({"name": value})} == {"SR1027"}


def test_shallow_sharing_does_not_hide_depth() -> None:
    value: object = [1]
    chain = [value]
    for _ in range(5000):
        value = [value]
        chain.append(value)
    assert {d.code for d in problems({"name": chain})} == {"SR1024", "SR1008"}


class Broken(BaseModel):
    @model_serializer
    def fails(self) -> dict[str, object]:
        raise RuntimeError("no")


class ArrayOfTwo:
    def item(self) -> object:
        raise ValueError("two values")


class Endless:
    def item(self) -> object:
        return self


@pytest.mark.parametrize("given", [Broken(), ArrayOfTwo(), Endless()])
def test_objects_that_do_not_turn_into_data(given: object) -> None:
    (problem,) = problems({"name": given})
    assert problem.code == "SR1029"
    assert problem.found == f"<{type(given).__name__}>"


def test_unknown_sections_in_closed() -> None:
    (problem,) = problems({}, "dsut")
    assert (problem.code, problem.path, problem.found) == ("SR1030", "closed", '"dsut"')
    assert problem.expected == ("dust / dust.site / *", "dust / dust.site / *")
    assert problem.fix is not None
    assert "'dust'" in problem.fix.en
    assert [d.code for d in problems({"workers": "x"}, "dsut")] == ["SR1030", "SR1005"]


def test_an_unknown_kind_of_subject() -> None:
    with pytest.raises(FactsError) as caught:
        parse_facts(MODELS, "enterprize", {})
    (problem,) = caught.value.diagnostics
    assert problem.code == "SR1031"
    assert problem.fix is not None
    assert "'enterprise'" in problem.fix.en


def test_messages_never_carry_control_characters() -> None:
    (problem,) = problems({"name\x1b[31m\n\ud800": 1})
    words = problem.render("zh") + problem.render("en")
    assert "\x1b" not in words
    assert words.encode("utf-8")
    with pytest.raises(FactsError) as caught:
        read({"permit": "\x1b[31m" + "x" * 5000})
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_every_code_is_raised_somewhere_and_has_its_page() -> None:
    elsewhere = {"SR1024", "SR1025", "SR1030", "SR1031", "SR1033", "SR1050", "SR1051", "SR1052", "SR1053"}
    assert {c[2] for c in SCALARS} | {p[2] for p in PLACES} | elsewhere == set(CODES)
    for code, message in CODES.items():
        page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {code}\n\n> {message.zh}\n>\n> {message.en}\n")
        assert [line for line in page.splitlines() if line.startswith("## ")] == ["## Meaning", "## Example", "## Fix"]
