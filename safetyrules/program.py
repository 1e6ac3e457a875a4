"""The public face of the engine: load law, make plans, assess subjects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from safetyrules.diagnostics import (
    Diagnostic,
    RequestError,
    RulesetError,
    Severity,
    diagnostic,
    did_you_mean,
)
from safetyrules.engine.compiled.assemble import NOT_PLAIN, CompiledPlan, Interpreted, compile_plan
from safetyrules.engine.compiled.decode import Raw
from safetyrules.facts.schema import Schema, TextType
from safetyrules.folders import ReadDocument
from safetyrules.language.plan import NATIONAL, Plan, make_plan
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.passes import Passes
from safetyrules.places import PlaceTree, places
from safetyrules.result import Assessment, EngineName, Request, Treatment
from safetyrules.text import same
from safetyrules.values import Scalar

if TYPE_CHECKING:
    from safetyrules.plugins import Plugin

TREATMENTS: tuple[str, ...] = get_args(Treatment)
ENGINES: tuple[str, ...] = get_args(EngineName)
SHANGHAI = timezone(timedelta(hours=8))
Source = tuple[str, str | bytes]
#: Plans kept by a program; compiled code is kept by plan digest, so a new law date seldom compiles.
PLANS_KEPT = 512


class Program:
    """All loaded law, checked and linked, with the plans made of it so far. Safe to share between threads."""

    def __init__(
        self,
        linked: LinkedProgram,
        tree: PlaceTree,
        plugins: tuple[Plugin, ...] = (),
        timings: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self.linked = linked
        #: Seconds that each pass from text to program took.
        self.timings = timings
        self.places = tree
        self.plugins = plugins
        self._compiled: dict[tuple[str, str], CompiledPlan] = {}
        self.plan = lru_cache(maxsize=PLANS_KEPT)(self._plan)

    @property
    def schema(self) -> Schema:
        return self.linked.schema

    @property
    def digest(self) -> str:
        return self.linked.digest

    def _plan(self, law_at: date, jurisdiction: str = NATIONAL, sectors: tuple[str, ...] | None = None) -> Plan:
        """The plan at a law date, for a subject in a jurisdiction, for some sectors (default: all)."""
        if jurisdiction != NATIONAL and not self.places.known(jurisdiction):
            raise RequestError(
                [
                    diagnostic(
                        "SR2103",
                        name=jurisdiction,
                        found=jurisdiction,
                        fix=did_you_mean(jurisdiction, self.places.codes),
                    )
                ]
            )
        unknown = [sector for sector in sectors or () if sector not in self.schema.sectors]
        if unknown:
            raise RequestError(
                [diagnostic("SR2107", name=s, found=s, fix=did_you_mean(s, self.schema.sectors)) for s in unknown]
            )
        return make_plan(self.linked, self.places, law_at, jurisdiction, sectors)

    def assess(
        self,
        facts: Mapping[str, Any] | object,
        *,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None = None,
        jurisdiction: str | None = None,
        treat_unknown_as: Treatment = "withhold",
        closed: Collection[str] = (),
        sectors: Collection[str] | None = None,
        subject: str | None = None,
        engine: EngineName = "compiled",
    ) -> Assessment:
        """Assess one subject.

        ``as_of`` is the day the facts describe and "today" for due days; ``law_at`` (default ``as_of``) picks the
        instruments. ``jurisdiction`` (default: the place of operation) is a GB/T 2260 code or ``CN``; any other than
        the place of operation is a what-if. ``closed`` names sections whose missing booleans are false and lists
        empty. ``subject`` names the root kind where there are several.

        Raises FactsError listing every bad field, RequestError when the call itself cannot be answered.
        """
        plan, request, notices = self.asked(
            facts,
            as_of=as_of,
            law_at=law_at,
            jurisdiction=jurisdiction,
            treat_unknown_as=treat_unknown_as,
            closed=closed,
            sectors=sectors,
            subject=subject,
            engine=engine,
        )
        if engine == "compiled":
            raw = self._decide(plan, facts, request)
            return Assessment(self, plan, facts, request, raw.outcomes, notices, raw.of_subject)
        return Assessment(self, plan, facts, request, self._interpret(plan, facts, request), notices)

    def asked(
        self,
        facts: Mapping[str, Any] | object,
        *,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None = None,
        jurisdiction: str | None = None,
        treat_unknown_as: Treatment = "withhold",
        closed: Collection[str] = (),
        sectors: Collection[str] | None = None,
        subject: str | None = None,
        engine: EngineName = "compiled",
    ) -> tuple[Plan, Request, tuple[Diagnostic, ...]]:
        """The plan that answers a call of `assess`, what was asked, and what must be said beside. Raises
        RequestError."""
        day = day_of("as_of", as_of)
        law_day = day if law_at is None else day_of("law_at", law_at)
        if treat_unknown_as not in TREATMENTS:
            raise RequestError([_bad_option("treat_unknown_as", treat_unknown_as, TREATMENTS)])
        if engine not in ENGINES:
            raise RequestError([_bad_option("engine", engine, ENGINES)])
        kind = self._root(subject)
        notices = [problem for plugin in self.plugins for problem in plugin.problems[:1]]
        place = self._place_of_operation(kind, facts)
        where = jurisdiction if jurisdiction is not None else self._default_jurisdiction(place, notices)
        plan = self.plan(law_day, where, None if sectors is None else tuple(sorted(set(sectors))))
        request = Request(
            kind, day, law_day, place, where, where != (place or NATIONAL), treat_unknown_as, tuple(closed), engine
        )
        return plan, request, tuple(notices)

    def _decide(self, plan: Plan, facts: object, request: Request) -> Raw | Interpreted:
        """By generated code. Facts that it cannot take as they stand are parsed, and so explained."""
        compiled = self.compiled(plan, request.subject)
        if not request.closed:
            try:
                return compiled.decide(facts, request.as_of.toordinal())
            except NOT_PLAIN:
                pass
        return compiled.decide_entity(self.entity(facts, request), request.as_of.toordinal())

    def _interpret(self, plan: Plan, facts: object, request: Request) -> Callable[[], Mapping[tuple[str, str], Scalar]]:
        """By the reference interpreter, or by chaining."""
        outcomes: Mapping[tuple[str, str], Scalar]
        if request.engine == "reference":
            from safetyrules.engine.reference import Reference

            outcomes = Reference(plan, self.entity(facts, request), request.as_of).run().outcomes()
        else:
            from safetyrules.engine import chained

            outcomes = chained.decide(plan, self.entity(facts, request), request.as_of)
        return lambda: outcomes

    def compiled(self, plan: Plan, subject: str) -> CompiledPlan:
        """The generated code of a plan, kept by the plan's digest."""
        key = (plan.digest, subject)
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled.setdefault(key, compile_plan(plan, subject))
        return found

    def entity(self, facts: object, request: Request) -> Any:
        """The facts as an entity tree. Raises FactsError."""
        from safetyrules.facts.input import parse_facts

        return parse_facts(self.models, request.subject, facts, request.closed)

    @property
    def models(self) -> Any:
        """The pydantic models of all kinds."""
        return self._models()

    @lru_cache(maxsize=1)  # noqa: B019 - one per program, and it lives as long
    def _models(self) -> Any:
        from safetyrules.facts.input import FactModels

        return FactModels(self.schema)

    # ---- what was asked ----------------------------------------------------------------------------------------------

    def _root(self, subject: str | None) -> str:
        roots = [kind.name for kind in self.schema.kinds.values() if kind.root]
        if subject is None and len(roots) >= 1:
            return roots[0]
        if subject not in roots:
            raise RequestError(
                [
                    diagnostic(
                        "SR2106",
                        name=subject,
                        found=subject,
                        expected=same(" / ".join(roots)),
                        fix=did_you_mean(str(subject), roots),
                    )
                ]
            )
        assert subject is not None
        return subject

    def _place_of_operation(self, kind: str, facts: object) -> str | None:
        """The subject's place fact, where it is given plainly; a bad one is reported with the other facts."""
        fact = self._place_facts.get(kind)
        if fact is None:
            return None
        if not isinstance(facts, Mapping):
            return self._place_in_model(kind, fact, facts)
        value: object = facts
        for key in fact.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, Mapping):
            value = value.get("value")
        return value if isinstance(value, str) else None

    def _place_in_model(self, kind: str, fact: str, facts: object) -> str | None:
        from safetyrules.facts.input import parse_facts
        from safetyrules.values import Finite

        value = parse_facts(self.models, kind, facts).values[fact]
        if not isinstance(value, Finite) or not value.known:
            return None
        (place,) = value.outcomes
        return place if isinstance(place, str) else None

    @cached_property
    def _place_facts(self) -> dict[str, str]:
        """Root kind → the name of its first place fact."""
        found: dict[str, str] = {}
        for kind in self.schema.kinds.values():
            for fact in kind.facts.values():
                if kind.root and isinstance(fact.type, TextType) and fact.type.code == "place":
                    found.setdefault(kind.name, fact.name)
        return found

    def _default_jurisdiction(self, place: str | None, notices: list[Diagnostic]) -> str:
        if place is not None and self.places.known(place):
            return place
        code = "SR2108" if place is None else "SR2109"
        notices.append(diagnostic(code, severity=Severity.NOTE, found=place))
        return NATIONAL


def load_program(
    sources: Iterable[Source], *, open_file: Callable[[str, str], bytes] | None = None, tree: PlaceTree | None = None
) -> Program:
    """Read, check and link documents given as (source name, text). ``open_file(source, name)`` gives the bytes of a
    file that a table document names. Raises RulesetError with every problem of every document."""
    from safetyrules.language.read import read_document

    passes = Passes()
    documents: list[ReadDocument] = []
    problems: list[Diagnostic] = []
    for name, text in sorted(sources, key=lambda source: source[0]):
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)

        def reader(file: str, name: str = name, seen: Any = digest) -> bytes:
            if open_file is None:
                raise FileNotFoundError(file)
            content = open_file(name, file)
            seen.update(hashlib.sha256(content).digest())
            return content

        try:
            with passes("read"):
                documents.append(ReadDocument(name, read_document(text, name, open_file=reader), digest.digest()))
        except RulesetError as error:
            problems.extend(error.diagnostics)
    if problems:
        raise RulesetError(problems)
    return link_program(documents, tree=tree, passes=passes)


def link_program(
    documents: Iterable[ReadDocument],
    *,
    tree: PlaceTree | None = None,
    plugins: tuple[Plugin, ...] = (),
    passes: Passes | None = None,
) -> Program:
    """The program of documents already read. Raises RulesetError with every problem found.

    Their order says only whom to blame: of two documents that conflict, the later.
    """
    from safetyrules.language.link import link

    ordered = list(documents)
    digest = hashlib.sha256(b"".join(read.digest for read in sorted(ordered, key=lambda read: read.source)))
    passes = passes if passes is not None else Passes()
    known = tree if tree is not None else places()
    linked = link((read.document for read in ordered), digest.hexdigest(), known, passes)
    return Program(linked, known, plugins, MappingProxyType(passes.seconds))


def default_program() -> Program:
    """The program of all installed plugins, loaded once. Raises PluginError where none can be used."""
    from safetyrules.plugins import load_installed

    return load_installed()


def assess(
    facts: Mapping[str, Any] | object,
    *,
    as_of: date | datetime | str,
    law_at: date | datetime | str | None = None,
    jurisdiction: str | None = None,
    treat_unknown_as: Treatment = "withhold",
    closed: Collection[str] = (),
    sectors: Collection[str] | None = None,
    subject: str | None = None,
    engine: EngineName = "compiled",
) -> Assessment:
    """Assess one subject by the installed law; see `Program.assess`."""
    return default_program().assess(
        facts,
        as_of=as_of,
        law_at=law_at,
        jurisdiction=jurisdiction,
        treat_unknown_as=treat_unknown_as,
        closed=closed,
        sectors=sectors,
        subject=subject,
        engine=engine,
    )


def day_of(option: str, value: date | datetime | str) -> date:
    """A day; a moment with a time zone is the day it is in China, one without is taken to be there."""
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).date() if value.tzinfo is not None else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise RequestError([_bad_option(option, value, ("YYYY-MM-DD",))])


def _bad_option(option: str, found: object, expected: tuple[str, ...]) -> Diagnostic:
    return diagnostic("SR2105", option=option, found=found, expected=same(" / ".join(expected)))
