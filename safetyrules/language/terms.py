"""Terms: typed expressions, the one tree that every engine and explanation reads.

The check pass makes terms from the expressions of rules; the lower pass joins the terms of a conclusion's tables,
exceptions and writers into one. A term knows its type and whether it may have no value (``may_be_nothing``). Terms are
frozen and compare by what they say; ``span`` (their place in a ruleset) does not take part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from safetyrules.diagnostics import Span
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType

if TYPE_CHECKING:
    from safetyrules.language.document import HitPolicy

BOOLEAN = BooleanType()
TEXT = TextType()
DATE = DateType()
NUMBER = NumberType()
INTEGER = NumberType(integer=True)
#: How a comparison reads from its other side.
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


# ---- entities -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Up:
    """The entity the rule is evaluated for (``levels`` 0) or an ancestor of it."""

    levels: int
    kind: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A comprehension variable bound to a part."""

    name: str
    kind: str


EntityTerm = Up | Variable


# ---- scalars --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: ``bool``, `Fraction`, ``str``, or the ordinal of a date as a `Fraction`."""

    value: bool | Fraction | str
    type: ScalarType
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class NoValueTerm:
    """Always "no value"."""

    type: ScalarType
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class FactValue:
    entity: EntityTerm
    fact: str
    type: ScalarType
    may_be_nothing: bool
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ConclusionValue:
    entity: EntityTerm
    conclusion: str
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ItemValue:
    """A comprehension variable over a list of scalars."""

    variable: str
    type: ScalarType
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A ruleset parameter; replaced by a `Constant` when a plan is made."""

    ruleset: str
    name: str
    type: ScalarType
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day the facts describe."""

    span: Span | None = field(default=None, compare=False)
    type: DateType = DATE
    may_be_nothing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Sure:
    """``term`` where an earlier ``has()`` has established that it has a value: "no value" is struck out."""

    term: Term
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=False, compare=False)

    @property
    def type(self) -> ScalarType:
        return self.term.type


@dataclass(frozen=True, slots=True)
class Not:
    operand: Term
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)
    type: BooleanType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Junction:
    """``&&`` (``all`` true) or ``||`` of two or more operands, flattened, in the order written."""

    operator: Literal["&&", "||"]
    operands: tuple[Term, ...]
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)
    type: BooleanType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides numbers, both dates, both of one scale (ordered first to last) or, for ``==`` and ``!=``, of one
    type."""

    operator: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Term
    right: Term
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)
    type: BooleanType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Among:
    """``operand in [constants]``."""

    operand: Term
    constants: tuple[Constant, ...]
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)
    type: BooleanType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: Literal["+", "-", "*", "/", "%"]
    left: Term
    right: Term
    type: NumberType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Term
    type: NumberType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """``test ? then : otherwise``; no value where the test has none. Also how ``applies:`` guards an outcome."""

    test: Term
    then: Term
    otherwise: Term
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Applicable:
    """``has(operand)``."""

    operand: Term
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=False, compare=False)
    type: BooleanType = BOOLEAN


DateFunctionName = Literal["days_between", "add_days", "add_months", "year"]
TextFunctionName = Literal["startsWith", "endsWith", "contains", "substring", "size", "concat"]


@dataclass(frozen=True, slots=True)
class DateFunction:
    function: DateFunctionName
    arguments: tuple[Term, ...]
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TextFunction:
    function: TextFunctionName
    arguments: tuple[Term, ...]
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Round:
    """Half away from zero, to ``digits`` decimals (negative: tens, hundreds)."""

    operand: Term
    digits: int
    type: NumberType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LookupValue:
    """The cell of ``column`` in the row whose key columns equal ``keys``."""

    table: str
    keys: tuple[Term, ...]
    column: str
    type: ScalarType
    may_be_nothing: bool
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FindingCount:
    """``findings(sector, severity)``; with ``instances`` each entity counts, without it each clause once."""

    sector: str
    severity: Literal["major", "general", "any"]
    instances: bool
    span: Span | None = field(default=None, compare=False)
    type: NumberType = INTEGER
    may_be_nothing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class UnsettledReadings:
    """All readings of one clause; which one holds is the parameter's to say. Their outcomes are united."""

    readings: tuple[tuple[str, Term], ...]
    ruleset: str
    parameter: str
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


# ---- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartsOf:
    """The parts in a list fact."""

    entity: EntityTerm
    fact: str
    kind: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ValuesOf:
    """The scalars in a list fact."""

    entity: EntityTerm
    fact: str
    item: ScalarType
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    """``[a, b]``."""

    items: tuple[Term, ...]
    item: ScalarType
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Filtered:
    """The members that pass ``test``; parts stay parts (``kind``), scalars scalars (``item``)."""

    operand: ListTerm
    variable: str
    test: Term
    kind: str | None
    item: ScalarType | None
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Mapped:
    """``body`` of every member that passes ``test`` (None: all)."""

    operand: ListTerm
    variable: str
    test: Term | None
    body: Term
    item: ScalarType
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class SectorGrades:
    """The grades of the sectors present; a sector that may be present is a maybe-member."""

    item: ChoiceType
    span: Span | None = field(default=None, compare=False)


ListTerm = PartsOf | ValuesOf | ListOf | Filtered | Mapped | SectorGrades


@dataclass(frozen=True, slots=True)
class Quantified:
    quantifier: Literal["exists", "all", "exists_one"]
    operand: ListTerm
    variable: str
    body: Term
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)
    type: BooleanType = BOOLEAN


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``size``, ``sum``, ``min`` or ``max`` of a list; members without a value are left out."""

    function: Literal["size", "sum", "min", "max"]
    operand: ListTerm
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


# ---- outcomes of rules ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Permitted:
    """A permission: one of ``permitted``, settled only by the recorded decision ``settled_by`` (a term of the same
    type)."""

    permitted: tuple[str, ...]
    settled_by: Term | None
    type: ChoiceType
    span: Span | None = field(default=None, compare=False)
    may_be_nothing: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class TableRow:
    when: Term
    then: Term
    clauses: tuple[str, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """``otherwise`` is None where no row may decide; ``exhaustive`` where check proved that some row always does."""

    hit: HitPolicy
    rows: tuple[TableRow, ...]
    otherwise: Term | None
    exhaustive: bool
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ExceptionBranch:
    """An exception: where ``when`` is true, ``then`` (None: withdrawn) stands in place of the base's outcome.

    ``recorded`` marks a departure by recorded decision: it counts only where the decision is given.
    """

    rule: str
    when: Term
    then: Term | None
    recorded: bool
    exceptions: tuple[ExceptionBranch, ...]


@dataclass(frozen=True, slots=True)
class Excepted:
    base: Term
    exceptions: tuple[ExceptionBranch, ...]
    type: ScalarType
    may_be_nothing: bool = field(compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Writer:
    """One rule that writes a conclusion, with its exceptions already inside ``term``; ``beats`` holds the indices of
    the writers that give way where this one says something."""

    rule: str
    term: Term
    beats: frozenset[int]


@dataclass(frozen=True, slots=True)
class Written:
    """A conclusion with several writers in force.

    Where it ``accumulates``, as findings and duties do, it is true where any writer says so that nobody above it
    silences, and a writer stands before those that give way to it. Else the writers prevail over one another.
    """

    writers: tuple[Writer, ...]
    type: ScalarType
    accumulates: bool
    may_be_nothing: bool = field(default=True, compare=False)
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A conclusion that no instrument in force decides here: every outcome of its type stays possible."""

    type: ScalarType
    may_be_nothing: bool
    span: Span | None = field(default=None, compare=False)


Term = (
    Constant
    | NoValueTerm
    | FactValue
    | ConclusionValue
    | ItemValue
    | ParameterValue
    | AsOf
    | Sure
    | Not
    | Junction
    | Comparison
    | Among
    | Arithmetic
    | Negative
    | Choose
    | Applicable
    | DateFunction
    | TextFunction
    | Round
    | LookupValue
    | FindingCount
    | UnsettledReadings
    | Quantified
    | Aggregate
    | Permitted
    | DecisionTable
    | Excepted
    | Written
    | Unassigned
)
AnyTerm = Term | ListTerm | EntityTerm


#: The classes of terms, list terms and entity terms.
TERM_CLASSES: frozenset[type] = frozenset({
    Constant, NoValueTerm, FactValue, ConclusionValue, ItemValue, ParameterValue, AsOf, Sure, Not, Junction, Comparison,
    Among, Arithmetic, Negative, Choose, Applicable, DateFunction, TextFunction, Round, LookupValue, FindingCount,
    UnsettledReadings, Quantified, Aggregate, Permitted, DecisionTable, Excepted, Written, Unassigned,
    PartsOf, ValuesOf, ListOf, Filtered, Mapped, SectorGrades, Up, Variable,
})  # fmt: skip
#: The classes that hold terms and are none themselves.
HOLDER_CLASSES: frozenset[type] = frozenset({TableRow, ExceptionBranch, Writer})
#: The classes that a term is made of, rows, branches and writers among them.
NODE_CLASSES = TERM_CLASSES | HOLDER_CLASSES
