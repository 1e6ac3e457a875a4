"""The documents of a run: ``test-results/v1`` and ``coverage/v1``, and JUnit's XML."""

from __future__ import annotations

from typing import Any, Literal
from xml.etree import ElementTree as Xml

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from safetyrules.documents import DiagnosticDocument, Words, diagnostic_document
from safetyrules.documents import words as both
from safetyrules.testing.results import Failure, Result, Run
from safetyrules.testing.telling import plain, words
from safetyrules.text import Language, xml_safe

_SCHEMA = AliasChoices("schema", "schema_")


class Part(BaseModel):
    """A part of a document."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return self.model_dump(mode="json", by_alias=True)


class FailureDocument(Part):
    """``expected`` and ``actual`` are written as in a test file. Of a disagreement, ``expected`` is what deciding says
    and ``actual`` what columns say."""

    kind: Literal["expectation", "refusal", "notice", "disagreement"]
    at: str = Field(description="source:line:column")
    key: str
    expected: str
    actual: str
    words: Words
    diagnostics: list[DiagnosticDocument] = Field(default_factory=list)
    why: Words


class ResultDocument(Part):
    name: str
    at: str
    passed: bool
    seconds: float
    failures: list[FailureDocument]


class TestResultsDocument(Part):
    """What came of a run."""

    __test__ = False
    schema_: Literal["test-results/v1"] = Field(
        default="test-results/v1", validation_alias=_SCHEMA, serialization_alias="schema"
    )
    passed: int
    failed: int
    by_columns: int = Field(description="cases that columns answered too, and equally unless it is said")
    seconds: float
    cases: list[ResultDocument]


def results_document(run: Run) -> TestResultsDocument:
    failed = len(run.failed)
    return TestResultsDocument(
        passed=len(run.results) - failed, failed=failed, by_columns=run.by_columns, seconds=round(run.seconds, 3),
        cases=[_result(result) for result in run.results],
    )  # fmt: skip


def _result(result: Result) -> ResultDocument:
    return ResultDocument(
        name=result.case.name, at=str(result.case.span), passed=result.passed, seconds=round(result.seconds, 6),
        failures=[_failure(failure) for failure in result.failures],
    )  # fmt: skip


def _failure(failure: Failure) -> FailureDocument:
    return FailureDocument(
        kind=failure.kind, at=str(failure.span), key=failure.key, expected=failure.expected, actual=failure.actual,
        words=both(words(failure)), diagnostics=[diagnostic_document(each) for each in failure.diagnostics],
        why=Words(zh=failure.why("zh"), en=failure.why("en")),
    )  # fmt: skip


def junit(run: Run, language: Language) -> bytes:
    """The run as JUnit's XML: a test suite for each file."""
    suites = Xml.Element(
        "testsuites", name="safetyrules", tests=str(len(run.results)), failures=str(len(run.failed)),
        time=f"{run.seconds:.3f}",
    )  # fmt: skip
    by_file: dict[str, list[Result]] = {}
    for result in run.results:
        by_file.setdefault(result.case.span.source, []).append(result)
    for source, results in by_file.items():
        failed = sum(not result.passed for result in results)
        suite = Xml.SubElement(
            suites, "testsuite", name=xml_safe(source), tests=str(len(results)), failures=str(failed), errors="0",
            skipped="0", time=f"{sum(result.seconds for result in results):.6f}",
        )  # fmt: skip
        for result in results:
            case = Xml.SubElement(
                suite, "testcase", classname=xml_safe(source), name=xml_safe(result.case.name), file=xml_safe(source),
                line=str(result.case.span.line), time=f"{result.seconds:.6f}",
            )  # fmt: skip
            if not result.passed:
                head = words(result.failures[0]).in_language(language)
                failure = Xml.SubElement(case, "failure", message=xml_safe(head), type=result.failures[0].kind)
                failure.text = xml_safe(plain(result, language))
    Xml.indent(suites)
    written: bytes = Xml.tostring(suites, encoding="utf-8", xml_declaration=True)
    return written + b"\n"
