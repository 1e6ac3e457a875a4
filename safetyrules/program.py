"""The public face of the engine: load law, make plans, assess subjects."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from safetyrules.computed import Finished
from safetyrules.diagnostics import (
    Diagnostic,
    RequestError,
    RulesetError,
    Severity,
    diagnostic,
    did_you_mean,
)
from safetyrules.engine.compiled.compiled_plan import NOT_PLAIN, CompiledPlan, Interpreted
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
    import os

    from safetyrules.cache.kept import Kept, KeptParts
    from safetyrules.facts.plain import PlainReader
    from safetyrules.plugins import Plugin

TREATMENTS: tuple[str, ...] = get_args(Treatment)
ENGINES: tuple[str, ...] = get_args(EngineName)
SHANGHAI = timezone(timedelta(hours=8))
Source = tuple[str, str | bytes]
#: Plans kept by a program; compiled code is kept by plan digest, so a new law date seldom compiles.
PLANS_KEPT = 512
#: Compiled plans kept by a program, the last used: each takes megabytes.
COMPILED_KEPT = 32
#: A place that is longer is no place code, and not worth remembering.
LONGEST_CODE = 12
PLAIN_DAYS = (date, str, type(None))


class Program:
    """All loaded law, checked and linked, with the plans made of it so far. Safe to share between threads."""

    def __init__(
        self,
        linked: LinkedProgram,
        tree: PlaceTree,
        plugins: tuple[Plugin, ...] = (),
        timings: Mapping[str, float] = MappingProxyType({}),
        kept: Kept | None = None,
        notices: tuple[Diagnostic, ...] = (),
    ) -> None:
        """``kept`` is where compiled plans outlast the process; ``notices`` are said in every answer."""
        self.linked = linked
        #: Seconds that each pass from text to program took.
        self.timings = timings
        self.places = tree
        self.plugins = plugins
        self.notices = notices
        self._kept = kept
        self._compiled: OrderedDict[tuple[str, str], CompiledPlan] = OrderedDict()
        self._last: tuple[Plan, str, CompiledPlan] | None = None
        self._last_answer: tuple[tuple[Any, ...], tuple[Plan, Request, tuple[Diagnostic, ...]]] | None = None
        self.plan = lru_cache(maxsize=PLANS_KEPT)(self._plan)
        self._answers = lru_cache(maxsize=PLANS_KEPT)(self._answer)

    @property
    def schema(self) -> Schema:
        return self.linked.schema

    @property
    def digest(self) -> str:
        return self.linked.digest

    def _plan(
        self,
        law_at: date,
        jurisdiction: str = NATIONAL,
        sectors: tuple[str, ...] | None = None,
        register: str | None = None,
    ) -> Plan:
        """The plan at a law date, for a subject in a jurisdiction, for some sectors (default: all). A ``register`` has
        a plan of its own, which reads what its members came to."""
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
        return make_plan(self.linked, self.places, law_at, jurisdiction, sectors, register)

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
        empty. ``subject`` names the root kind where there are several; of a register, the members are assessed first,
        each under the law of its own place, and the answer has them as ``members``.

        Raises FactsError listing every bad field, RequestError when the call itself cannot be answered.
        """
        plan, request, notices = self._asked(
            facts, as_of, law_at, jurisdiction, treat_unknown_as, closed, sectors, subject, engine
        )
        if request.subject in self.registers:
            from safetyrules.members import assess_register

            return assess_register(self, plan, facts, request, notices)
        if engine == "compiled":
            compiled = self.compiled(plan, request.subject)
            if compiled.notices:
                notices = (*notices, *compiled.notices)
            return Assessment(self, plan, facts, request, self.decide(compiled, facts, request), notices)
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
        return self._asked(facts, as_of, law_at, jurisdiction, treat_unknown_as, closed, sectors, subject, engine)

    def _asked(
        self,
        facts: Mapping[str, Any] | object,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None,
        jurisdiction: str | None,
        treat_unknown_as: Treatment,
        closed: Collection[str],
        sectors: Collection[str] | None,
        subject: str | None,
        engine: EngineName,
    ) -> tuple[Plan, Request, tuple[Diagnostic, ...]]:
        """The same few calls come again and again, each with other facts: what was asked is remembered."""
        place = self._place_of_operation(subject, facts) if self._place_facts else None
        chosen = None if sectors is None else tuple(sorted(set(sectors)))
        # Moments in two time zones may be equal and mean different days.
        sections = tuple(closed) if closed else ()
        options = (as_of, law_at, jurisdiction, treat_unknown_as, sections, chosen, subject, engine, place)
        if as_of.__class__ in PLAIN_DAYS and law_at.__class__ in PLAIN_DAYS and len(place or "") <= LONGEST_CODE:
            last = self._last_answer
            if last is not None and last[0] == options:
                return last[1]
            try:
                answer = self._answers(*options)
            except TypeError:  # an option that cannot be hashed: what is wrong with it is said below
                pass
            else:
                self._last_answer = options, answer
                return answer
        return self._answer(*options)

    def _answer(
        self,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None,
        jurisdiction: str | None,
        treat_unknown_as: Treatment,
        closed: tuple[str, ...],
        sectors: tuple[str, ...] | None,
        subject: str | None,
        engine: EngineName,
        place: str | None,
    ) -> tuple[Plan, Request, tuple[Diagnostic, ...]]:
        """What `asked` returns; of the facts it takes no more than the place of operation."""
        day = day_of("as_of", as_of)
        law_day = day if law_at is None else day_of("law_at", law_at)
        if treat_unknown_as not in TREATMENTS:
            raise RequestError([_bad_option("treat_unknown_as", treat_unknown_as, TREATMENTS)])
        if engine not in ENGINES:
            raise RequestError([_bad_option("engine", engine, ENGINES)])
        kind = self._root(subject)
        notices = [*self.notices, *(problem for plugin in self.plugins for problem in plugin.problems[:1])]
        where = jurisdiction if jurisdiction is not None else self._default_jurisdiction(place, notices)
        plan = self.plan(law_day, where, sectors, *([kind] if kind in self.registers else []))
        request = Request(
            kind, day, law_day, place, where, where != (place or NATIONAL), treat_unknown_as, closed, engine, sectors
        )
        return plan, request, tuple(notices)

    def decide(self, compiled: CompiledPlan, facts: object, request: Request) -> Raw | Interpreted:
        """By generated code. Facts that it cannot take as they stand are parsed, and so explained."""
        if not request.closed:
            try:
                return compiled.decide(facts, request.as_of.toordinal())
            except NOT_PLAIN:
                pass
        return compiled.decide_entity(self.entity(facts, request), request.as_of.toordinal())

    def _interpret(self, plan: Plan, facts: object, request: Request) -> Finished:
        return self.interpreted(plan, self.entity(facts, request), request)

    def interpreted(self, plan: Plan, entity: Any, request: Request) -> Finished:
        """What the reference interpreter, or chaining, makes of an entity tree."""
        outcomes: Mapping[tuple[str, str], Scalar]
        if request.engine == "reference":
            from safetyrules.engine.reference import Reference

            outcomes = Reference(plan, entity, request.as_of).run().outcomes()
        else:
            from safetyrules.engine import chained

            outcomes = chained.decide(plan, entity, request.as_of)
        return Finished(plan, request.subject, outcomes)

    def compiled(self, plan: Plan, subject: str) -> CompiledPlan:
        """The generated code of a plan, kept by the plan's digest."""
        last = self._last
        if last is not None and last[0] is plan and last[1] == subject:
            return last[2]
        key = (plan.digest, subject)
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled.setdefault(key, self._new_code(plan, subject))
        try:
            self._compiled.move_to_end(key)
            while len(self._compiled) > COMPILED_KEPT:
                self._compiled.popitem(last=False)
        except KeyError:  # another thread was first to throw it out
            pass
        self._last = (plan, subject, found)
        return found

    def _new_code(self, plan: Plan, subject: str) -> CompiledPlan:
        generated = self._kept.code(plan, subject) if self._kept is not None else None
        if generated is not None:
            return CompiledPlan(plan, generated)
        from safetyrules.engine.compiled.assemble import compile_plan

        made = compile_plan(plan, subject)
        if self._kept is not None and made.generated is not None:
            self._kept.keep_code(made.generated, plan)
        return made

    def kept_parts(self, file: str) -> KeptParts | None:
        """Where the code outlasts the process that a file of tests needs; None where nothing is kept."""
        return None if self._kept is None else self._kept.parts(file)

    def entity(self, facts: object, request: Request) -> Any:
        """The facts as an entity tree: what the engines read. Raises FactsError."""
        if request.subject in self.registers:
            from safetyrules.members import register_entity

            return register_entity(self, facts, request)
        if not request.closed:
            plain = self._plain_reader.entity(request.subject, facts)
            if plain is not None:
                return plain
        from safetyrules.facts.input import parse_facts

        return parse_facts(self.models, request.subject, facts, request.closed)

    @cached_property
    def _plain_reader(self) -> PlainReader:
        from safetyrules.facts.plain import PlainReader

        return PlainReader(self.schema)

    @property
    def models(self) -> Any:
        """The pydantic models of all kinds."""
        return self._models()

    @lru_cache(maxsize=1)  # noqa: B019 - one per program, and it lives as long
    def _models(self) -> Any:
        from safetyrules.facts.input import FactModels

        return FactModels(self.schema)

    # ---- what was asked ----------------------------------------------------------------------------------------------

    @cached_property
    def _roots(self) -> list[str]:
        return list(self.schema.roots)

    @property
    def registers(self) -> frozenset[str]:
        """The kinds of subjects that have members."""
        return self.schema.registers

    def _subject(self, subject: str | None) -> str:
        """The root kind that is meant; it need not exist."""
        return self._roots[0] if subject is None and self._roots else str(subject)

    def _root(self, subject: str | None) -> str:
        roots = self._roots
        name = self._subject(subject)
        if name not in roots:
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
        return name

    def _place_of_operation(self, subject: str | None, facts: object) -> str | None:
        """The subject's place fact, where it is given plainly; a bad one is reported with the other facts."""
        kind = self._subject(subject)
        fact = self.place_fact(kind)
        if fact is None:
            return None
        if facts.__class__ is not dict and not isinstance(facts, Mapping):
            return self._place_in_model(kind, fact, facts)
        value: object = facts
        for key in self._place_keys[fact]:
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            return value
        if isinstance(value, Mapping):
            value = value.get("value")
        return value if isinstance(value, str) else None

    def place_fact(self, kind: str) -> str | None:
        """The fact of a root kind that says where the subject operates."""
        return self._place_facts.get(kind)

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

    @cached_property
    def _place_keys(self) -> dict[str, tuple[str, ...]]:
        """The name of a place fact → the keys that lead to it."""
        return {name: tuple(name.split(".")) for name in self._place_facts.values()}

    def jurisdiction_of(self, place: str | None) -> str:
        """Under whose law a subject is that operates in a place."""
        return self._default_jurisdiction(place, [])

    def _default_jurisdiction(self, place: str | None, notices: list[Diagnostic]) -> str:
        if place is not None and self.places.known(place):
            return place
        code = "SR2108" if place is None else "SR2109"
        notices.append(diagnostic(code, severity=Severity.NOTE, found=place))
        return NATIONAL


def load_program(
    sources: Iterable[Source],
    *,
    open_file: Callable[[str, str], bytes] | None = None,
    tree: PlaceTree | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> Program:
    """Read, check and link documents given as (source name, text). ``open_file(source, name)`` gives the bytes of a
    file that a table document names. Raises RulesetError with every problem of every document.

    ``cache`` names a folder that keeps the program and the code of its plans for the next process; a program with a
    ``tree`` of its own is not kept. See docs/how-to/start-faster.md for whom the folder must belong to.
    """
    ordered = sorted(sources, key=lambda source: source[0])
    if cache is None or tree is not None:
        return link_program(*_read_sources(ordered, open_file), tree=tree)
    from safetyrules.cache import cache_at
    from safetyrules.cache.kept import content_digest

    where = cache_at(cache)
    kept = where.kept((name, content_digest(text)) for name, text in ordered)
    found = kept_program(kept, open_file, notices=where.notices) if kept is not None else None
    return found or link_program(*_read_sources(ordered, open_file), kept=kept, notices=where.notices)


def _read_sources(
    sources: Iterable[Source], open_file: Callable[[str, str], bytes] | None
) -> tuple[list[ReadDocument], Passes]:
    from safetyrules.language.read import read_document

    passes = Passes()
    documents: list[ReadDocument] = []
    problems: list[Diagnostic] = []
    for name, text in sources:
        files: list[tuple[str, str]] = []
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)

        def reader(file: str, name: str = name, seen: Any = digest, files: list[tuple[str, str]] = files) -> bytes:
            if open_file is None:
                raise FileNotFoundError(file)
            content = open_file(name, file)
            own = hashlib.sha256(content)
            seen.update(own.digest())
            files.append((file, own.hexdigest()))
            return content

        try:
            with passes("read"):
                document = read_document(text, name, open_file=reader)
        except RulesetError as error:
            problems.extend(error.diagnostics)
        else:
            documents.append(ReadDocument(name, document, digest.digest(), tuple(files)))
    if problems:
        raise RulesetError(problems)
    return documents, passes


def kept_program(
    kept: Kept,
    open_file: Callable[[str, str], bytes] | None,
    plugins: tuple[Plugin, ...] = (),
    notices: tuple[Diagnostic, ...] = (),
) -> Program | None:
    """The program that a cache keeps, or None where there is none that still holds."""
    passes = Passes()
    with passes("cache"):
        linked = kept.program(open_file)
    if linked is None:
        return None
    return Program(linked, places(), plugins, MappingProxyType(passes.seconds), kept, notices)


def link_program(
    documents: Iterable[ReadDocument],
    passes: Passes | None = None,
    *,
    tree: PlaceTree | None = None,
    plugins: tuple[Plugin, ...] = (),
    kept: Kept | None = None,
    notices: tuple[Diagnostic, ...] = (),
) -> Program:
    """The program of documents already read; ``kept`` keeps it. Raises RulesetError with every problem found.

    Their order says only whom to blame: of two documents that conflict, the later.
    """
    from safetyrules.language.link import link

    ordered = list(documents)
    digest = hashlib.sha256(b"".join(read.digest for read in sorted(ordered, key=lambda read: read.source)))
    passes = passes if passes is not None else Passes()
    known = tree if tree is not None else places()
    linked = link((read.document for read in ordered), digest.hexdigest(), known, passes)
    if kept is not None:
        kept.keep_program(linked, tuple((read.source, *file) for read in ordered for file in read.files))
    return Program(linked, known, plugins, MappingProxyType(passes.seconds), kept, notices)


def default_program() -> Program:
    """The program of all installed plugins, loaded once. Raises PluginError where none can be used."""
    return _loader()()


@lru_cache(maxsize=1)
def _loader() -> Callable[[], Program]:
    """Imported when first wanted, and once: an import statement costs as much as a dozen comparisons."""
    from safetyrules.plugins import load_installed

    return load_installed


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
