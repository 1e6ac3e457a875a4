"""Collects ``*.test.yaml`` files with pytest. Nothing of the engine is imported before a file matches.

``[pytest] safetyrules_rules`` names documents, relative to the root folder, that are loaded beside the installed law.
``-p no:safetyrules`` turns it off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from safetyrules.testing.model import Case
    from safetyrules.testing.results import Result
    from safetyrules.testing.running import Runner

_ENDING = ".test.yaml"
_RULES = "safetyrules_rules"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(_RULES, "Documents of rules, beside the installed law of safetyrules.", type="paths", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> RulesetTests | None:
    if not file_path.name.endswith(_ENDING):
        return None
    made: RulesetTests = RulesetTests.from_parent(parent, path=file_path)
    return made


class RulesetTests(pytest.File):
    """A file of tests of rulesets: an item for each case."""

    results: dict[str, Result] | None = None
    runner: Runner
    cases: tuple[Case, ...]

    def collect(self) -> Iterator[RulesetCase]:
        from safetyrules.diagnostics import SafetyRulesError
        from safetyrules.testing.finding import CaseFile, load, read_suites

        source = self.path.relative_to(self.config.rootpath) if self.path.is_relative_to(self.config.rootpath) else None
        try:
            # Named by its own path, so that the rules it asks for are found from any folder.
            (suite,) = read_suites([CaseFile(str(source or self.path), self.path, self.path.parent)])
            rules = [self.config.rootpath / each for each in suite.rules]
            paths = tuple(map(Path, dict.fromkeys(map(str, [*self.config.getini(_RULES), *rules]))))
            (loaded,) = load([replace(suite, rules=())], paths)
            self.runner = _runner(self.config, paths, loaded.program)
            self.runner.check(suite.cases)
        except SafetyRulesError as error:
            raise self.CollectError("\n".join(each.render("en") for each in error.diagnostics)) from None
        self.cases = suite.cases
        for case in suite.cases:
            yield RulesetCase.from_parent(self, name=case.name, case=case)

    def result(self, case: Case) -> Result:
        """All cases of the file run at once, when the first of them is asked for."""
        if self.results is None:
            run = self.runner.run(self.cases)
            self.results = {result.case.name: result for result in run.results}
        return self.results[case.name]


_RUNNERS: dict[int, dict[tuple[Path, ...], Any]] = {}


def _runner(config: pytest.Config, paths: tuple[Path, ...], program: Any) -> Runner:
    """One for each program, so that plans are prepared once."""
    from safetyrules.testing.running import Runner

    of_this_run = _RUNNERS.setdefault(id(config), {})
    if paths not in of_this_run:
        of_this_run[paths] = Runner(program)
    runner: Runner = of_this_run[paths]
    return runner


def pytest_unconfigure(config: pytest.Config) -> None:
    _RUNNERS.pop(id(config), None)


class RulesetFailure(Exception):  # noqa: N818 - what pytest shows, not an error of anybody's program
    """A case that failed; its text is the report."""


class RulesetCase(pytest.Item):
    """One case."""

    def __init__(self, *, case: Case, **others: Any) -> None:
        super().__init__(**others)
        self.case = case

    def runtest(self) -> None:
        assert isinstance(self.parent, RulesetTests)
        result = self.parent.result(self.case)
        if not result.passed:
            from safetyrules.testing.telling import plain

            raise RulesetFailure(plain(result, "en"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, RulesetFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.case.span.line - 1, self.case.name
