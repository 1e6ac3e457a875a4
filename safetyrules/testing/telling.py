"""What is said of a run: lines for a reader, and the words of a failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from safetyrules.report import Line
from safetyrules.testing.results import Failure, FailureKind, Result, Run
from safetyrules.text import Language, Text

KINDS: dict[FailureKind, Text] = {
    "expectation": Text("{key}：期望 {expected}，实际 {actual}", "{key}: expected {expected}, got {actual}"),
    "refusal": Text("{key}：期望 {expected}，实际 {actual}", "{key}: expected {expected}, got {actual}"),
    "notice": Text("没有提示 {expected}；实际 {actual}", "{expected} is not noticed; there is {actual}"),
    "disagreement": Text(
        "两个引擎不一致，{key}：decide 为 {expected}，tabulate 为 {actual}",
        "the engines disagree on {key}: decide says {expected}, tabulate {actual}",
    ),
}
_SUMMARY = Text("{passed} 个案例通过，{failed} 个失败", "{passed} cases passed, {failed} failed")
_TOOK = Text("用时 {seconds} 秒；{columns} 个也按列算过", "in {seconds} s; {columns} were answered by columns too")
#: A reason longer than this is cut: the verb `why` tells it in full.
MOST_LINES = 40


def words(failure: Failure) -> Text:
    return KINDS[failure.kind].format(key=failure.key, expected=failure.expected, actual=failure.actual)


def lines_of(result: Result, language: Language, why: bool = True) -> Iterator[Line]:
    """A failed case: its place and name, what differs, and the reasons that led there."""
    yield Line(f"{result.case.span}: {result.case.name}", style="bad")
    for failure in result.failures:
        place = f"{failure.span}: " if failure.span != result.case.span else ""
        yield Line(place + words(failure).in_language(language), "item", 1)
        for problem in failure.diagnostics:
            for line in problem.render(language).split("\n"):
                yield Line(line, "plain", 2)
        told = failure.why(language).split("\n") if why else []
        for line in told[:MOST_LINES]:
            if line.strip():
                yield Line(line, "quiet", 2)
        if len(told) > MOST_LINES:
            yield Line("…", "quiet", 2)


def summary(run: Run, language: Language) -> Iterator[Line]:
    failed = len(run.failed)
    counted = _SUMMARY.format(passed=len(run.results) - failed, failed=failed)
    yield Line(counted.in_language(language), "bad" if failed else "good")
    took = _TOOK.format(seconds=f"{run.seconds:.2f}", columns=run.by_columns)
    yield Line(took.in_language(language), "quiet", 1)


def joined(runs: Sequence[Run]) -> Run:
    """Several runs as one."""
    results = tuple(result for run in runs for result in run.results)
    return Run(results, sum(run.seconds for run in runs), sum(run.by_columns for run in runs))


def plain(result: Result, language: Language) -> str:
    """A failed case as text, for other programs' reports."""
    return "\n".join("  " * line.depth + line.text for line in lines_of(result, language))
