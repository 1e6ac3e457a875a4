"""What may stand in the cache: the classes of the rule form, and those of generated code's constants. Nothing else."""

from __future__ import annotations

from safetyrules.cache.nodes import Registry
from safetyrules.diagnostics import Diagnostic, Severity, Span
from safetyrules.engine.compiled.layout import KindLayout, Layout
from safetyrules.engine.compiled.possible_values import remembered_lookup
from safetyrules.engine.compiled.ratio import Ratio
from safetyrules.engine.compiled.unread import Level, fact_check, level_check
from safetyrules.engine.compiled.writer import Made
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Evidence,
    Fact,
    Kind,
    NumberType,
    PartsType,
    Schema,
    Section,
    Sector,
    TextType,
    ValuesType,
)
from safetyrules.language import ruleform as r
from safetyrules.language.terms import NODE_CLASSES
from safetyrules.text import Text
from safetyrules.units import Unit
from safetyrules.values import AnyText, Finite, Interval

_TYPES = (BooleanType, NumberType, DateType, TextType, ChoiceType, PartsType, ValuesType, Unit)

LAW = Registry([
    *_TYPES, *NODE_CLASSES,
    Text, Span, Severity, Diagnostic,
    Evidence, Fact, Section, Kind, Sector, Schema,
    r.Clause, r.Days, r.Instrument, r.LookupTable, r.Parameter, r.ConclusionDeclaration, r.Remedy, r.Duty, r.Rule,
    r.Overlay, r.Ruleset, r.LinkedProgram,
])  # fmt: skip

CODE = Registry(
    [*_TYPES, Text, Finite, Interval, AnyText, Ratio, Level, Made, KindLayout, Layout],
    functions=[fact_check, level_check, remembered_lookup],
)
