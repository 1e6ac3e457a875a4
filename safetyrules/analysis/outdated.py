"""Instruments out of force behind what a rule reads. (Those that it cites are told when it is read: SR0907, SR0908.)"""

from __future__ import annotations

from collections.abc import Iterator

from safetyrules.analysis.law import Law, nodes_of
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.instruments import days_words
from safetyrules.text import Text


def outdated_tables(law: Law) -> Iterator[Diagnostic]:
    """SR0717 of lookup tables whose instrument is not in force on any day of the rule that reads them."""
    for rule in law.every_rule:
        told: set[str] = set()
        for node in nodes_of(rule):
            if not isinstance(node, t.LookupValue) or node.table in told:
                continue
            told.add(node.table)
            instrument = law.linked.instruments[law.linked.tables[node.table].instrument]
            if not rule.days.overlaps(instrument.in_force):
                yield diagnostic(
                    "SR0717",
                    node.span or rule.span,
                    severity=Severity.WARNING,
                    name=rule.id,
                    table=node.table,
                    instrument=instrument.id,
                    found=days_words(instrument.in_force),
                    expected=Text(
                        f"在规则的有效期 {days_words(rule.days)} 内施行",
                        f"in force some day of {days_words(rule.days)}",
                    ),
                    related=[(instrument.span, Text("该文件", "the instrument"))],
                )
