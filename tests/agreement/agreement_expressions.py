"""Well-typed random expressions. A `Scene` says what an expression can see; `Writer` writes expressions of a type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]

COLOURS = ("blue", "yellow", "orange", "red")
MATERIALS = ("wood", "metal", "coal")
NUMBERS = ("0", "1", "2", "3", "5", "0.1", "0.3", "2.5", "-1", "10")
DAYS = ("2023-12-31", "2024-01-31", "2024-02-29", "2024-03-01")
TEXTS = ("", "wood", "苏州木业", "abc")


@dataclass(frozen=True)
class Named:
    """Something an expression can name. ``type`` is boolean, number, integer, text, date, material, colour, or
    ``own:NAME`` for a choice of the fact's own; ``unit`` is that of numbers."""

    name: str
    type: str
    unit: str | None = None
    maybe: bool = False
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class Listed:
    """A list fact: of parts (``kind``) or of scalars (``item``)."""

    name: str
    kind: str | None = None
    item: Named | None = None
    log: bool = False


@dataclass
class KindScene:
    """What can be read of one kind: its facts, its lists and the conclusions written so far."""

    name: str
    named: list[Named] = field(default_factory=list)
    lists: list[Listed] = field(default_factory=list)
    parent: str | None = None
    parent_list: str | None = None


@dataclass(frozen=True)
class Scene:
    """``variables`` are parts bound by macros: (variable, kind); ``items`` are scalars so bound."""

    kinds: dict[str, KindScene]
    kind: str
    sectors: tuple[str, ...] = ()
    counting: bool = False
    grading: bool = False
    parameters: tuple[Named, ...] = ()
    tables: bool = True
    variables: tuple[tuple[str, str], ...] = ()
    items: tuple[Named, ...] = ()

    def visible(self, types: Sequence[str], unit: Any = ...) -> list[Named]:
        found = [*self.items, *self.parameters]
        found += self.kinds[self.kind].named
        above = self.kinds[self.kind].parent
        while above is not None:
            word = above.rsplit(".", 1)[-1]
            found += [replace(n, name=f"{word}.{n.name}") for n in self.kinds[above].named]
            above = self.kinds[above].parent
        for variable, kind in self.variables:
            found += [replace(n, name=f"{variable}.{n.name}") for n in self.kinds[kind].named]
        return [n for n in found if n.type in types and (unit is ... or n.unit == unit)]

    def visible_lists(self) -> list[Listed]:
        found = list(self.kinds[self.kind].lists)
        for variable, kind in self.variables:
            found += [replace(each, name=f"{variable}.{each.name}") for each in self.kinds[kind].lists]
        return found

    def depth(self) -> int:
        return len(self.variables) + len(self.items)


class ExpressionWriter:
    """Draws expressions. ``loose`` is true once an expression may have no value without being guarded (min, max)."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.loose = False

    def one(self, options: Sequence[T]) -> T:
        return options[self.draw(st.integers(0, len(options) - 1))]

    def chance(self, percent: int) -> bool:
        return bool(self.draw(st.integers(0, 99)) < percent)

    # ---- booleans ----------------------------------------------------------------------------------------------------

    def boolean(self, scene: Scene, depth: int) -> str:
        leaf = [
            self._flag,
            self._flag,
            self._number_test,
            self._choice_test,
            self._number_test,
            self._date_test,
            self._text_test,
        ]
        inner = [
            self._junction,
            self._junction,
            self._negation,
            self._conditional,
            self._quantified,
            self._member,
            self._has,
        ]
        return self.one(leaf if depth <= 0 else [*leaf, *inner, *inner])(scene, depth - 1)

    def guarded(self, named: Named, default: str) -> str:
        return f"(has({named.name}) ? {named.name} : {default})" if named.maybe else named.name

    def _flag(self, scene: Scene, depth: int) -> str:
        seen = scene.visible(["boolean"])
        if not seen or self.chance(4):
            return self.one(["true", "false"])
        named = self.one(seen)
        return f"(has({named.name}) && {named.name})" if named.maybe else named.name

    def _junction(self, scene: Scene, depth: int) -> str:
        operator = self.one([" && ", " || "])
        return f"({operator.join(self.boolean(scene, depth) for _ in range(self.one([2, 2, 3])))})"

    def _negation(self, scene: Scene, depth: int) -> str:
        return f"!({self.boolean(scene, depth)})"

    def _conditional(self, scene: Scene, depth: int) -> str:
        return f"({self.boolean(scene, depth)} ? {self.boolean(scene, depth)} : {self.boolean(scene, depth)})"

    def _number_test(self, scene: Scene, depth: int) -> str:
        unit = self.one([None, None, "t"])
        operator = self.one(["<", "<=", ">", ">=", "==", "!="])
        if self.chance(10):
            return f"{self.number(scene, depth, unit)} in [{', '.join(self.one(NUMBERS) for _ in range(2))}]"
        return f"{self.number(scene, depth, unit)} {operator} {self.number(scene, depth, unit)}"

    def _date_test(self, scene: Scene, depth: int) -> str:
        operator = self.one(["<", "<=", ">", ">=", "==", "!="])
        return f"{self.date(scene, depth)} {operator} {self.date(scene, depth)}"

    def _choice_test(self, scene: Scene, depth: int) -> str:
        type_ = self.one(["material", "colour"])
        values = MATERIALS if type_ == "material" else COLOURS
        left = self.choice(scene, type_, depth)
        if left.startswith('"'):
            return self._flag(scene, depth)
        if self.chance(25):
            chosen = ", ".join(f'"{self.one(values)}"' for _ in range(2))
            return f"{left} in [{chosen}]"
        operator = self.one(["==", "!="] if type_ == "material" else ["==", "!=", "<", "<=", ">", ">="])
        return f"{left} {operator} {self.choice(scene, type_, depth)}"

    def _text_test(self, scene: Scene, depth: int) -> str:
        text, other = self.text(scene, depth), self.text(scene, 0)
        method = self.one(["startsWith", "endsWith", "contains"])
        return self.one(
            [f"{text} == {other}", f"{text} != {other}", f"{text}.{method}({other})", f'{text} in ["wood", "abc"]']
        )

    def _has(self, scene: Scene, depth: int) -> str:
        seen = [
            n for n in scene.visible(["boolean", "number", "integer", "material", "colour", "text", "date"]) if n.maybe
        ]
        return f"has({self.one(seen).name})" if seen else self._flag(scene, depth)

    def _member(self, scene: Scene, depth: int) -> str:
        found = [each for each in scene.visible_lists() if each.item is not None]
        if not found:
            return self._quantified(scene, depth)
        values = self.one(found)
        assert values.item is not None
        return f"({self.scalar(scene, values.item.type, depth, values.item.unit)}) in {values.name}"

    # ---- lists -------------------------------------------------------------------------------------------------------

    def _bound(self, scene: Scene, depth: int) -> tuple[str, Scene, str] | None:
        """A list, the scene inside a macro over it, and the variable."""
        if scene.depth() >= 2:
            return None
        variable = f"v{scene.depth()}"
        lists = scene.visible_lists()
        if not lists or self.chance(15):
            unit = self.one([None, "t"])
            numbers = ", ".join(self.number(scene, 0, unit) for _ in range(2))
            return f"[{numbers}]", self._with_item(scene, Named(variable, "number", unit)), variable
        chosen = self.one(lists)
        if chosen.kind is not None:
            inner = replace(scene, variables=(*scene.variables, (variable, chosen.kind)))
            text = chosen.name
            if self.chance(25):
                text = f"{text}.filter({variable}, {self.boolean(inner, depth - 1)})"
            return text, inner, variable
        assert chosen.item is not None
        return chosen.name, self._with_item(scene, replace(chosen.item, name=variable)), variable

    def _with_item(self, scene: Scene, item: Named) -> Scene:
        return replace(scene, items=(*scene.items, item))

    def _quantified(self, scene: Scene, depth: int) -> str:
        bound = self._bound(scene, depth)
        if bound is None:
            return self._flag(scene, depth)
        text, inner, variable = bound
        macro = self.one(["exists", "all", "exists_one"])
        return f"{text}.{macro}({variable}, {self.boolean(inner, depth - 1)})"

    def _aggregate(self, scene: Scene, depth: int, unit: str | None) -> str:
        bound = self._bound(scene, depth)
        if bound is None:
            return self.one(NUMBERS)
        text, inner, variable = bound
        test = f"{self.boolean(inner, depth - 1)}, " if self.chance(40) else ""
        mapped = f"{text}.map({variable}, {test}{self.number(inner, depth - 1, unit)})"
        function = self.one(["sum", "sum", "min", "max", "size"])
        if function == "size":
            return f"size({text})" if unit is None else self._aggregate_sum(mapped)
        if function in ("min", "max"):
            self.loose = True
        return f"{function}({mapped})"

    def _aggregate_sum(self, mapped: str) -> str:
        return f"sum({mapped})"

    # ---- scalars -----------------------------------------------------------------------------------------------------

    def scalar(self, scene: Scene, type_: str, depth: int, unit: str | None = None) -> str:
        match type_:
            case "boolean":
                return self.boolean(scene, depth)
            case "number":
                return self.number(scene, depth, unit)
            case "integer":
                return self.integer(scene, depth)
            case "date":
                return self.date(scene, depth)
            case "text":
                return self.text(scene, depth)
        return self.choice(scene, type_, depth)

    def number(self, scene: Scene, depth: int, unit: str | None) -> str:
        seen = scene.visible(["number", "integer"], unit)
        if seen and (depth <= 0 or self.chance(35)):
            return self.guarded(self.one(seen), "1")
        if depth <= 0:
            return self.one(NUMBERS)
        left = self.number(scene, depth - 1, unit)
        options = ["plus", "minus", "times", "over", "negative", "round", "choose", "aggregate", "aggregate", "literal"]
        if scene.tables:
            options.append("lookup")
        if unit is None:
            options += ["integer", "integer"]
        match self.one(options):
            case "plus" | "minus" as sign:
                return f"({left} {'+' if sign == 'plus' else '-'} {self.number(scene, depth - 1, unit)})"
            case "times":
                return f"({left} * {self.number(scene, depth - 1, None)})"
            case "over":
                return f"({left} / {self.number(scene, 0, None)})"
            case "negative":
                return f"-({left})"
            case "round":
                return f"round({left}, {self.one(['0', '1', '-1'])})"
            case "choose":
                return f"({self.boolean(scene, depth - 1)} ? {left} : {self.number(scene, depth - 1, unit)})"
            case "aggregate":
                return self._aggregate(scene, depth - 1, unit)
            case "lookup":
                return self._lookup(scene, depth - 1, "amount" if unit == "t" else "share")
            case "integer":
                return self.integer(scene, depth - 1)
        return self.one(NUMBERS)

    def _lookup(self, scene: Scene, depth: int, column: str) -> str:
        table = self.one(["strict", "lenient", "pair"])
        key = self.choice(scene, "material", depth)
        if table == "pair":
            key = f"{key}, {self.integer(scene, 0)}"
        call = f'lookup("{table}", {key}, "{column}")'
        return f"(has({call}) ? {call} : 2)"

    def integer(self, scene: Scene, depth: int) -> str:
        options = ["literal", "fact", "fact", "fact"]
        if depth > 0:
            options += ["plus", "times", "remainder", "size", "length", "year"]
        if scene.counting and scene.sectors:
            options += ["findings", "findings", "instances"]
        match self.one(options):
            case "fact":
                seen = scene.visible(["integer"], None)
                return self.guarded(self.one(seen), "1") if seen else "2"
            case "plus":
                return f"({self.integer(scene, depth - 1)} + {self.integer(scene, depth - 1)})"
            case "times":
                return f"({self.integer(scene, depth - 1)} * {self.integer(scene, depth - 1)})"
            case "remainder":
                return f"({self.integer(scene, depth - 1)} % {self.integer(scene, 0)})"
            case "size":
                lists = scene.visible_lists()
                return f"count({self.one(lists).name})" if lists else "1"
            case "length":
                return f"size({self.text(scene, depth - 1)})"
            case "year":
                return f"year({self.date(scene, depth - 1)})"
            case "findings" | "instances" as function:
                severity = self.one(["major", "general", "any"])
                return f'{function}("{self.one(scene.sectors)}", "{severity}")'
        return self.one(["0", "1", "2", "3", "-2"])

    def date(self, scene: Scene, depth: int) -> str:
        options = ["literal", "as_of"]
        if depth > 0:
            options += ["months", "days"]
        seen = scene.visible(["date"])
        if seen and self.chance(60):
            return self.guarded(self.one(seen), "as_of")
        match self.one(options):
            case "as_of":
                return "as_of"
            case "months":
                return f"add_months({self.date(scene, depth - 1)}, {self.integer(scene, depth - 1)})"
            case "days":
                return f"add_days({self.date(scene, depth - 1)}, {self.integer(scene, depth - 1)})"
        return f'date("{self.one(DAYS)}")'

    def text(self, scene: Scene, depth: int) -> str:
        seen = scene.visible(["text"])
        named = self.one(seen) if seen and self.chance(70) else None
        found = f'"{self.one(TEXTS)}"' if named is None else self.guarded(named, '"wood"')
        if depth > 0 and self.chance(25):
            return self.one(
                [f'({found} + "木")', f"{found}.substring(0, {self.integer(scene, 0)})", f"{found}.substring(1)"]
            )
        return found

    def choice(self, scene: Scene, type_: str, depth: int) -> str:
        values = MATERIALS if type_ == "material" else COLOURS
        seen = scene.visible([type_])
        if scene.grading and type_ == "colour" and self.chance(40):
            self.loose = True
            return "max(sector_grades())"
        if seen and depth > 0 and self.chance(20):  # one branch at least must say its type
            name = self.guarded(self.one(seen), f'"{values[0]}"')
            return f"({self.boolean(scene, depth - 1)} ? {name} : {self.choice(scene, type_, 0)})"
        if seen and self.chance(80):
            return self.guarded(self.one(seen), f'"{values[0]}"')
        return f'"{self.one(values)}"'
