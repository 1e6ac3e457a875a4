"""Facts as a caller gives them, checked against the schema with pydantic and turned into entities.

`FactModels` makes one pydantic model for each kind; `parse_facts` reads one subject with them and reports every bad
field at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    create_model,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from safetyrules.diagnostics import Diagnostic, FactsError, did_you_mean
from safetyrules.facts.build import ALL, Building
from safetyrules.facts.entity import Entity
from safetyrules.facts.json_forms import both, described, json_plain, json_scalar
from safetyrules.facts.presence import speaking
from safetyrules.facts.raw import Loc, copy_of, facts_digest
from safetyrules.facts.refusal import Refused, half_width, shown_key
from safetyrules.facts.scalars import Given, read_date, read_provenance, reader
from safetyrules.facts.schema import DateType, Fact, Kind, PartsType, ScalarType, Schema, ValuesType
from safetyrules.text import Text, same
from safetyrules.values import FALSE

__all__ = ["FactModels", "facts_digest", "parse_facts", "sections_of"]

_MARKS = ("items", "more", "complete_since", "unknown", "source", "assumed")
_LIST = Text("列表：[…]，或 {items: […], more: true}", "a list: […], or {items: […], more: true}")
_JSON_BOOLEAN = WithJsonSchema({"type": ["boolean", "null"]})
_JSON_WORDS = WithJsonSchema({"type": ["string", "null"], "minLength": 1})
_JSON_DATE = WithJsonSchema({"anyOf": [json_plain(DateType()), {"type": "null"}]})


def _mark(key: str, raw: object) -> bool | None:
    if raw is not None and not isinstance(raw, bool):
        raise Refused("SR1004", raw, same(f"{key}: true"))
    return raw


def _words(key: str, raw: object) -> str | None:
    read_provenance({key: raw})
    return None if raw is None else str(raw)


def _complete_since(raw: object) -> int | None:
    return None if raw is None else read_date(raw)


class _Form(BaseModel):
    """Something with fields: an entity or a section of one."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, raw: object) -> object:
        if not isinstance(raw, dict | _Form):
            raise Refused("SR1002", raw, Text("映射：{事实: 值, …}", "a mapping: {fact: value, …}"))
        return raw


class _ListForm(BaseModel):
    """A list of parts or of values, with what is said about it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)
    log: ClassVar[bool] = False
    items: list[Any] | None = None
    more: Annotated[bool | None, PlainValidator(lambda raw: _mark("more", raw)), _JSON_BOOLEAN] = None
    complete_since: Annotated[int | None, PlainValidator(_complete_since), _JSON_DATE] = None
    unknown: Annotated[bool | None, PlainValidator(lambda raw: _mark("unknown", raw)), _JSON_BOOLEAN] = None
    source: Annotated[str | None, PlainValidator(lambda raw: _words("source", raw)), _JSON_WORDS] = None
    assumed: Annotated[str | None, PlainValidator(lambda raw: _words("assumed", raw)), _JSON_WORDS] = None

    @field_validator("complete_since", mode="before")
    @classmethod
    def _of_a_log(cls, raw: object) -> object:
        if raw is not None and not cls.log:
            raise Refused("SR1022", raw, _LIST, Text("去掉 complete_since", "leave complete_since out"))
        return raw

    @model_validator(mode="before")
    @classmethod
    def _envelope(cls, raw: object) -> object:
        if isinstance(raw, list):
            return {"items": raw}
        if not isinstance(raw, dict | _ListForm):
            raise Refused("SR1003", raw, _LIST)
        if isinstance(raw, dict):
            cls._fitting(raw)
        return raw

    @classmethod
    def _fitting(cls, raw: dict[str, object]) -> None:
        if "not_applicable" in raw:
            fix = Text("一个都没有时写 []", "where there is none, write []")
            raise Refused("SR1016", raw, _LIST, fix)
        if not raw:
            raise Refused("SR1003", raw, _LIST, Text("一个都没有时写 []", "where there is none, write []"))
        items = raw.get("items")
        if items is not None and not isinstance(items, list):
            raise Refused("SR1003", items, _LIST)
        if raw.get("unknown") and len([key for key in raw if raw[key] is not None and key in _MARKS[:3]]):
            raise Refused("SR1013", raw, same("{unknown: true}"))

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        envelope = handler.resolve_ref_schema(handler(core))
        properties = envelope["properties"]
        items = next(s for s in properties["items"].get("anyOf", [properties["items"]]) if s.get("type") == "array")
        properties["items"] = items
        if not cls.log:
            del properties["complete_since"]
        return {"anyOf": [items, {k: v for k, v in envelope.items() if k != "title"} | {"minProperties": 1}]}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a key of the input leads: to a fact, or into a section with keys of its own."""

    fact: Fact | None
    keys: Mapping[str, _Place]


class FactModels:
    """The pydantic models of a schema, one for each kind, and what is needed to read them."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._models: dict[str, type[BaseModel]] = {}
        self._places: dict[str, _Place] = {}
        self._steps: dict[str, dict[str, tuple[str, ...]]] = {}
        for kind in schema.kinds.values():
            self._places[kind.name] = _places(kind)
        for name in schema.kinds:
            self.model(name)

    def model(self, kind: str) -> type[BaseModel]:
        """The model of one kind. Its fields are read by their aliases, the names of the facts."""
        if kind not in self._models:
            declared = self.schema.kinds[kind]
            self._steps[kind] = {}
            self._models[kind] = self._form(declared, "", self._places[kind], ())
        return self._models[kind]

    def json_schema(self, kind: str) -> dict[str, Any]:
        """JSON Schema (draft 2020-12) of the facts of a kind, in every form they may be given."""
        document = self.model(kind).model_json_schema(by_alias=True, mode="validation")
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}

    def steps(self, kind: str) -> Mapping[str, tuple[str, ...]]:
        """For each fact of a kind, the attributes that lead to it from the kind's model."""
        return self._steps[kind]

    def path(self, kind: str, loc: Loc) -> str:
        """The path, as entities have it, of a place in the input."""
        return kind + "".join(
            f"[{step}]" if isinstance(step, int) else f".{shown_key(step)}" for step in self._walk(kind, loc)[0]
        )

    def keys(self, kind: str, loc: Loc) -> tuple[str, ...]:
        """The keys that may stand at a place of the input."""
        return self._walk(kind, loc)[1]

    def _form(self, kind: Kind, prefix: str, place: _Place, steps: tuple[str, ...]) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        for number, (key, inner) in enumerate(place.keys.items()):
            attribute = f"f{number}"
            here = (*steps, attribute)
            if inner.fact is None:
                annotation: Any = self._form(kind, f"{prefix}{key}.", inner, here) | None
                fields[attribute] = (annotation, Field(default=None, alias=key, title=key))
            else:
                self._steps[kind.name][inner.fact.name] = here
                title, words = both(inner.fact.title), described(inner.fact)
                field = Field(default=None, alias=key, title=title, description=words or None)
                fields[attribute] = (self._annotation(kind, inner.fact), field)
        section = kind.sections.get(prefix.rstrip("."))
        title = both(section.title if section else kind.title)
        name = f"{kind.name}.{prefix}".rstrip(".").replace(".", "_")
        made: type[BaseModel] = create_model(name, __base__=_Form, __cls_kwargs__={"title": title}, **fields)
        return made

    def _annotation(self, kind: Kind, fact: Fact) -> Any:
        match fact.type:
            case PartsType(kind=part, log=log):
                return _list_form(kind, fact, self.model(part), log) | None
            case ValuesType(item=of):
                return _list_form(kind, fact, _scalar(of, False), None) | None
            case of:
                return _scalar(of, fact.may_not_apply)

    def _walk(self, kind: str, loc: Loc) -> tuple[Loc, tuple[str, ...]]:
        """The steps of a place as paths show them, and the keys that may stand there."""
        steps: list[str | int] = []
        place: _Place | None = self._places[kind]
        listed: PartsType | ValuesType | None = None
        for step in loc:
            if listed is not None and step == "items":
                continue
            steps.append(step)
            if isinstance(step, int):
                place = self._places[listed.kind] if isinstance(listed, PartsType) else None
                listed = None
            else:
                place = place.keys.get(step) if place is not None else None
                of = place.fact.type if place is not None and place.fact is not None else None
                listed = of if isinstance(of, PartsType | ValuesType) else None
        keys = _MARKS if listed is not None else tuple(place.keys) if place is not None else ()
        return tuple(steps), keys


def parse_facts(models: FactModels, root_kind: str, facts: object, closed: Collection[str] = ()) -> Entity:
    """The entity that ``facts`` describe, parts inside it. Raises `FactsError` naming every bad field.

    ``closed`` names sections of the root (or ``"*"``) in which a missing boolean is false and a missing list empty.
    """
    problems = _refused_call(models, root_kind, closed)
    form: Any = None
    if root_kind in models.schema.kinds:
        model = models.model(root_kind)
        if isinstance(facts, model):
            form = facts
        else:
            copy = copy_of(facts)
            refused = [r.at(models.path(root_kind, loc)) for loc, r in copy.refused]
            try:
                form = model.model_validate(copy.facts)
            except ValidationError as error:
                under = tuple(d.path or "" for d in refused)
                refused.extend(d for d in _reported(models, root_kind, error) if not _inside(d.path or "", under))
            problems.extend(refused)
    if problems:
        raise FactsError(problems)
    sections = frozenset([closed] if isinstance(closed, str) else closed)
    entity = Building(models.schema, models.steps, sections).entity(root_kind, root_kind, None, form, None)
    members = models.schema.kinds[root_kind].members
    subjects = [entity, *(entity.lists[members.name].items if members is not None else ())]
    denied = [problem for each in subjects if isinstance(each, Entity) for problem in _denied(models.schema, each)]
    if denied:
        raise FactsError(denied)
    return entity


def _denied(schema: Schema, entity: Entity) -> list[Diagnostic]:
    """Sectors that are said to be absent while other facts say that they are there."""
    found: list[Diagnostic] = []
    for present, evidence in schema.denials(entity.kind).items():
        against = speaking(evidence, entity) if entity.values[present] == FALSE else []
        if against:
            expected = Text("true，或与之一致的其他事实", "true, or other facts that agree")
            fix = Text(
                f"有的话写 {present}: true；没有的话更正那些事实",
                f"where there is one, write {present}: true; where there is none, correct those facts",
            )
            said = Refused("SR1033", False, expected, fix, facts=", ".join(against))
            found.append(said.at(f"{entity.path}.{present}"))
    return found


def _refused_call(models: FactModels, root_kind: str, closed: Collection[str]) -> list[Diagnostic]:
    kinds = models.schema.kinds
    if root_kind not in kinds:
        roots = models.schema.roots
        expected = same(" / ".join(roots))
        return [Refused("SR1031", root_kind, expected, did_you_mean(root_kind, roots), kind=root_kind).at(None)]
    sections = sections_of(models.schema, root_kind)
    names = [closed] if isinstance(closed, str) else list(closed)
    expected = same(" / ".join((*sections, ALL)))
    return [
        Refused("SR1030", name, expected, did_you_mean(str(name), sections), section=shown_key(name)).at("closed")
        for name in names
        if name not in sections and name != ALL
    ]


def _reported(models: FactModels, root_kind: str, error: ValidationError) -> list[Diagnostic]:
    """Pydantic's errors as diagnostics. Only unknown keys are pydantic's own; all else is refused by our readers."""
    found: list[Diagnostic] = []
    for problem in error.errors(include_url=False):
        loc = problem["loc"]
        refused = problem.get("ctx", {}).get("error")
        if not isinstance(refused, Refused):
            refused = _unknown_key(models, root_kind, loc)
        found.append(refused.at(models.path(root_kind, loc)))
    return found


def _unknown_key(models: FactModels, root_kind: str, loc: Loc) -> Refused:
    key, keys = str(loc[-1]), models.keys(root_kind, loc[:-1])
    expected = same(" / ".join(keys[:12]) + (" …" if len(keys) > 12 else ""))
    fix = did_you_mean(half_width(key).strip(), keys)
    folded = [k for k in keys if k.casefold() == key.casefold()]
    if folded:
        fix = Text(f"大小写不同：写成 {folded[0]}", f"the case differs: write {folded[0]}")
    elsewhere = sorted(
        f"{kind.name}: {name}"
        for kind in models.schema.kinds.values()
        for name in kind.facts
        if name == key or name.rsplit(".", 1)[-1] == key
    )
    if elsewhere and not folded:
        fix = Text(f"有这个名字的事实在 {elsewhere[0]}", f"a fact of this name is at {elsewhere[0]}")
    return Refused("SR1001", key, expected, fix, name=shown_key(key))


def _inside(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith((f"{place}.", f"{place}[")) for place in places)


def sections_of(schema: Schema, subject: str) -> tuple[str, ...]:
    """The sections that a call can close: the subject's, and of a register those of its members."""
    kind = schema.kinds[subject]
    if kind.members is None:
        return _sections(kind)
    return tuple(dict.fromkeys((*_sections(kind), *_sections(schema.kinds[schema.member_kind(subject)]))))


def _sections(kind: Kind) -> tuple[str, ...]:
    """The sections of a kind, those only seen in the names of its facts included."""
    names = dict.fromkeys(kind.sections)
    for name in kind.facts:
        steps = name.split(".")[:-1]
        names.update(dict.fromkeys(".".join(steps[: i + 1]) for i in range(len(steps))))
    return tuple(names)


def _places(kind: Kind) -> _Place:
    """The keys of a kind's input, sections inside one another."""
    tree: dict[str, Any] = {}
    for name in kind.sections:
        _branch(tree, name)
    for name, fact in kind.facts.items():
        section, _, key = name.rpartition(".")
        _branch(tree, section)[key] = fact
    return _place(tree)


def _branch(tree: dict[str, Any], section: str) -> dict[str, Any]:
    for step in section.split(".") if section else ():
        tree = tree.setdefault(step, {})
    return tree


def _place(content: dict[str, Any] | Fact) -> _Place:
    if isinstance(content, Fact):
        return _Place(content, {})
    return _Place(None, {key: _place(inner) for key, inner in content.items()})


def _scalar(of: ScalarType, may_not_apply: bool) -> Any:
    return Annotated[
        Given | None, PlainValidator(reader(of, may_not_apply)), WithJsonSchema(json_scalar(of, may_not_apply))
    ]


def _list_form(kind: Kind, fact: Fact, item: Any, log: str | None) -> type[_ListForm]:
    name = f"{kind.name}.{fact.name}".replace(".", "_")
    made = create_model(name, __base__=_ListForm, items=(list[item] | None, None))
    made.log = log is not None
    return made
