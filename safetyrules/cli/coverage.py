"""What ``safetyrules test --coverage`` says and writes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from safetyrules.cli.output import PlainForm, print_diagnostics, print_lines
from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.program import Program
from safetyrules.testing.coverage.measuring import Coverage, measure
from safetyrules.testing.coverage.reporting import coverage_document, page, percent, terminal
from safetyrules.testing.model import Case
from safetyrules.text import Language, same


def measured(programs: Sequence[tuple[Program, Sequence[Case]]]) -> Coverage:
    """What cases reach under their programs, together."""
    found = [measure(program, cases) for program, cases in programs]
    return Coverage(tuple(item for each in found for item in each.items), sum(each.cases for each in found))


def report_coverage(
    coverage: Coverage,
    wanted: float | None,
    html: Path | None,
    document: Path | None,
    form: PlainForm,
    language: Language,
) -> bool:
    """Prints and writes it; False where it is less than wanted. Raises RequestError."""
    if html is not None:
        for ruleset in coverage.rulesets:
            name = re.sub(r"[^\w.-]", "_", ruleset)
            write(html / f"{name}.html", page(coverage, ruleset, language).encode())
    if document is not None:
        text = json.dumps(coverage_document(coverage).to_json(), ensure_ascii=False, indent=1)
        write(document, f"{text}\n".encode())
    if form is PlainForm.text:
        print_lines(terminal(coverage, language))
    if wanted is None or coverage.percent >= wanted:
        return True
    print_diagnostics([diagnostic("SR4111", found=percent(coverage.percent), wanted=f"{wanted:g}")], language)
    return False


def write(path: Path, content: bytes) -> None:
    """Raises RequestError where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        reason = same(str(error.strerror or error))
        raise RequestError([diagnostic("SR4031", path=str(path), name=str(path), reason=reason)]) from error
