"""Reads the conformance suite: YAML files to plain programs and cases. Knows the format (README.md), and no engine."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
DEFAULT_DAY = date(2024, 1, 1)
OPTIONS = ("as_of", "law_at", "jurisdiction", "treat_unknown_as", "closed", "subject")


@dataclass(frozen=True)
class Program:
    """The documents of a file, in full, as (source name, text), and the CSV files beside them by name."""

    documents: tuple[tuple[str, str], ...]
    files: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """One set of facts and what must come out of it."""

    file: str
    order: str
    name: str
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    options: Mapping[str, Any]
    diagnostics: tuple[str, ...] = ()
    no_diagnostics: tuple[str, ...] = ()
    refused: tuple[str, ...] | None = None

    @property
    def id(self) -> str:
        order = "" if self.order == "as_written" else f"({self.order})"
        return f"{self.file}{order}: {self.name}"


# ---- YAML: only true and false are booleans, numbers are exact, keys are unique ------------------------------------


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) != len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key occurs twice", node.start_mark)
        return mapping


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(tag, re.compile(rf"^(?:{pattern})$"), list(first))


_resolve("tag:yaml.org,2002:bool", "true|false", "tf")
_resolve("tag:yaml.org,2002:null", "null|~|", "n~\0")
_resolve("tag:yaml.org,2002:int", "-?[0-9]+", "-0123456789")
_resolve("!decimal", r"-?[0-9]+\.[0-9]+", "-0123456789")
_resolve("!day", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789")
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
_Loader.add_constructor("!decimal", lambda loader, node: Decimal(node.value))
_Loader.add_constructor("!day", lambda loader, node: date.fromisoformat(node.value))


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    Decimal, lambda dumper, number: dumper.represent_scalar("tag:yaml.org,2002:float", format(number, "f"))
)


@lru_cache
def _file(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load((HERE / name).read_text(encoding="utf-8"), _Loader)
    strange = set(content) - {"topic", "orders", "documents", "matrix", "cases"}
    assert not strange, f"{name}: {strange}"
    return content


def files() -> list[str]:
    return sorted(path.name for path in HERE.glob("*.yaml"))


# ---- cases ---------------------------------------------------------------------------------------------------------


def cases() -> Iterator[Case]:
    for name in files():
        content = _file(name)
        for order in content.get("orders", ["as_written"]):
            seen: dict[str, int] = {}
            for case in (*_matrix_cases(content), *content.get("cases", ())):
                seen[case["name"]] = seen.get(case["name"], 0) + 1
                again = f" /{seen[case['name']]}" if seen[case["name"]] > 1 else ""
                yield _case(name.removesuffix(".yaml"), order, case, case["name"] + again)


def _case(file: str, order: str, case: dict[str, Any], name: str) -> Case:
    known = {"name", "facts", "expect", "numbers", "diagnostics", "no_diagnostics", "refused", *OPTIONS}
    assert set(case) <= known, f"{file}: {name}: {set(case) - known}"
    options = {option: case[option] for option in OPTIONS if option in case}
    options.setdefault("as_of", DEFAULT_DAY)
    refused = case.get("refused")
    return Case(
        file, order, name, _delivered(case["facts"], case.get("numbers") == "float"), case.get("expect", {}), options,
        tuple(case.get("diagnostics", ())), tuple(case.get("no_diagnostics", ())),
        None if refused is None else tuple(refused),
    )  # fmt: skip


def _delivered(facts: Any, floats: bool) -> Any:
    """Facts as a caller would pass them; ``numbers: float`` passes decimals as binary floats."""
    if isinstance(facts, dict):
        return {key: _delivered(value, floats) for key, value in facts.items()}
    if isinstance(facts, list):
        return [_delivered(value, floats) for value in facts]
    return float(facts) if floats and isinstance(facts, Decimal) else facts


def _matrix_cases(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for block in content.get("matrix", ()):
        given, expected = block["facts"], block["expect"]
        for row in block["rows"]:
            assert len(row) == len(given) + len(expected), f"{content['topic']}: {row}"
            case: dict[str, Any] = {"facts": {}}
            for column, cell in zip(given, row, strict=False):
                if column.startswith("@"):
                    case[column[1:]] = cell
                elif cell is not None:
                    _put(case["facts"], column, cell)
            cells = zip(expected, row[len(given) :], strict=True)
            case["expect"] = {column: cell for column, cell in cells if cell != "-"}
            named = (f"{column}={_short(cell)}" for column, cell in zip(given, row, strict=False))
            case["name"] = " ".join(named)
            yield case


def _put(facts: dict[str, Any], path: str, value: Any) -> None:
    *sections, last = path.split(".")
    for section in sections:
        facts = facts.setdefault(section, {})
    facts[last] = value


def _short(cell: Any) -> str:
    if cell is None:
        return "?"
    if isinstance(cell, bool):
        return str(cell).lower()
    words = yaml.dump(cell, Dumper=_Dumper, default_flow_style=True, width=10**6, allow_unicode=True)
    words = words.replace("\n...", "").strip()
    return words if len(words) <= 90 else f"{words[:87]}..."


# ---- programs ------------------------------------------------------------------------------------------------------


@lru_cache
def program(file: str, order: str) -> Program:
    """The documents of a file written out in full: the shorthands of README.md expanded."""
    return written(_file(f"{file}.yaml")["documents"], file, order)


def written(documents: list[dict[str, Any]], file: str, order: str = "as_written") -> Program:
    """Documents in the shorthands of README.md written out in full, under names that begin with ``file``."""
    documents = [_full(document) for document in documents]
    used = {document.get("instrument") for document in documents} - {None}
    declared = {one["id"] for document in documents for one in document.get("list", ())}
    if "law" in used - declared:
        documents.append({"instruments": "law-of-the-suite", "list": [_instrument({"id": "law"})]})
    if order == "reversed":
        documents = [{**d, **({"rules": d["rules"][::-1]} if "rules" in d else {})} for d in reversed(documents)]
    csvs = {document["file"]: document.pop("csv") for document in documents if "table" in document}
    named = (
        (f"{file}/{number:02}-{next(iter(document.values()))}.yaml", _written(document))
        for number, document in enumerate(documents)
    )
    return Program(tuple(named), csvs)


def _written(document: dict[str, Any]) -> str:
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True))


def _text(name: str) -> dict[str, str]:
    return {"zh": name, "en": name}


def _titled(mapping: dict[str, Any], name: str) -> dict[str, Any]:
    return {**mapping, "title": mapping.get("title", _text(name))}


def _full(document: dict[str, Any]) -> dict[str, Any]:
    kind = next(iter(document))
    return {"facts": _facts, "instruments": _instruments, "table": _table, "ruleset": _ruleset}[kind](document)


def _values(of: Any) -> Any:
    return {each: _text(each) for each in of} if isinstance(of, list) else of


def _typed(fact: Any, name: str) -> dict[str, Any]:
    full = _titled({"type": fact} if isinstance(fact, str) else fact, name)
    return {**full, "of": _values(full["of"])} if "of" in full else full


def _entity(kind: dict[str, Any], name: str, titled: bool) -> dict[str, Any]:
    full = _titled(kind, name) if titled else dict(kind)
    if "facts" in kind:
        full["facts"] = {name: _typed(fact, name) for name, fact in kind["facts"].items()}
    if "sections" in kind:
        full["sections"] = {name: _entity(section, name, True) for name, section in kind["sections"].items()}
    return full


def _facts(document: dict[str, Any]) -> dict[str, Any]:
    full = dict(document)
    if "sector" in full:
        full["sector"] = _titled(full["sector"], full["sector"]["name"])
    if "scales" in full:
        full["scales"] = {
            name: {**_titled(scale, name), "levels": _values(scale["levels"])} for name, scale in full["scales"].items()
        }
    if "choices" in full:
        full["choices"] = {
            name: {"title": _text(name), "of": _values(of)} if isinstance(of, list) else of
            for name, of in full["choices"].items()
        }
    if "kinds" in full:
        whole = full["facts"] != "more"
        full["kinds"] = {name: _entity(kind, name, whole) for name, kind in full["kinds"].items()}
    if "conclusions" in full:
        full["conclusions"] = {name: _titled(each, name) for name, each in full["conclusions"].items()}
    return full


def _instrument(instrument: dict[str, Any]) -> dict[str, Any]:
    full = {
        "number": "1", "issuer": _text("issuer"), "level": "law", "jurisdiction": "CN",
        "in_force": {"from": date(2000, 1, 1), "to": None}, "clauses": ["1"], **_titled(instrument, instrument["id"]),
    }  # fmt: skip
    clauses = ({"id": one} if isinstance(one, str) else one for one in full["clauses"])
    return {**full, "clauses": [_titled(clause, clause["id"]) for clause in clauses]}


def _instruments(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "list": [_instrument(each) for each in document["list"]]}


def _table(document: dict[str, Any]) -> dict[str, Any]:
    name = document["table"]
    return {"table": name, "file": f"{name}.csv", "instrument": "law", "clause": "1", **_titled(document, name)}


def _ruleset(document: dict[str, Any]) -> dict[str, Any]:
    name = document["ruleset"]
    full = {"ruleset": name, "instrument": "law", **_titled(document, name)}
    rules = [
        {"id": id_, "value": type_, "is": formula}
        for type_, formulas in full.pop("values", {}).items()
        for id_, formula in formulas.items()
    ]
    full["rules"] = [_rule(rule) for rule in (*rules, *full.get("rules", ()))]
    if "parameters" in full:
        full["parameters"] = {name: _typed(each, name) for name, each in full["parameters"].items()}
    if "overlays" in full:
        full["overlays"] = [_overlay(overlay) for overlay in full["overlays"]]
    return full


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    full = {"clause": "1", **_titled(rule, rule["id"])}
    if "except" not in rule:
        full.setdefault("on", "enterprise")
    if rule.get("duty") == {}:
        full["duty"] = {"text": _text(rule["id"]), "evidence": _text("record")}
    return full


def _overlay(overlay: dict[str, Any]) -> dict[str, Any]:
    full = {**overlay, "clause": overlay.get("clause", "1")}
    if "with" in full:
        full["with"] = _titled(full["with"], overlay["replace"])
    return full


# ---- what is expected ----------------------------------------------------------------------------------------------
# An answer is a frozenset of outcomes (None: no value; a finding is True where found, False where not found), a tuple
# ("between", low, high, no value possible), ("any text", no value possible), or ABSENT.

Answer = frozenset[Any] | tuple[Any, ...]
ABSENT: Answer = ("absent",)
_WORDS: dict[str, Answer] = {
    "none": frozenset({None}),
    "unknown": frozenset({True, False}),
    "absent": ABSENT,
    "found": frozenset({True}),
    "not_found": frozenset({False}),
    "not_applicable": frozenset({None}),
}


def difference(expected: Any, answer: Answer) -> str | None:
    """Why an answer is not what is expected; None where it is."""
    if expected == "undetermined":
        fits = isinstance(answer, frozenset) and len(answer) > 1
    elif expected == "silent":
        fits = answer in (ABSENT, frozenset({None}))
    elif isinstance(expected, dict) and "covers" in expected:
        fits = all(_covers(answer, each) for each in expected["covers"])
    else:
        fits = _expected(expected) == answer
    return None if fits else f"expected {_shown(expected)}, got {_readable(answer)}"


def _expected(expected: Any) -> Answer:
    if isinstance(expected, dict):
        if "possible" in expected:
            return frozenset().union(*(_one(each) for each in expected["possible"]))
        if "any_text" in expected:
            return ("any text", bool(expected.get("none", False)))
        low, high = (None if end is None else number(end) for end in expected["between"])
        return ("between", low, high, bool(expected.get("none", False)))
    return _one(expected)


def _one(expected: Any) -> Answer:
    if isinstance(expected, bool):
        return frozenset({expected})
    if isinstance(expected, str) and not re.fullmatch("-?[0-9]+/[0-9]+", expected):
        return _WORDS.get(expected, frozenset({expected}))
    return ("between", number(expected), number(expected), False)


def number(value: Any) -> Fraction:
    """A number, or a date as its proleptic day number."""
    return Fraction(value.toordinal()) if isinstance(value, date) else Fraction(value)


def _covers(answer: Answer, each: Any) -> bool:
    one = _one(each)
    if isinstance(answer, frozenset):
        return isinstance(one, frozenset) and one <= answer
    if answer[0] != "between":
        return answer[0] == "any text"
    if each == "none":
        return bool(answer[3])
    _, low, high, _ = answer
    return (low is None or low <= one[1]) and (high is None or one[1] <= high)  # type: ignore[index]


def _shown(expected: Any) -> str:
    return _short(expected)


def _readable(answer: Answer) -> str:
    if isinstance(answer, frozenset):
        return "{" + ", ".join(sorted("none" if each is None else str(each) for each in answer)) + "}"
    return " ".join(map(str, answer))
