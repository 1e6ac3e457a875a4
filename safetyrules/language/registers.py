"""Registers: kinds whose members are subjects themselves (design 5.23).

A rule on a register reads what its members came to, each under the plan of its own place. So a register has a plan of
its own, in which the members are parts and their finished conclusions are facts of those parts: nothing in it can feed
back into a member, and no engine needs to know more than parts and facts. `declare_registers` checks how registers are
declared, `register_plan_parts` makes rules and schema of such a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from safetyrules.diagnostics import Diagnostic, diagnostic, did_you_mean
from safetyrules.facts.schema import Fact, Kind, PartsType, Schema, Section, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.document import FactDocument, KindDocument
from safetyrules.language.ruleform import LinkedProgram, Overlay, Rule
from safetyrules.language.term_trees import rewritten
from safetyrules.text import Text, same

_ROOT = Text("根种类（root: true）的事实", "a fact of a root kind (root: true)")
_SUBJECTS = Text("另一个根种类，且本身不是名录", "another root kind that is no register itself")
_ONE = Text("一个名录只有一个成员列表", "one list of members in a register")
_SINGLE = Text("名录的单个事实（不是列表）", "a single fact of a register, not a list")

Written = Mapping[str, list[KindDocument]]


def declare_registers(kinds: dict[str, Kind], written: Written, problems: list[Diagnostic]) -> set[str]:
    """Check lists of subjects, and let members read the facts that their register shares, as ``register.fact``. Gives
    the names of the kinds whose declaration is refused."""
    refused: set[str] = set()
    for name, documents in written.items():
        lists = [fact for _, fact in _facts(documents) if fact.type.name.text == "subjects"]
        good = [fact for fact in lists if _fits(name, fact, kinds, written, problems)]
        for second in good[1:]:
            problems.append(diagnostic("SR0424", second.name.span, name=second.name.text, expected=_ONE))
        if len(good) != len(lists) or good[1:]:
            refused.add(name)
        for dotted, fact in _facts(documents):
            if fact.shared:
                _share(kinds, name, dotted, fact, bool(good), problems)
    for name in refused:
        facts = {n: f for n, f in kinds[name].facts.items() if not (isinstance(f.type, PartsType) and f.type.subjects)}
        kinds[name] = replace(kinds[name], facts=facts)
    return refused


def _facts(documents: Iterable[KindDocument]) -> Iterable[tuple[str, FactDocument]]:
    for document in documents:
        yield from ((fact.name.text, fact) for fact in document.facts)
        for section in document.sections:
            yield from ((f"{section.name.text}.{fact.name.text}", fact) for fact in section.facts)


def _fits(
    kind: str, fact: FactDocument, kinds: Mapping[str, Kind], written: Written, problems: list[Diagnostic]
) -> bool:
    of = fact.type.of
    if of is None:
        return False
    if of.text not in kinds:
        roots = [each.name for each in kinds.values() if each.root and each.name != kind]
        problems.append(diagnostic("SR0412", of.span, name=of.text, fix=did_you_mean(of.text, roots)))
        return False
    registers = any(each.type.name.text == "subjects" for _, each in _facts(written[of.text]))
    if not kinds[of.text].root or of.text == kind or registers:
        problems.append(diagnostic("SR0424", of.span, name=fact.name.text, found=of.text, expected=_SUBJECTS))
        return False
    if not kinds[kind].root:
        problems.append(diagnostic("SR0424", fact.name.span, name=fact.name.text, found=kind, expected=_ROOT))
        return False
    return True


def _share(
    kinds: dict[str, Kind], register: str, name: str, document: FactDocument, fits: bool, problems: list[Diagnostic]
) -> None:
    fact, members = kinds[register].facts.get(name), kinds[register].members
    if not fits or fact is None or members is None or isinstance(fact.type, PartsType | ValuesType):
        if fact is not None or not fits:
            problems.append(diagnostic("SR0425", document.name.span, name=name, found=register, expected=_SINGLE))
        return
    assert isinstance(members.type, PartsType)
    member, word = kinds[members.type.kind], kinds[register].word
    dotted = f"{word}.{name}"
    if dotted in member.facts or word in member.facts:
        fix = Text("换一个名称：成员有同名的事实", "choose another name: the members have a fact of this name")
        problems.append(diagnostic("SR0401", document.name.span, what=Text("事实", "fact"), name=dotted, fix=fix))
        return
    sections = dict(member.sections)
    sections.setdefault(word, Section(word, kinds[register].title))
    kinds[member.name] = replace(member, facts={**member.facts, dotted: replace(fact, name=dotted)}, sections=sections)


# ---- plans ----------------------------------------------------------------------------------------------------------


def of_subject(rules: Mapping[str, Rule], schema: Schema, register: str | None) -> dict[str, Rule]:
    """The rules on a register and its parts; without ``register`` those on all other subjects."""
    kinds = {name for name in schema.kinds if schema.register(name) == register}
    return {name: rule for name, rule in rules.items() if rule.on in kinds}


def register_plan_parts(
    program: LinkedProgram, register: str, rules: Mapping[str, Rule], overlays: Iterable[Overlay]
) -> tuple[Schema, dict[str, Rule], list[Overlay]]:
    """Rules and overlays in which the conclusions of members are facts, and the schema that has these facts."""
    member = program.schema.member_kind(register)
    read: dict[str, Fact] = {}

    def fact(term: t.ConclusionValue) -> t.FactValue:
        read.setdefault(
            term.conclusion,
            Fact(term.conclusion, term.type, _title(program, member, term.conclusion), None, term.may_be_nothing),
        )
        return t.FactValue(term.entity, term.conclusion, term.type, term.may_be_nothing, term.span)

    def replaced(value: Any) -> Any:
        if isinstance(value, t.ConclusionValue) and value.entity.kind == member:
            return fact(value)
        return rewritten(value, replaced)

    def read_by(rule: Rule) -> Rule:
        duty = rule.duty
        if duty is not None:
            duty = replace(duty, due=replaced(duty.due))
        return replace(
            rule, applies=replaced(rule.applies), body=replaced(rule.body), when=replaced(rule.when), duty=duty
        )

    own = {name: read_by(rule) for name, rule in rules.items()}
    changes = [
        replace(o, when=replaced(o.when), rule=None if o.rule is None else read_by(o.rule))
        for o in overlays if o.action == "set" or o.target in own
    ]  # fmt: skip
    return _schema(program.schema, register, read), own, changes


def _title(program: LinkedProgram, kind: str, conclusion: str) -> Text:
    declared = program.declared.get((kind, conclusion))
    if declared is not None:
        return declared.title
    written = (rule for rule in program.rules.values() if (rule.on, rule.concludes) == (kind, conclusion))
    return next((rule.title for rule in written if rule.except_ is None), same(conclusion))


def _schema(schema: Schema, register: str, read: Mapping[str, Fact]) -> Schema:
    """The register and its parts, among them the members with their single facts and the conclusions ``read``."""
    kinds = {name: kind for name, kind in schema.kinds.items() if schema.register(name) == register}
    root, member = kinds[register], schema.kinds[schema.member_kind(register)]
    members = root.members
    assert members is not None
    kinds[register] = replace(root, facts={**root.facts, members.name: replace(members, type=PartsType(member.name))})
    scalars = {name: fact for name, fact in member.facts.items() if not isinstance(fact.type, PartsType | ValuesType)}
    kinds[member.name] = Kind(
        member.name, member.title, False, {**scalars, **read}, member.sections, register, members.name
    )
    return Schema(kinds, schema.choice_sets, schema.sectors)
