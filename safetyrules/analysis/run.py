"""All analyses, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from safetyrules.analysis.contradictions import contradictions
from safetyrules.analysis.firing import firing
from safetyrules.analysis.gaps import gaps
from safetyrules.analysis.law import Law
from safetyrules.analysis.loosening import loosening
from safetyrules.analysis.masked import masked_rows, misleading_order
from safetyrules.analysis.outdated import outdated_tables
from safetyrules.analysis.overlaps import overlaps
from safetyrules.analysis.reading import conclusions_unread, facts_unread
from safetyrules.analysis.restating import restating
from safetyrules.analysis.thresholds import thresholds, values_never_given
from safetyrules.analysis.untested import untested
from safetyrules.analysis.writers import circles, writers
from safetyrules.diagnostics import Diagnostic
from safetyrules.passes import Passes
from safetyrules.program import Program
from safetyrules.testing.model import Suite

Analysis = Callable[[Law], Iterator[Diagnostic]]
#: In this order: what is told of a comparison is not told again of the rule that it makes idle.
ANALYSES: tuple[Analysis, ...] = (
    thresholds,
    values_never_given,
    gaps,
    overlaps,
    masked_rows,
    misleading_order,
    firing,
    contradictions,
    writers,
    circles,
    loosening,
    outdated_tables,
    restating,
    conclusions_unread,
    facts_unread,
    untested,
)


def analyse(
    program: Program,
    suites: Sequence[Suite] | None = None,
    said: Iterable[Diagnostic] = (),
    *,
    drafting: bool = False,
    passes: Passes | None = None,
) -> list[Diagnostic]:
    """What the analyses find, in the order of the places in the law.

    ``suites`` are the tests of the law (None: not known, and nothing is said of them), ``said`` what other passes have
    reported. With ``drafting``, rules without a test get a first one. ``passes`` notes how long each analysis takes.
    """
    law = Law(program, None if suites is None else tuple(suites), said, drafting)
    passes = passes if passes is not None else Passes()
    found: list[Diagnostic] = []
    for analysis in ANALYSES:
        with passes(analysis.__name__.replace("_", " ")):
            problems = list(analysis(law))
        found.extend(problems)
        law.said.extend(problems)
    return sorted(dict.fromkeys(found), key=lambda each: (each.span is None, each.span, each.code))
