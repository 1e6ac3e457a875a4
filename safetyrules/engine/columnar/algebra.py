"""The operations of `safetyrules.engine.algebra` on columns, one for one.

Where the answer of a comparison hangs on less than the error of its operands, and these are not known to be multiples
of a step that is larger (`Multiples`), the row is *doubtful*: the subject is then decided exactly, by itself (design
5.18).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from safetyrules.engine.columnar import comparisons, ends
from safetyrules.engine.columnar.ends import End
from safetyrules.engine.columnar.forms import (
    MOST_LEVELS,
    MOST_PLACES,
    Code,
    Form,
    Levels,
    Number,
    Sets,
    Truth,
    Unfit,
    finest,
    levels,
    multiples,
    multiples_of,
    same,
    some,
)
from safetyrules.engine.columnar.multiples import MOST_STEPS, Multiples
from safetyrules.engine.columnar.nodes import Graph, Node
from safetyrules.engine.columnar.tables import LARGEST_NUMBER
from safetyrules.engine.columnar.text_sets import joined_texts
from safetyrules.facts.schema import ChoiceType


class Algebra:
    """Operations that add to one graph. ``doubtful`` collects, by table, the rows that columns do not settle."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.doubtful: dict[str, dict[int, Node]] = {}

    def doubt(self, node: Node) -> None:
        if node is not self.graph.false:
            self.doubtful.setdefault(node.table, {})[node.number] = node

    # ---- joining -----------------------------------------------------------------------------------------------------

    def joined(self, cases: Iterable[tuple[Node, Form]]) -> Form:
        """Every form whose condition may hold. Somewhere one must, or the result is nothing at all."""
        g = self.graph
        kept = [(when, form) for when, form in cases if when is not g.false]
        if len(kept) == 1 and kept[0][0] is g.true:
            return kept[0][1]
        forms = [form for _, form in kept]
        none = g.either(g.both2(when, form.none) for when, form in kept)
        if isinstance(forms[0], Truth):
            truths = [(when, form) for when, form in kept if isinstance(form, Truth)]
            true = g.either(g.both2(when, form.true) for when, form in truths)
            if self._exclusive(kept) and all(self._known(form) for _, form in truths):
                return Truth(true, g.opposite(true), none)
            return Truth(true, g.either(g.both2(when, form.false) for when, form in truths), none)
        if isinstance(forms[0], Number):
            return self._joined_numbers([(when, form) for when, form in kept if isinstance(form, Number)], none)
        type_ = forms[0].type
        if isinstance(type_, ChoiceType) and len(type_.members) <= MOST_LEVELS:
            spread = [(when, levels(g, form)) for when, form in kept]
            members = tuple(
                g.either(g.both2(when, form.members[place]) for when, form in spread)
                for place in range(len(type_.members))
            )
            return Levels(type_, members, none)
        return self._joined_codes([(when, form) for when, form in kept if isinstance(form, Code)], none)

    def _exclusive(self, kept: Sequence[tuple[Node, Form]]) -> bool:
        """Are there two cases, of which always one holds?"""
        return len(kept) == 2 and kept[1][0] is self.graph.opposite(kept[0][0])

    def _known(self, one: Truth) -> bool:
        """Is it true or false in every row?"""
        return one.none is self.graph.false and one.false is self.graph.opposite(one.true)

    def _joined_numbers(self, kept: Sequence[tuple[Node, Number]], none: Node) -> Number:
        g = self.graph
        if self._exclusive(kept) and all(form.exact and form.low is form.high for _, form in kept):
            (when, one), (_, two) = kept
            value = g.where(when, one.low, two.low)
            return Number(value, value, none, places=finest(one, two), multiples=self._of_cases(kept))
        above, below = ends.beyond(g, [end for _, form in kept for end in (form.low, form.high)])
        low = g.least(*(g.where(when, form.low, above) for when, form in kept))
        high = g.most(*(g.where(when, form.high, below) for when, form in kept))
        if all(form.exact for _, form in kept):
            places = finest(*(form for _, form in kept))
            return Number(low, high, none, places=places, multiples=self._of_cases(kept))
        low_error = g.most(*(g.where(when, ends.low_error(g, form), g.zero) for when, form in kept))
        high_error = g.most(*(g.where(when, ends.high_error(g, form), g.zero) for when, form in kept))
        return Number(low, high, none, low_error, high_error, multiples=self._of_cases(kept))

    def _of_cases(self, kept: Sequence[tuple[Node, Number]]) -> Multiples | None:
        """What numbers are multiples of, of which those may be that stand beside what holds."""
        g = self.graph
        found = multiples(g, *(form for _, form in kept))
        if found is None or found.on is g.true:
            return found
        each = [(when, multiples_of(g, form)) for when, form in kept]
        return replace(found, on=g.both(g.either2(g.opposite(w), of.on) for w, of in each if of is not None))

    def _joined_codes(self, kept: Sequence[tuple[Node, Code]], none: Node) -> Code:
        g = self.graph
        when, form = kept[0]
        result = replace(form, some=g.both2(when, form.some))
        for when, form in kept[1:]:
            result = joined_texts(self, result, replace(form, some=g.both2(when, form.some)))
        return replace(result, none=none)

    # ---- truth -------------------------------------------------------------------------------------------------------

    def negation(self, one: Truth) -> Truth:
        return Truth(one.false, one.true, one.none)

    def conjunction(self, operands: Sequence[Truth]) -> Truth:
        """Kleene with "no value": false wins, then no value, then true."""
        g = self.graph
        true = g.both(o.true for o in operands)
        if all(self._known(o) for o in operands):
            return Truth(true, g.opposite(true), g.false)
        false = g.either(o.false for o in operands)
        not_false = g.both(g.either2(o.true, o.none) for o in operands)
        none = g.both2(g.either(o.none for o in operands), not_false)
        return Truth(true, false, none)

    def disjunction(self, operands: Sequence[Truth]) -> Truth:
        return self.negation(self.conjunction([self.negation(o) for o in operands]))

    def sure(self, one: Truth) -> Node:
        """Only true is possible."""
        g = self.graph
        return g.both((one.true, g.opposite(one.false), g.opposite(one.none)))

    # ---- comparison --------------------------------------------------------------------------------------------------

    def compare(self, operator: str, one: Form, two: Form) -> Truth:
        g = self.graph
        if operator == "!=":
            return self.negation(self.compare("==", one, two))
        if operator in (">", ">="):
            one, two, operator = two, one, {">": "<", ">=": "<="}[operator]
        has = g.both2(some(g, one), some(g, two))
        none = g.either2(one.none, two.none)
        if isinstance(one, Number) and isinstance(two, Number):
            true, false = self._compare_numbers(operator, one, two)
        elif isinstance(one, Truth) and isinstance(two, Truth):
            true = g.either2(g.both2(one.true, two.true), g.both2(one.false, two.false))
            false = g.either2(g.both2(one.true, two.false), g.both2(one.false, two.true))
        elif isinstance(one, Levels | Code) and isinstance(two, Levels | Code):
            true, false = self._compare_choices(operator, one, two)
        else:
            raise Unfit
        # Without a value on one side nothing is compared.
        return Truth(g.both2(has, true), g.both2(has, false), none)

    def _compare_numbers(self, operator: str, one: Number, two: Number) -> tuple[Node, Node]:
        g = self.graph
        low, high = (one.low, one.low_error), (one.high, one.high_error)
        other_low, other_high = (two.low, two.low_error), (two.high, two.high_error)
        of = multiples(g, one, two)
        if operator == "<":
            return g.opposite(self.at_most(other_high, low, of)), self.at_most(other_low, high, of)
        if operator == "<=":
            return self.at_most(low, other_high, of), g.opposite(self.at_most(high, other_low, of))
        if one.low is one.high and two.low is two.high:
            true = g.both2(self.at_most(low, other_high, of), self.at_most(other_low, high, of))
            return true, g.opposite(true)
        # Whether ends are the same point is asked of the floats: near ones stay doubtful.
        true = g.both2(self.at_most(low, other_high), self.at_most(other_low, high))
        point = g.both((same(g, one.low, one.high), same(g, two.low, two.high), same(g, one.low, two.low)))
        return true, g.opposite(point)

    def at_most(self, one: End, two: End, of: Multiples | None = None) -> Node:
        """``one <= two``; doubtful where they lie nearer to each other than the floats may be off, unless both are
        multiples (``of``) that can then only be equal."""
        g = self.graph
        (a, a_error), (b, b_error) = one, two
        if a is g.minus_infinity or b is g.infinity:
            return g.true
        if a_error is None and b_error is None:
            if a.constant and b.constant:
                return g.constant(a.detail <= b.detail)  # type: ignore[operator]
        else:
            # Once one side is off, the other is no longer a decimal compared with a decimal.
            error = ends.plus(g, a_error or ends.rounding(g, a), b_error or ends.rounding(g, b))
            near = g.apply("truth", "near", a, b, error)
            if of is not None:
                settled = of.settle(g, error)
                self.doubt(g.both2(near, g.opposite(settled)))
                return g.either2(g.apply("truth", "<=", a, b), g.both2(near, settled))
            self.doubt(near)
        return comparisons.at_most(g, a, b)

    def _compare_choices(self, operator: str, one: Levels | Code, two: Levels | Code) -> tuple[Node, Node]:
        g = self.graph
        if isinstance(one.type, ChoiceType) != isinstance(two.type, ChoiceType):
            raise Unfit
        spread = isinstance(one, Levels) or isinstance(two, Levels) or operator != "=="
        if spread and not self._codes_of_constant(operator, one, two):
            a, b = levels(g, one).members, levels(g, two).members
            before: Callable[[int, int], bool] = {
                "==": lambda i, j: i == j, "<": lambda i, j: i < j, "<=": lambda i, j: i <= j,
            }[operator]  # fmt: skip
            places = range(len(a))
            true = g.either(g.both2(a[i], g.either(b[j] for j in places if before(i, j))) for i in places)
            false = g.either(g.both2(a[i], g.either(b[j] for j in places if not before(i, j))) for i in places)
            return true, false
        code, other = self._as_codes(one, two)
        several = not isinstance(code.type, ChoiceType) or len(code.type.members) > 1
        unknown = g.either2(g.opposite(code.known), g.opposite(other.known))
        equal = same(g, code.value, other.value)
        true, false = g.either2(unknown, equal), g.either2(unknown if several else g.false, g.opposite(equal))
        for side, against in ((code, other), (other, code)):
            if side.sets is not None:
                true = g.where(side.sets.some(g), self._may_be_of(side, side.sets, against), true)
        return true, false

    def _may_be_of(self, one: Code, sets: Sets, other: Code) -> Node:
        """May one of a set of texts be equal to another text? Only asked of one constant text; else doubtful."""
        g = self.graph
        if other.value.constant and other.known is g.true:
            text = other.value.detail
            named = sets.told(g, lambda each: text in each.texts)
            value = g.both2(sets.told(g, lambda each: each.and_value), same(g, one.value, other.value))
            return g.either2(named, value)
        self.doubt(g.both((sets.some(g), other.some)))
        return g.true

    def _codes_of_constant(self, operator: str, one: Levels | Code, two: Levels | Code) -> bool:
        """Is it a code against one constant level, so that nothing need be spread?"""
        return operator == "==" and any(
            isinstance(a, Code) and isinstance(b, Levels) and all(m.constant for m in (*b.members, b.none))
            and sum(bool(m.detail) for m in b.members) == 1
            for a, b in ((one, two), (two, one))
        )  # fmt: skip

    def _as_codes(self, one: Levels | Code, two: Levels | Code) -> tuple[Code, Code]:
        g = self.graph

        def code(form: Levels | Code) -> Code:
            if isinstance(form, Code):
                return form
            (place,) = [i for i, m in enumerate(form.members) if m.detail]
            return Code(form.type, g.constant(place), g.true, g.true, g.false)

        return code(one), code(two)

    # ---- numbers -----------------------------------------------------------------------------------------------------

    def arithmetic(self, operator: str, one: Number, two: Number) -> Number:
        g = self.graph
        none = g.either2(one.none, two.none)
        found: tuple[Node, Node, Node, Node]
        places, of = self._places(operator, one, two), self._multiples(operator, one, two)
        if places is not None:
            return self._where_both(one, two, self._exact(operator, one, two, none, places, of))
        match operator:
            case "+":
                found = (
                    *ends.sum_end(g, one.low, ends.low_error(g, one), two.low, ends.low_error(g, two)),
                    *ends.sum_end(g, one.high, ends.high_error(g, one), two.high, ends.high_error(g, two)),
                )
            case "-":
                found = (
                    *ends.sum_end(
                        g, one.low, ends.low_error(g, one), ends.negated(g, two.high), ends.high_error(g, two)
                    ),
                    *ends.sum_end(
                        g, one.high, ends.high_error(g, one), ends.negated(g, two.low), ends.low_error(g, two)
                    ),
                )
            case "*":
                found = ends.products(g, one, two)
            case "/":
                found = self._quotients(one, two)
            case _:
                low, high = self._remainders(one, two)
                places = 0 if one.whole and two.whole else None
                return self._where_both(one, two, Number(low, high, none, places=places))
        low, low_error, high, high_error = found
        return self._where_both(one, two, Number(low, high, none, low_error, high_error, multiples=of))

    def _multiples(self, operator: str, one: Number, two: Number) -> Multiples | None:
        mine, other = multiples_of(self.graph, one), multiples_of(self.graph, two)
        if mine is None or other is None:
            return None
        match operator:
            case "+" | "-":
                return mine.plus(self.graph, other)
            case "*":
                return mine.times(self.graph, other)
            case "/":
                return mine.over(self.graph, other)
        return None

    def _places(self, operator: str, one: Number, two: Number) -> int | None:
        """The binary places of a result that floats hold exactly."""
        if one.places is None or two.places is None or operator not in "+-*":
            return None
        places = one.places + two.places if operator == "*" else max(one.places, two.places)
        return places if places <= MOST_PLACES else None

    def _exact(self, operator: str, one: Number, two: Number, none: Node, places: int, of: Multiples | None) -> Number:
        """Floats add and multiply whole numbers exactly, up to their largest; halves, quarters and so on too, and as
        long as these have fifteen digits their shortest form is the decimal."""
        g = self.graph
        if operator == "*":
            low, high = ends.exact_products(g, one, two)
        else:
            lesser, greater = (
                (two.low, two.high) if operator == "+" else (ends.negated(g, two.high), ends.negated(g, two.low))
            )
            low, high = ends.plus(g, one.low, lesser), ends.plus(g, one.high, greater)
        largest = min(LARGEST_NUMBER / 2**places, 10.0 ** (15 - places)) if places else LARGEST_NUMBER
        for end in (low, high):
            if not end.constant and g.reached(end) >= largest:
                self.doubt(g.apply("truth", "too large", end, detail=largest))
        return Number(low, high, none, places=places, multiples=of)

    def _where_both(self, one: Number, two: Number, result: Number) -> Number:
        """Nothing where one side is nothing at all."""
        g = self.graph
        has = g.both2(some(g, one), some(g, two))
        low, high = g.where(has, result.low, g.infinity), g.where(has, result.high, g.minus_infinity)
        return replace(result, low=low, high=high)

    def _quotients(self, one: Number, two: Number) -> tuple[Node, Node, Node, Node]:
        """Without bounds where the divisor may be zero (5.21)."""
        g = self.graph
        low_zero = self.at_most((two.low, two.low_error), (g.zero, None))
        high_zero = self.at_most((g.zero, None), (two.high, two.high_error))
        may_be_zero = g.both2(low_zero, high_zero)
        results = []
        for a, a_error in ends.two_ends(g, one):
            for b, b_error in ends.two_ends(g, two):
                quotient = g.apply("number", "/", a, b)
                error = g.apply("number", "quotient error", a, a_error, b, b_error)
                results.append((quotient, error))
        low, low_error, high, high_error = ends.spread(g, results)
        return (
            g.where(may_be_zero, g.minus_infinity, low), low_error,
            g.where(may_be_zero, g.infinity, high), high_error,
        )  # fmt: skip

    def _remainders(self, one: Number, two: Number) -> tuple[Node, Node]:
        """Exact for whole numbers that are known; otherwise bounds, and doubt where decimals are known."""
        g = self.graph
        known = g.both2(same(g, one.low, one.high), same(g, two.low, two.high))
        if not (one.whole and two.whole):
            self.doubt(known)
        may_be_zero = g.both2(g.apply("truth", "<=", two.low, g.zero), g.apply("truth", "<=", g.zero, two.high))
        rest = g.apply("number", "remainder", one.low, two.low)
        most = ends.plus(g, g.most(two.high, ends.negated(g, two.low)), g.constant(-1.0))
        low = g.where(g.apply("truth", "<", one.low, g.zero), g.most(ends.negated(g, most), one.low), g.zero)
        high = g.where(g.apply("truth", "<", g.zero, one.high), g.least(most, one.high), g.zero)
        return (
            g.where(may_be_zero, g.minus_infinity, g.where(known, rest, low)),
            g.where(may_be_zero, g.infinity, g.where(known, rest, high)),
        )  # fmt: skip

    def negative(self, one: Number) -> Number:
        high = ends.negated(self.graph, one.low)
        low = high if one.high is one.low else ends.negated(self.graph, one.high)
        return replace(one, low=low, high=high, low_error=one.high_error, high_error=one.low_error)

    def rounded(self, one: Number, digits: int) -> Number:
        """Half away from zero; doubtful where a float may lie on the other side of a half."""
        g = self.graph

        def end(value: Node, error: Node) -> Node:
            self.doubt(g.apply("truth", "near half", value, error, detail=digits))
            return g.apply("number", "round", value, detail=digits)

        low = end(one.low, ends.low_error(g, one))
        high = low if one.high is one.low else end(one.high, ends.high_error(g, one))
        if digits <= 0:
            return Number(low, high, one.none, places=0)
        of = Multiples(10**digits, g.true) if 10**digits <= MOST_STEPS else None
        return Number(low, high, one.none, ends.step(g, low), ends.step(g, high), multiples=of)

    # ---- greatest and least ------------------------------------------------------------------------------------------

    def greatest(self, one: Number, two: Number, least: bool) -> Number:
        """The greater (or lesser) of two, or the other where one has no value."""
        g = self.graph
        pick = g.least if least else g.most
        ones, twos = some(g, one), some(g, two)
        low, high = pick(one.low, two.low), pick(one.high, two.high)
        # Where one may have no value, the other stands alone.
        low = g.where(one.none, g.least(low, two.low), low)
        high = g.where(one.none, g.most(high, two.high), high)
        low = g.where(two.none, g.least(low, one.low), low)
        high = g.where(two.none, g.most(high, one.high), high)
        low = g.where(ones, g.where(twos, low, one.low), two.low)
        high = g.where(ones, g.where(twos, high, one.high), two.high)
        none = g.both2(one.none, two.none)
        of = multiples(g, one, two)
        if one.exact and two.exact:
            return Number(low, high, none, places=finest(one, two), multiples=of)
        error = g.most(
            g.where(ones, g.most(ends.low_error(g, one), ends.high_error(g, one)), g.zero),
            g.where(twos, g.most(ends.low_error(g, two), ends.high_error(g, two)), g.zero),
        )
        return Number(low, high, none, error, error, multiples=of)

    def greatest_level(self, members: Sequence[tuple[Node, Node, Levels]], least: bool, type_: ChoiceType) -> Levels:
        """Of members that may be there, and surely are: the greatest (or least) level; no value without any.

        A level may be the greatest where some member may be it and every member that surely has a value may be no
        greater.
        """
        g = self.graph
        found = []
        for place in range(len(type_.members)):
            lesser = range(place, len(type_.members)) if least else range(place + 1)
            some_here = g.either(g.both2(present, form.members[place]) for present, _, form in members)
            none_greater = g.both(
                g.either((g.opposite(certain), form.none, *(form.members[i] for i in lesser)))
                for _, certain, form in members
            )
            found.append(g.both2(some_here, none_greater))
        none = g.both(g.either2(g.opposite(certain), form.none) for _, certain, form in members)
        return Levels(type_, tuple(found), none)
