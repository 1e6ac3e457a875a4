"""Every form in which a fact may be given, and the abstract value it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import pytest
from pydantic import BaseModel
from sample_schema import MODELS, nested, problems, read

from safetyrules.facts.entity import Entity, Members, Provenance
from safetyrules.facts.input import parse_facts
from safetyrules.values import FALSE, NOTHING, TRUE, UNKNOWN, AnyText, Finite, Interval, Scalar


def day(words: str) -> Fraction:
    return Fraction(date.fromisoformat(words).toordinal())


def finite(*outcomes: object) -> Finite:
    return Finite(frozenset(outcomes))  # type: ignore[arg-type]


@dataclass
class ArrayScalar:
    """A scalar as array libraries have it."""

    value: object
    shown: str = ""

    def item(self) -> object:
        return self.value

    def __str__(self) -> str:
        return self.shown


class Word(Enum):
    DRY = "dry"


ONE, TENTH = Interval(Fraction(1), Fraction(1)), Interval(Fraction(1, 10), Fraction(1, 10))

FORMS: list[tuple[str, object, Scalar]] = [
    ("permit", True, TRUE),
    ("permit", False, FALSE),
    ("permit", None, UNKNOWN),
    ("permit", {"value": True}, TRUE),
    ("permit", {"value": None}, UNKNOWN),
    ("permit", {"one_of": [True, False]}, UNKNOWN),
    ("permit", {"one_of": [False]}, FALSE),
    ("permit", {"unknown": True}, UNKNOWN),
    ("permit", ArrayScalar(True), TRUE),
    ("name", "甲厂", finite("甲厂")),
    ("name", "", finite("")),
    ("name", {"one_of": ["甲", "乙"]}, finite("甲", "乙")),
    ("name", None, AnyText()),
    ("credit_code", "91350100m000100y43", finite("91350100M000100Y43")),
    ("industry", {"one_of": ["C2662", "26"]}, finite("2662", "26")),
    ("place", "350581001000", finite("350581001")),
    ("place", {"not_applicable": True}, finite(NOTHING)),
    ("place", {"unknown": True}, AnyText(nothing=True)),
    ("place", None, AnyText(nothing=True)),
    ("workers", 30, Interval(Fraction(30), Fraction(30))),
    ("workers", 30.0, Interval(Fraction(30), Fraction(30))),
    ("workers", Decimal("3e1"), Interval(Fraction(30), Fraction(30))),
    ("workers", {"value": 30, "unit": "person"}, Interval(Fraction(30), Fraction(30))),
    ("workers", None, Interval(Fraction(0), None)),
    ("workers", {"at_least": 300}, Interval(Fraction(300), None)),
    ("workers", {"at_least": 2.5}, Interval(Fraction(3), None)),
    ("workers", {"at_most": 5}, Interval(Fraction(0), Fraction(5))),
    ("workers", {"at_most": 5.5}, Interval(Fraction(0), Fraction(5))),
    ("workers", {"at_least": -5}, Interval(Fraction(0), None)),
    ("workers", {"between": [30, 50]}, Interval(Fraction(30), Fraction(50))),
    ("workers", {"between": [30, 30]}, Interval(Fraction(30), Fraction(30))),
    ("workers", {"one_of": [50, 30, 40]}, Interval(Fraction(30), Fraction(50))),
    ("dust.ratio", 0.1, TENTH),
    ("dust.ratio", Decimal("0.1"), TENTH),
    ("dust.ratio", Fraction(1, 10), TENTH),
    ("dust.ratio", Fraction(1, 3), Interval(Fraction(1, 3), Fraction(1, 3))),
    ("dust.ratio", 1e-05, Interval(Fraction(1, 100000), Fraction(1, 100000))),
    ("dust.ratio", 5e-324, Interval(Fraction(5, 10**324), Fraction(5, 10**324))),
    ("dust.ratio", 1e300, Interval(Fraction(10**300), Fraction(10**300))),
    ("dust.ratio", -0.0, Interval(Fraction(0), Fraction(0))),
    ("dust.ratio", Decimal("0e999999999"), Interval(Fraction(0), Fraction(0))),
    ("dust.ratio", ArrayScalar(1), ONE),
    ("dust.ratio", ArrayScalar(0.10000000149011612, "0.1"), TENTH),
    ("dust.ratio", ArrayScalar(0.5, "half"), Interval(Fraction(1, 2), Fraction(1, 2))),
    ("dust.ratio", None, Interval(None, None)),
    ("dust.stock", {"value": 250, "unit": "kg"}, Interval(Fraction(1, 4), Fraction(1, 4))),
    ("dust.stock", {"at_least": 250, "unit": "kg"}, Interval(Fraction(1, 4), Fraction(100))),
    ("dust.stock", {"between": [1, 500], "unit": "kg"}, Interval(Fraction(1, 1000), Fraction(1, 2))),
    ("dust.stock", {"one_of": [1, 500], "unit": "kg"}, Interval(Fraction(1, 1000), Fraction(1, 2))),
    ("dust.stock", {"not_applicable": True}, Interval(None, None, nothing=True, empty=True)),
    ("dust.stock", None, Interval(Fraction(0), Fraction(100), nothing=True)),
    ("dust.temperature", {"value": 300, "unit": "K"}, Interval(Fraction("26.85"), Fraction("26.85"))),
    ("dust.system", "dry", finite("dry")),
    ("dust.system", Word.DRY, finite("dry")),
    ("dust.system", {"one_of": ["dry", "wet"]}, finite("dry", "wet")),
    ("dust.system", None, finite("dry", "wet", "none", NOTHING)),
    ("dust.colour", None, finite("blue", "red")),
    ("dust.colour", "red", finite("red")),
    ("founded", "2020-02-29", Interval(day("2020-02-29"), day("2020-02-29"))),
    ("founded", date(2020, 2, 29), Interval(day("2020-02-29"), day("2020-02-29"))),
    ("founded", {"at_least": "2020-01-01"}, Interval(day("2020-01-01"), None)),
    ("founded", {"at_most": date(2020, 1, 1)}, Interval(None, day("2020-01-01"))),
    ("founded", {"between": ["2020-01-01", "2020-12-31"]}, Interval(day("2020-01-01"), day("2020-12-31"))),
    ("founded", {"one_of": ["2020-12-31", "2020-01-01"]}, Interval(day("2020-01-01"), day("2020-12-31"))),
    ("founded", None, Interval(None, None)),
    ("closed_on", None, Interval(None, None, nothing=True)),
    ("closed_on", {"not_applicable": True}, Interval(None, None, nothing=True, empty=True)),
]


@pytest.mark.parametrize(("name", "given", "meant"), FORMS, ids=[f"{n} {g!r}" for n, g, _ in FORMS])
def test_forms(name: str, given: object, meant: Scalar) -> None:
    entity = read(nested(name, given))
    assert entity.values[name] == meant
    unknown = given is None or (isinstance(given, dict) and ("unknown" in given or given.get("value", 0) is None))
    assert (name in entity.given) is not unknown


def test_what_is_not_given_is_everything() -> None:
    entity = read({})
    assert entity.values["workers"] == Interval(Fraction(0), None)
    assert entity.values["permit"] == UNKNOWN
    assert entity.given == frozenset()
    assert entity.provenance == {}
    assert (entity.kind, entity.path, entity.parent, entity.residual) == ("enterprise", "enterprise", None, False)
    assert all(members.open and members.items == () for members in entity.lists.values())


def test_sections_may_be_null() -> None:
    assert read({"dust": None}).values == read({}).values
    assert read({"dust": {"site": None}}).values == read({}).values


def test_provenance() -> None:
    entity = read({
        "workers": {"at_least": 3, "source": "roll", "assumed": "last year"}, "permit": {"value": True, "source": None},
        "dust": {"collectors": {"items": [], "source": "visit"}},
    })  # fmt: skip
    assert entity.provenance == {
        "workers": Provenance("roll", "last year"),
        "dust.collectors": Provenance("visit", None),
    }


def members(entity: Entity, name: str = "dust.collectors") -> Members:
    return entity.lists[name]


def entities(found: Members) -> list[Entity]:
    return [item for item in found.items if isinstance(item, Entity)]


def residual(found: Members) -> Entity:
    assert isinstance(found.residual, Entity)
    return found.residual


def test_a_given_list_is_complete() -> None:
    entity = read({"dust": {"collectors": [{"system": "dry", "fans": [{"power": 3}]}, {}]}})
    found = members(entity)
    assert not found.open
    assert found.residual is None
    first, second = entities(found)
    assert (first.path, second.path) == ("enterprise.dust.collectors[0]", "enterprise.dust.collectors[1]")
    assert (first.kind, first.residual) == ("dust.collector", False)
    assert first.parent is entity
    assert first.values["system"] == finite("dry")
    assert first.given == {"system", "fans"}
    assert second.given == frozenset()
    (fan,) = entities(members(first, "fans"))
    assert fan.path == "enterprise.dust.collectors[0].fans[0]"
    assert fan.parent is first
    assert members(second, "fans").open


@pytest.mark.parametrize(
    "given", [{}, {"dust": {"collectors": None}}, {"dust": {"collectors": {"unknown": True}}},
              {"dust": {"collectors": {"items": None, "more": None}}}],
)  # fmt: skip
def test_an_absent_list_is_open(given: object) -> None:
    entity = read(given)
    found = members(entity)
    assert found.open
    assert found.items == ()
    assert "dust.collectors" not in entity.given
    rest = residual(found)
    assert (rest.path, rest.residual, rest.parent) == ("enterprise.dust.collectors[?]", True, entity)
    assert rest.values == {"system": finite("dry", "wet", "none"), "vented": UNKNOWN}
    inner = residual(members(rest, "fans"))
    assert inner.path == "enterprise.dust.collectors[?].fans[?]"
    assert inner.parent is rest
    assert inner.residual


def test_more() -> None:
    entity = read({"dust": {"collectors": {"items": [{"system": "dry"}], "more": True}}})
    found = members(entity)
    assert found.open
    assert len(found.items) == 1
    assert residual(found).values["system"] == finite("dry", "wet", "none")
    assert "dust.collectors" in entity.given
    assert [e.path for e in entity.walk()][1:5] == [
        "enterprise.dust.collectors[0]", "enterprise.dust.collectors[0].fans[?]",
        "enterprise.dust.collectors[?]", "enterprise.dust.collectors[?].fans[?]",
    ]  # fmt: skip
    assert not members(read({"dust": {"collectors": {"items": [], "more": False}}})).open


def test_lists_of_values() -> None:
    found = members(read({"dust": {"depths": [0.5, {"value": 1, "unit": "cm"}, {"at_least": 2}, None]}}), "dust.depths")
    half, ten = Interval(Fraction(1, 2), Fraction(1, 2)), Interval(Fraction(10), Fraction(10))
    assert found.items == (half, ten, Interval(Fraction(2), None), Interval(Fraction(0), None))
    assert (found.open, found.residual) == (False, None)
    opened = members(read({"dust": {"depths": {"items": [1], "more": True}}}), "dust.depths")
    assert (opened.open, opened.residual) == (True, Interval(Fraction(0), None))


def test_a_log_is_complete_only_where_it_says_so() -> None:
    entries = [{"held_on": "2022-05-01"}]
    silent: list[object] = [entries, [], {"items": entries}, {"items": entries, "more": True}]
    for given in silent:
        found = members(read({"drills": given}), "drills")
        assert found.open
        assert residual(found).values["held_on"] == Interval(None, None)
    since: list[object] = ["2023-01-01", date(2023, 1, 1)]
    for complete_since in since:
        found = members(read({"drills": {"items": entries, "complete_since": complete_since, "more": False}}), "drills")
        assert found.open
        assert residual(found).values == {"held_on": Interval(None, day("2022-12-31")), "full": UNKNOWN}
    found = members(read({"drills": {"items": entries, "more": False}}), "drills")
    assert (found.open, found.residual) == (False, None)


def test_closed_world_of_a_section() -> None:
    entity = read({"dust": {"collectors": [{"vented": True}], "present": {"unknown": True}}}, "dust")
    assumed = Provenance(assumed="closed world: dust")
    assert entity.values["dust.present"] == UNKNOWN, "what is said to be unknown stays so"
    assert entity.values["dust.site.cleaned"] == FALSE
    assert entity.values["permit"] == UNKNOWN
    assert entity.values["dust.colour"] == finite("blue", "red"), "only booleans and lists are filled"
    assert members(entity, "drills").open
    depths = members(entity, "dust.depths")
    assert (depths.open, depths.items, depths.residual) == (False, (), None)
    assert entity.provenance == {"dust.site.cleaned": assumed, "dust.depths": assumed}
    assert entity.given == {"dust.collectors"}
    (collector,) = entities(members(entity))
    assert collector.values == {"system": finite("dry", "wet", "none"), "vented": TRUE}
    assert not members(collector, "fans").open
    assert collector.provenance == {"fans": assumed}


def test_closed_world_of_the_whole_subject() -> None:
    entity = read({"drills": [{}]}, "*", "dust.site")
    assert not any(found.open for found in entity.lists.values())
    assert entity.values["permit"] == FALSE
    assert entity.provenance["permit"] == Provenance(assumed="closed world: *")
    assert entity.provenance["drills"] == Provenance(assumed="closed world: *"), "that the log is complete is assumed"
    assert entity.provenance["dust.site.cleaned"] == Provenance(assumed="closed world: dust.site")
    assert entities(members(entity, "drills"))[0].values["full"] == FALSE


def test_closed_world_leaves_the_members_still_to_come_unknown() -> None:
    rest = residual(members(read({"dust": {"collectors": {"items": [], "more": True}}}, "dust")))
    assert rest.values["vented"] == UNKNOWN
    assert members(rest, "fans").open


class Dust(BaseModel):
    present: bool | None = None
    ratio: Decimal = Decimal("0.1")
    collectors: list[dict[str, str]] = []


class Plant(BaseModel):
    permit: bool
    founded: date
    dust: Dust


def test_pydantic_models_are_facts() -> None:
    plant = Plant(permit=True, founded=date(2020, 1, 1), dust=Dust(collectors=[{"system": "dry"}]))
    plain = {"permit": True, "founded": "2020-01-01", "dust": {"ratio": 0.1, "collectors": [{"system": "dry"}]}}
    one, two = read(plant), read(plain)
    assert one.values == two.values
    assert one.given == two.given
    assert read({"permit": True, "dust": plant.dust}).values["dust.ratio"] == TENTH


def test_an_instance_of_the_generated_model_is_facts() -> None:
    checked = MODELS.model("enterprise").model_validate({"workers": 3, "dust": {"collectors": [{"system": "dry"}]}})
    entity = parse_facts(MODELS, "enterprise", checked)
    assert entity.values["workers"] == Interval(Fraction(3), Fraction(3))
    assert members(entity).items


def test_a_part_can_be_read_alone() -> None:
    assert parse_facts(MODELS, "fan", {"power": 1}).values["power"] == ONE


def test_shared_members_are_read_each_in_its_place() -> None:
    collector = {"system": "wet"}
    paths = [e.path for e in entities(members(read({"dust": {"collectors": [collector, collector]}})))]
    assert paths == ["enterprise.dust.collectors[0]", "enterprise.dust.collectors[1]"]
    assert problems({"dust": {"collectors": [collector] * 3}}) == ()
