"""``safetyrules batch``: a whole register answered into a folder of tables."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import language_of, print_diagnostics, print_table
from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.facts.schema import ChoiceType
from safetyrules.register.freed_memory import keep_freed_memory
from safetyrules.text import Language, Text, same

if TYPE_CHECKING:
    import polars as pl

    from safetyrules.register.batch_run import BatchResult
    from safetyrules.result import Treatment

INTERRUPTED = 130
ENGINES = ("columns", "spark")
_INSTALL = Text("安装 safetyrules[spark]", "install safetyrules[spark]")
#: Rows of a roll-up that are printed; all are in its file.
MOST_ROWS_SHOWN = 60


def batch(
    register: Annotated[str, typer.Argument(metavar="IN", help="A file, or a folder of files named after kinds.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write, or to go on with.")],
    mapping: o.MAPPING = None,
    as_of: o.AS_OF = None,
    law_at: o.LAW_AT = None,
    jurisdiction: o.JURISDICTION = None,
    closed: o.CLOSED = None,
    treat_unknown_as: o.TREAT = None,
    sector: o.SECTOR = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="NAME,...", help="Count subjects by place, sector, grade, tier; repeatable."),
    ] = None,
    outcomes: Annotated[
        bool, typer.Option("--outcomes", help="Also write every outcome of every entity, as bits.")
    ] = False,
    partition_rows: Annotated[
        int, typer.Option("--partition-rows", metavar="N", help="Subjects in one file; two files' in memory at most.")
    ] = 100_000,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start again where OUT holds answers of another run.")
    ] = False,
    engine: Annotated[str, typer.Option("--engine", help="columns (this machine) or spark.")] = "columns",
    master: Annotated[
        str | None, typer.Option("--master", metavar="URL", help="With --engine spark: the cluster's address.")
    ] = None,
    rules: o.RULES = None,
    lang: o.LANG = None,
) -> int:
    """Answer a whole register: tables of subjects, findings, duties and of what was set aside. A run that was stopped
    goes on when the same command is given again."""
    keep_freed_memory()
    from safetyrules.plugins import load_with_paths
    from safetyrules.register.batch_run import BatchOptions, run_batch
    from safetyrules.register.register import open_register

    if as_of is None:
        raise RequestError(
            [diagnostic("SR2105", option="as_of", found="", expected=Text("--as-of 日期", "--as-of DATE"))]
        )
    language = language_of(lang)
    if engine not in ENGINES:
        expected = same(" / ".join(ENGINES))
        fix = did_you_mean(engine, ENGINES)
        raise RequestError([diagnostic("SR2105", option="engine", found=engine, expected=expected, fix=fix)])
    if engine == "spark":
        asked = {
            "as_of": as_of, "law_at": law_at, "jurisdiction": jurisdiction, "closed": tuple(closed or ()),
            "treat_unknown_as": treat_unknown_as or "withhold", "sectors": tuple(sector) if sector else None,
            "mapping": mapping,
        }  # fmt: skip
        return _in_spark(register, out, asked, master, rules, language)
    options = BatchOptions(
        as_of, law_at, jurisdiction, cast("Treatment", treat_unknown_as or "withhold"), tuple(closed or ()),
        tuple(sector) if sector else None, outcomes, partition_rows,
        tuple(tuple(name.strip() for name in each.split(",")) for each in by or ()), overwrite,
    )  # fmt: skip
    program = load_with_paths(rules or ())
    told = _Told(language)
    try:
        with open_register(register, mapping, program=program) as opened, told.shown():
            print_diagnostics(opened.notices, language)
            result = run_batch(program, opened, out, options, told)
    except KeyboardInterrupt:
        sys.stderr.write(told.interrupted() + "\n")
        return INTERRUPTED
    for line in _lines(result, language):
        sys.stdout.write(line + "\n")
    for name, frame in result.summaries.items():
        _print_summary(name, frame, language)
    return 0


def _in_spark(
    register: str, out: Path, asked: Mapping[str, Any], master: str | None, rules: Sequence[Path] | None,
    language: Language,
) -> int:  # fmt: skip
    """The same tables by Apache Spark (`safetyrules.spark`), without resuming and without a manifest."""
    try:
        from safetyrules.spark.batch import run_batch_spark
        from safetyrules.spark.source import ProgramSource
    except ImportError as error:
        raise RequestError([diagnostic("SR2115", module=error.name, fix=_INSTALL)]) from error
    source = ProgramSource.of_paths(rules) if rules else ProgramSource()
    counted = run_batch_spark(source, register, out, asked, master)
    print_diagnostics(counted.notices, language)
    for kind, (read, accepted, set_aside) in counted.kinds.items():
        if language == "zh":
            sys.stdout.write(f"{kind}：搁置未判定 {set_aside:,}，判定 {accepted:,}，共读取 {read:,}\n")
        else:
            sys.stdout.write(f"{kind}: set aside, not decided {set_aside:,}; answered {accepted:,}; read {read:,}\n")
    return 0


# ---- what was found --------------------------------------------------------------------------------------------------


def _lines(result: BatchResult, language: Language) -> Iterator[str]:
    total, zh = result.totals, language == "zh"
    why = _counts(total.set_aside, language)
    why = (f"（{why}）" if zh else f" ({why})") if why else ""
    if zh:
        yield f"搁置未判定：{total.left:,} 户，共读取 {total.read:,} 户{why}"
    else:
        yield f"set aside, not decided: {total.left:,} of {total.read:,} subjects{why}"
    for name in result.overall:
        open_ = total.grades.get(name, {}).get("undetermined", 0)
        title = result.grades[name].title.in_language(language)
        if zh:
            yield f"{title}未能确定：{open_:,} 户，共 {total.answered:,} 户"
        else:
            yield f"{title} undetermined: {open_:,} of {total.answered:,}"
    for name in (*result.overall, *(each for each in result.grades if each not in result.overall)):
        title = result.grades[name].title.in_language(language)
        yield f"{title}{'：' if zh else ': '}{_levels(result, name, language)}"


def _levels(result: BatchResult, name: str, language: Language) -> str:
    """How many subjects have each level, the worst first."""
    type_, counts = result.grades[name].type, result.totals.grades.get(name, {})
    words = {"undetermined": Text("未能确定", "undetermined"), "no_value": Text("无", "none")}
    if isinstance(type_, ChoiceType):
        levels = list(zip(type_.members, type_.titles, strict=True))
        words = dict(levels if type_.worse == "first" else levels[::-1]) | words
    return _counts({w.in_language(language): counts[level] for level, w in words.items() if level in counts}, language)


def _counts(counts: Mapping[str, int], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(f"{name} {count:,}" for name, count in counts.items())


def _print_summary(name: str, frame: pl.DataFrame, language: Language) -> None:
    sys.stdout.write("\n")
    rows = [["" if cell is None else str(cell) for cell in row] for row in frame.head(MOST_ROWS_SHOWN).iter_rows()]
    print_table(frame.columns, rows)
    more = frame.height - MOST_ROWS_SHOWN
    if more > 0:
        where = f"summary/{name}.parquet"
        sys.stdout.write(f"另有 {more} 行，见 {where}\n" if language == "zh" else f"{more} more rows in {where}\n")


# ---- how far it has come ---------------------------------------------------------------------------------------------


class _Told:
    """A bar on a terminal; a line for each partition where the output goes into a file."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.rows = self.first = self.done = 0
        self.began = 0.0
        self.bar: Callable[..., None] | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
        with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
            self.bar = partial(bar.update, bar.add_task("", total=None, rate=""))
            yield

    def started(self, rows: int, done: int) -> None:
        self.rows, self.first, self.done, self.began = rows, done, done, time.monotonic()
        if self.bar is not None:
            self.bar(total=rows, completed=done)
        elif done:
            zh = f"继续：{done:,} 户已完成，共 {rows:,} 户"
            sys.stderr.write((zh if self.language == "zh" else f"going on: {done:,} of {rows:,} subjects done") + "\n")

    def answered(self, done: int) -> None:
        self.done = done
        if self.bar is not None:
            self.bar(completed=done, rate=self.rate_in_words)
            return
        left = (self.rows - done) / self.rate if self.rate else 0.0
        zh = f"{done:,} / {self.rows:,} 户，{self.rate_in_words}，剩余 {left:,.0f} 秒"
        en = f"{done:,} of {self.rows:,} subjects, {self.rate_in_words}, {left:,.0f} s left"
        sys.stderr.write((zh if self.language == "zh" else en) + "\n")
        sys.stderr.flush()

    @property
    def rate(self) -> float:
        return (self.done - self.first) / max(time.monotonic() - self.began, 1e-9)

    @property
    def rate_in_words(self) -> str:
        return f"每秒 {self.rate:,.0f} 户" if self.language == "zh" else f"{self.rate:,.0f}/s"

    def interrupted(self) -> str:
        if self.language == "zh":
            return f"已中断：{self.done:,} 户的结果已保存，再次运行同一命令即可继续"
        return f"interrupted: the answers of {self.done:,} subjects are kept; the same command goes on from there"
