"""A register as a subject: its members assessed, and handed to its rules.

Each member is assessed first, by the same engine, under the plan of its own place. What it came to then stands among
its facts as what is still possible, never as less, and the plan of the register (`safetyrules.language.registers`)
reads it there. A conclusion that the law of a member's place does not know leaves everything possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from safetyrules.computed import Computed
from safetyrules.diagnostics import Diagnostic
from safetyrules.facts.build import ALL, Building
from safetyrules.facts.entity import Entity, Members, Provenance
from safetyrules.facts.input import FactModels, parse_facts, sections_of
from safetyrules.facts.raw import copy_of
from safetyrules.facts.scalars import anything
from safetyrules.facts.schema import Fact, PartsType, ValuesType
from safetyrules.language.plan import Plan
from safetyrules.result import Assessment, Outcome, Request
from safetyrules.values import Scalar

if TYPE_CHECKING:
    from safetyrules.engine.compiled.compiled_plan import CompiledPlan
    from safetyrules.explanation.why import Explanation
    from safetyrules.explanation.why_not import WhyNot
    from safetyrules.program import Program


class RegisterAssessment(Assessment):
    """The answer for a register, with those for its ``members`` in the order given. What concerns a member is named by
    its place in the list: ``enterprises[0]#supervision_tier``."""

    def __init__(
        self,
        program: Program,
        plan: Plan,
        facts: object,
        request: Request,
        computed: Computed,
        notices: tuple[Diagnostic, ...],
        members: tuple[Assessment, ...],
        entity: Entity,
    ) -> None:
        """``entity`` is the register as its rules saw it."""
        super().__init__(program, plan, facts, request, computed, notices)
        self.members = members
        self.entity = entity

    def outcome(self, name: str) -> Outcome:
        member, inside = self._member(name)
        return super().outcome(name) if member is None else member.outcome(inside)

    def why(self, name: str) -> Explanation:
        member, inside = self._member(name)
        return super().why(name) if member is None else member.why(inside)

    def why_not(self, name: str, level: str | bool | None) -> WhyNot:
        member, inside = self._member(name)
        return super().why_not(name, level) if member is None else member.why_not(inside, level)

    @cached_property
    def notices(self) -> tuple[Diagnostic, ...]:
        """What must be said beside the outcomes, of the members too, each once."""
        every = (*super().notices, *(notice for member in self.members for notice in member.notices))
        return tuple({(notice.code, str(notice.message), str(notice.found)): notice for notice in every}.values())

    def _member(self, name: str) -> tuple[Assessment | None, str]:
        """The member that a name is about, and the name as it has it."""
        register = self.request.subject
        fact = _list_of_members(self.program, register)
        found = re.fullmatch(
            rf"(?:{re.escape(register)}\.)?{re.escape(fact.name)}\[([0-9]+)\](?:\.(.+))?#([^#]+)", name
        )
        if found is None or int(found[1]) >= len(self.members):
            return None, name
        return self.members[int(found[1])], f"{found[2]}#{found[3]}" if found[2] else found[3]


#: Assesses one member, as `Program.assess` does.
Assess = Callable[..., Assessment]


def assess_register(
    program: Program,
    plan: Plan,
    facts: object,
    request: Request,
    notices: tuple[Diagnostic, ...],
    assess: Assess | None = None,
    code: Callable[[Plan, str], CompiledPlan] | None = None,
) -> RegisterAssessment:
    """Assess a register and its members. ``assess`` and ``code`` are those of the program, unless something else keeps
    plans and their code. Raises FactsError listing every bad field of both."""
    parsed = parse_facts(program.models, request.subject, facts, request.closed)
    members = tuple(_assessed(program, parsed, facts, request, assess or program.assess))
    entity = _with_members(program, plan, parsed, members, request)
    as_of = request.as_of
    if request.engine == "compiled":
        compiled = (code or program.compiled)(plan, request.subject)
        computed: Computed = compiled.decide_entity(entity, as_of.toordinal())
        notices = (*notices, *compiled.notices)
    else:
        computed = program.interpreted(plan, entity, request)
    return RegisterAssessment(program, plan, facts, request, computed, notices, members, entity)


def register_entity(program: Program, facts: object, request: Request) -> Entity:
    """The register as its rules see it, for explanations: what is concluded of members says where it is explained, and
    what it assumes."""
    plan = program.plan(request.law_at, request.jurisdiction, request.sectors, request.subject)
    parsed = parse_facts(program.models, request.subject, facts, request.closed)
    members = tuple(_assessed(program, parsed, facts, request, program.assess))
    subjects = parsed.lists[_list_of_members(program, request.subject).name].items
    entity = _with_members(program, plan, parsed, members, request)
    views = entity.lists[_list_of_members(program, request.subject).name].items
    for view, subject, member in zip(views, subjects, members, strict=True):
        assert isinstance(view, Entity)
        assert isinstance(subject, Entity)
        assumes = any(said.assumed for each in subject.walk() for said in each.provenance.values())
        for name in plan.schema.kinds[view.kind].facts:
            if (outcome := _concluded(member, name)) is not None:
                view.provenance[name] = _provenance(view.path, member, outcome, assumes)
    return entity


def _list_of_members(program: Program, register: str) -> Fact:
    fact = program.schema.kinds[register].members
    assert fact is not None
    return fact


# ---- the members ----------------------------------------------------------------------------------------------------


def _assessed(
    program: Program, parsed: Entity, facts: object, request: Request, assess: Assess
) -> Iterator[Assessment]:
    kind = program.schema.member_kind(request.subject)
    known = sections_of(program.schema, kind)
    closed = tuple(section for section in request.closed if section == ALL or section in known)
    shared = list(shared_facts(program, request.subject))
    for raw in _facts_of_members(program, parsed, facts, shared):
        yield assess(
            raw, as_of=request.as_of, law_at=request.law_at, treat_unknown_as=request.treat_unknown_as, closed=closed,
            sectors=request.sectors, subject=kind, engine=request.engine,
        )  # fmt: skip


def shared_facts(program: Program, register: str) -> Iterator[tuple[str, str]]:
    """The facts of a register that its members read: by their name there, and in the register."""
    own, member = program.schema.kinds[register], program.schema.kinds[program.schema.member_kind(register)]
    for name in own.facts:
        if f"{own.word}.{name}" in member.facts:
            yield f"{own.word}.{name}", name


def _facts_of_members(program: Program, parsed: Entity, facts: object, shared: list[tuple[str, str]]) -> Iterator[Any]:
    """The facts of each member as they were given, with those that its register shares where it does not say them."""
    models: FactModels = program.models
    name = _list_of_members(program, parsed.kind).name
    if isinstance(facts, models.model(parsed.kind)):
        read: Any = facts
        for attribute in models.steps(parsed.kind)[name]:
            read = getattr(read, attribute) if read is not None else None
        yield from (read.items or ()) if read is not None else ()
        return
    plain = copy_of(facts).facts
    listed = value_at(plain, name)
    for raw in (listed.get("items") if isinstance(listed, dict) else listed) or ():
        given = raw
        for there, here in shared:
            if value_at(given, there) is None and (value := value_at(plain, here)) is not None:
                given = put(given, there.split("."), value)
        yield given


def value_at(facts: Any, name: str) -> Any:
    """What raw facts say under a dotted name; None where they do not."""
    for key in name.split("."):
        facts = facts.get(key) if isinstance(facts, dict) else None
    return facts


def put(facts: Any, keys: list[str], value: object) -> Any:
    """The same raw facts that say ``value`` too."""
    inner = put(facts.get(keys[0]) or {}, keys[1:], value) if keys[1:] else value
    return {**facts, keys[0]: inner}


# ---- what the register sees of them ---------------------------------------------------------------------------------


def _with_members(
    program: Program, plan: Plan, parsed: Entity, members: tuple[Assessment, ...], request: Request
) -> Entity:
    """The register with its members as parts that have facts and finished conclusions."""
    fact = _list_of_members(program, request.subject)
    given = parsed.lists[fact.name]
    kind = program.schema.member_kind(request.subject)
    facts = plan.schema.kinds[kind].facts
    shared = dict(shared_facts(program, request.subject))
    views: list[Entity] = []
    for subject, assessment in zip(given.items, members, strict=True):
        assert isinstance(subject, Entity)
        view = Entity(
            kind, subject.path, parent=parsed, given=subject.given | (facts.keys() - subject.values.keys()),
            provenance={name: said for name, said in subject.provenance.items() if name in facts},
        )  # fmt: skip
        for name, each in facts.items():
            if name in shared and name not in subject.given:
                view.values[name] = parsed.values[shared[name]]
            elif name in subject.values:
                view.values[name] = subject.values[name]
            else:
                view.values[name] = concluded(assessment, each)
        views.append(view)
    residual = None
    if given.residual is not None:
        residual = Building(plan.schema, lambda _: {}, frozenset()).unknown(
            kind, f"{parsed.path}.{fact.name}[?]", parsed
        )
    parsed.lists[fact.name] = Members(tuple(views), given.open, residual)
    return parsed


def concluded(assessment: Assessment, fact: Fact) -> Scalar:
    """What a member came to, as the register reads it."""
    outcome = _concluded(assessment, fact.name)
    if outcome is not None:
        return outcome.scalar
    assert not isinstance(fact.type, PartsType | ValuesType)
    return anything(fact.type, fact.may_not_apply)


def _concluded(assessment: Assessment, name: str) -> Outcome | None:
    known = (assessment.request.subject, name) in assessment.plan.by_key
    return assessment.outcome(name) if known else None


def _provenance(path: str, member: Assessment, outcome: Outcome, assumes: bool) -> Provenance:
    assumed = [f"{each.path}: {each.why}" for each in member.assumptions(outcome)] if assumes else []
    return Provenance(f"{path}#{outcome.name}", "; ".join(assumed) or None)
