"""What can only be seen plan by plan: cycles among the rules in force together, on any date, in any jurisdiction."""

from __future__ import annotations

from datetime import date, timedelta

from safetyrules.diagnostics import Diagnostic, RulesetError
from safetyrules.language.plan import NATIONAL
from safetyrules.program import Program


def check_program(program: Program) -> list[Diagnostic]:
    """The warnings of linking, and every error of making a plan, each once."""
    problems = dict.fromkeys(program.linked.warnings)
    for day in _days(program):
        for place in _places(program):
            try:
                program.plan(day, place)
            except RulesetError as error:
                problems.update(dict.fromkeys(error.diagnostics))
    return list(problems)


def _days(program: Program) -> list[date]:
    """A day of every stretch between two days on which something comes into force or ends."""
    linked = program.linked
    stretches = [rule.days for rule in linked.rules.values()] + [overlay.days for overlay in linked.overlays]
    firsts = {days.first for days in stretches if days.first is not None}
    after = {days.last + timedelta(days=1) for days in stretches if days.last is not None and days.last < date.max}
    found = sorted(firsts | after)
    before = [found[0] - timedelta(days=1)] if found and found[0] > date.min else []
    return [*before, *found] or [date(2000, 1, 1)]


def _places(program: Program) -> list[str]:
    linked = program.linked
    written = {rule.jurisdiction for rule in linked.rules.values()} | {o.jurisdiction for o in linked.overlays}
    return [NATIONAL, *sorted(place for place in written if place != NATIONAL and program.places.known(place))]
