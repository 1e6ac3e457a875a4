"""From what is written to cases: defaults, fixtures, changes and tables put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from safetyrules.diagnostics import Diagnostic, Span, diagnostic, did_you_mean
from safetyrules.folders import unreadable
from safetyrules.testing import written as w
from safetyrules.testing.checking import Loc, SpanOf, checked
from safetyrules.testing.csv_cases import CaseRow, rows_of
from safetyrules.testing.merging import NoSuchFactError, merged, with_value, without
from safetyrules.testing.model import Case, Expectation, Refusal
from safetyrules.text import Text, same

OPTIONS = ("as_of", "law_at", "jurisdiction", "closed", "sectors", "subject", "treat_unknown_as")


class Building:
    """Builds the cases of one file; what is wrong goes into ``problems``."""

    def __init__(
        self,
        file: w.WrittenFile,
        source: str,
        span: SpanOf,
        problems: list[Diagnostic],
        open_file: Callable[[str], bytes] | None,
    ) -> None:
        self.file = file
        self.source = source
        self.span = span
        self.problems = problems
        self.open_file = open_file
        self.defaults = _options(file.defaults) if file.defaults is not None else {}
        self._made: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}

    def cases(self) -> list[Case]:
        for name in self.file.fixtures or {}:
            self._fixture(name, ("fixtures", name), ())
        found = [self._case(case, ("cases", number)) for number, case in enumerate(self.file.cases or ())]
        for number, table in enumerate(self.file.tables or ()):
            found.extend(self._table(table, ("tables", number)))
        return found

    # ---- fixtures ----------------------------------------------------------------------------------------------------

    def _fixture(self, name: str, at: Loc, above: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The facts and options of a fixture, with those that it builds on."""
        fixtures = self.file.fixtures or {}
        if name in self._made:
            return self._made[name]
        if name in above:
            path = " → ".join((*above[above.index(name) :], name))
            self.problems.append(diagnostic("SR4104", self.span(at), name=path))
            return {}, {}
        if name not in fixtures:
            fix = did_you_mean(name, fixtures)
            self.problems.append(diagnostic("SR4103", self.span(at), name=name, found=name, fix=fix))
            return {}, {}
        made = self._changed(fixtures[name], ("fixtures", name), (*above, name))
        return self._made.setdefault(name, made)

    def _changed(
        self, own: w.WrittenFixture, at: Loc, above: tuple[str, ...] = ()
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        facts: dict[str, Any] = {}
        options: dict[str, Any] = {}
        for name in own.from_ or ():
            more, chosen = self._fixture(name, (*at, "from"), above)
            facts, options = merged(facts, more), options | chosen
        facts = merged(facts, own.facts or {})
        for path in own.unset or ():
            facts = self._try(partial(without, facts, path), facts, (*at, "unset"))
        for path, value in (own.set_ or {}).items():
            facts = self._try(partial(with_value, facts, path, value), facts, (*at, "set", path))
        return facts, options | _options(own)

    def _try(self, change: Callable[[], Any], facts: dict[str, Any], at: Loc) -> dict[str, Any]:
        try:
            changed: dict[str, Any] = change()
        except NoSuchFactError as error:
            self.problems.append(diagnostic("SR4109", self.span(at), name=error.path, reason=error.reason))
            return facts
        return changed

    # ---- cases -------------------------------------------------------------------------------------------------------

    def _case(self, case: w.WrittenCase, at: Loc) -> Case:
        facts, options = self._changed(case, at)
        expectations = tuple(
            Expectation(key, wanted, self.span((*at, "expect", key), key=True))
            for key, wanted in (case.expect or {}).items()
        )
        refusals = tuple(
            Refusal(each["code"], each.get("at")) if isinstance(each, dict) else Refusal(str(each))
            for each in case.refused or ()
        )
        span = self.span((*at, "name"))
        if expectations and refusals:
            self._wrong((*at, "refused"), "expect / refused")
        if not (expectations or refusals or case.notices):
            self._wrong(at, "expect: {…} / refused: […] / notices: […]")
        return self._made_case(case.name, span, facts, options, expectations, tuple(case.notices or ()), refusals)

    def _made_case(
        self,
        name: str,
        span: Span,
        facts: Mapping[str, Any],
        options: dict[str, Any],
        expectations: tuple[Expectation, ...],
        notices: tuple[str, ...] = (),
        refusals: tuple[Refusal, ...] = (),
    ) -> Case:
        options = self.defaults | options
        if "as_of" not in options:
            self.problems.append(diagnostic("SR2105", span, option="as_of", found="", expected=same("as_of: DATE")))
        return Case(name, span, facts, options, expectations, notices, refusals)

    def _wrong(self, at: Loc, expected: str) -> None:
        reason = Text("一个案例只期望结论或只期望拒绝", "a case expects conclusions, or a refusal")
        self.problems.append(diagnostic("SR4101", self.span(at), reason=reason, expected=same(expected)))

    # ---- tables ------------------------------------------------------------------------------------------------------

    def _table(self, table: w.WrittenTable, at: Loc) -> list[Case]:
        facts, options = self._changed(table, at)
        try:
            if self.open_file is None:
                raise FileNotFoundError(table.file)
            content = self.open_file(table.file)
        except (OSError, KeyError, ValueError) as error:
            self.problems.append(unreadable(table.file, error))
            return []
        folder = self.source.rpartition("/")[0]
        source = f"{folder}/{table.file}" if folder else table.file
        found = []
        for row in rows_of(content, source, self.problems):
            changed: dict[str, Any] = facts
            for path, value in row.facts.items():
                try:
                    changed = with_value(changed, path, value)
                except NoSuchFactError as error:
                    self.problems.append(diagnostic("SR4109", row.span, name=error.path, reason=error.reason))
            name = f"{table.name or table.file}: {row.name}"
            asked = options | self._asked(row.options, row.span)
            found.append(
                self._made_case(name, row.span, changed, asked, self._expected(row), tuple(table.notices or ()))
            )
        return found

    def _expected(self, row: CaseRow) -> tuple[Expectation, ...]:
        """What a row expects, in cells that are written as strictly as in YAML."""

        def of_row(loc: Loc, key: bool = False) -> Span:
            return row.span

        if checked(w.WrittenExpectations, row.expect, (), of_row, self.problems) is not None:
            for name, wanted in row.expect.items():
                if isinstance(wanted, dict):
                    checked(w.WrittenExpectation, wanted, (name,), of_row, self.problems)
        return tuple(Expectation(key, wanted, row.span) for key, wanted in row.expect.items())

    def _asked(self, options: Mapping[str, Any], span: Span) -> dict[str, Any]:
        try:
            return _options(w.WrittenOptions.model_validate(dict(options)))
        except ValueError:
            expected = same(", ".join(OPTIONS))
            self.problems.append(diagnostic("SR2105", span, option="/".join(options), found=None, expected=expected))
            return {}


def _options(given: w.WrittenOptions) -> dict[str, Any]:
    return {name: value for name in OPTIONS if (value := getattr(given, name)) is not None}
