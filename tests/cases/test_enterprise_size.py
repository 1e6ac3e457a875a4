"""Size classes by the measure of 2017: every industry of the table, on and around every bound."""

from __future__ import annotations

from typing import Any

import pytest
from law import assess, possible

CLASSES = ("micro", "small", "medium", "large")
METRICS = ("employees", "revenue", "assets")

# The published table, transcribed by hand: industry, a code of each of its divisions, and per metric the lower bounds
# of small, medium and large (persons; 10,000 yuan).
TABLE: dict[str, tuple[tuple[str, ...], dict[str, tuple[int, int, int]]]] = {
    "agriculture": (("01", "02", "03", "04", "05"), {"revenue": (50, 500, 20000)}),
    "industry": (("06", "13", "3360", "46"), {"employees": (20, 300, 1000), "revenue": (300, 2000, 40000)}),
    "construction": (("47", "50"), {"revenue": (300, 6000, 80000), "assets": (300, 5000, 80000)}),
    "wholesale": (("51",), {"employees": (5, 20, 200), "revenue": (1000, 5000, 40000)}),
    "retail": (("52",), {"employees": (10, 50, 300), "revenue": (100, 500, 20000)}),
    "transport": (("54", "58", "591"), {"employees": (20, 300, 1000), "revenue": (200, 3000, 30000)}),
    "warehousing": (("592", "599", "5990"), {"employees": (20, 100, 200), "revenue": (100, 1000, 30000)}),
    "postal": (("60",), {"employees": (20, 300, 1000), "revenue": (100, 2000, 30000)}),
    "accommodation": (("61",), {"employees": (10, 100, 300), "revenue": (100, 2000, 10000)}),
    "catering": (("62",), {"employees": (10, 100, 300), "revenue": (100, 2000, 10000)}),
    "info_transmission": (("63", "64"), {"employees": (10, 100, 2000), "revenue": (100, 1000, 100000)}),
    "software": (("65",), {"employees": (10, 100, 300), "revenue": (50, 1000, 10000)}),
    "real_estate_dev": (("701", "7010"), {"revenue": (100, 1000, 200000), "assets": (2000, 5000, 10000)}),
    "property_mgmt": (("702",), {"employees": (100, 300, 1000), "revenue": (500, 1000, 5000)}),
    "leasing_business": (("71", "72"), {"employees": (10, 100, 300), "assets": (100, 8000, 120000)}),
    "other_unlisted": (("73", "76", "80", "85", "86", "90", "703", "709"), {"employees": (10, 100, 300)}),
}
OUTSIDE = ("53", "5310", "66", "67", "68", "69", "704", "83", "84", "91", "96", "97")


def size(industry: str, **metrics: Any) -> set[str | None]:
    return possible(assess({"industry": industry, **metrics}), "size_class")


def expected(bounds: dict[str, tuple[int, int, int]], metrics: dict[str, int]) -> str:
    """A class needs every listed metric at or above its bound: the lowest class that a metric reaches decides."""
    return CLASSES[min(sum(metrics[metric] >= bound for bound in bounds[metric]) for metric in bounds)]


def around() -> list[Any]:
    """Each metric just below, on and just above each bound, the others far above and then far below."""
    cases = []
    for industry, ((code, *_), bounds) in TABLE.items():
        for metric, values in bounds.items():
            for bound in values:
                for value in (bound - 1, bound, bound + 1):
                    for rest in (10**6, 0):
                        metrics = dict.fromkeys(bounds, rest) | {metric: value}
                        name = f"{industry}: {metric} {value}, rest {rest}"
                        cases.append(pytest.param(code, metrics, expected(bounds, metrics), id=name))
    return cases


@pytest.mark.parametrize(("code", "metrics", "wanted"), around())
def test_around_every_bound(code: str, metrics: dict[str, int], wanted: str) -> None:
    assert size(code, **metrics) == {wanted}


@pytest.mark.parametrize("industry", TABLE)
def test_every_class_is_reached(industry: str) -> None:
    codes, bounds = TABLE[industry]
    assert size(codes[0], **{metric: values[0] - 1 for metric, values in bounds.items()}) == {"micro"}
    for index, name in enumerate(CLASSES[1:]):
        on_the_bound = {metric: values[index] for metric, values in bounds.items()}
        assert {frozenset(size(code, **on_the_bound)) for code in codes} == {frozenset({name})}


@pytest.mark.parametrize("industry", TABLE)
def test_with_one_metric_unknown(industry: str) -> None:
    """The others give an upper limit; below it every class stays possible, and micro needs one miss only."""
    (code, *_), bounds = TABLE[industry]
    for missing in bounds:
        others = [metric for metric in bounds if metric != missing]
        for index, name in enumerate(CLASSES):
            known = {m: bounds[m][index - 1] if index else bounds[m][0] - 1 for m in others}
            wanted = set(CLASSES[: index + 1]) if others else set(CLASSES)
            assert size(code, **known) == wanted, (missing, name)


@pytest.mark.parametrize("industry", TABLE)
def test_metrics_that_are_not_listed_do_not_count(industry: str) -> None:
    (code, *_), bounds = TABLE[industry]
    on_the_bound = {metric: values[1] for metric, values in bounds.items()}
    for metric in set(METRICS) - set(bounds):
        assert size(code, **on_the_bound, **{metric: 0}) == {"medium"}
        assert size(code, **on_the_bound, **{metric: 10**7}) == {"medium"}


def test_a_fraction_of_the_bound_is_below_it() -> None:
    assert size("3360", employees=1000, revenue=39999.9999) == {"medium"}
    assert size("3360", employees=1000, revenue={"value": 400_000_000, "unit": "yuan"}) == {"large"}
    assert size("3360", employees=1000, revenue={"value": 399_999_999, "unit": "yuan"}) == {"medium"}


def test_a_metric_known_in_part() -> None:
    assert size("3360", employees={"at_least": 1000}, revenue=40000) == {"large"}
    assert size("3360", employees={"between": [299, 300]}, revenue=40000) == {"small", "medium"}


@pytest.mark.parametrize("code", OUTSIDE)
def test_outside_the_measure(code: str) -> None:
    answer = assess({"industry": code, "employees": 5000, "revenue": 10**6, "assets": 10**6})
    assert possible(answer, "size_industry") == {"not_covered"}
    assert possible(answer, "size_class") == {None}


@pytest.mark.parametrize("code", ["59", "70", "598", "708"])
def test_two_divisions_need_the_group(code: str) -> None:
    """Without a known group of 59 or 70 nothing says which bounds count, until it is recorded."""
    metrics = {"employees": 100, "revenue": 1000, "assets": 5000}
    assert {"small", "medium"} <= size(code, **metrics)
    assert size(code, **metrics, size_industry_recorded="warehousing") == {"medium"}
    assert size(code, **metrics, size_industry_recorded="not_covered") == {None}


def test_the_industry_unknown() -> None:
    answer = assess({"employees": 100000, "revenue": 10**7, "assets": 10**7})
    assert possible(answer, "size_class") == {"large", None}
    assert possible(assess({}), "size_class") == {*CLASSES, None}


def test_before_the_measure_nothing_is_known() -> None:
    facts = {"industry": "3360", "employees": 1000, "revenue": 40000}
    assert possible(assess(facts, as_of="2017-12-27"), "size_class") == {*CLASSES, None}
    assert possible(assess(facts, as_of="2017-12-28"), "size_class") == {"large"}
