"""All benchmarks: ``python -m benchmarks [--small] [--only NAME] [--json FILE]``.

Answers are compared before anything is timed. Exit code 0 when all ran and all answers were equal, 1 otherwise. Whether
a target is met is shown, and changes no exit code.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.scale import FULL, SMALL, Scale
from benchmarks.timing import Row, Times

#: In the order in which they run. A module of this package offers ``run(scale)``, which yields rows.
NAMES = ("decide", "synthetic", "adversarial", "explaining", "loading", "analysis", "register", "sectors", "chained")
Run = Callable[[Scale], Iterable[Row]]


def found(name: str) -> Run | None:
    """What runs a benchmark; None, and said, where it cannot be had."""
    try:
        module = import_module(f"benchmarks.{name}")
    except ImportError as error:
        if name != "chained":
            raise
        print(f"left out: {name} ({error})")
        return None
    run: Run | None = getattr(module, "run", None)
    if run is None:
        print(f"left out: {name} (run it alone: python -m benchmarks.{name})")
    return run


def met(row: Row) -> bool | None:
    """Is the target met? None where there is none."""
    if not row.target or row.ratio is None:
        return None
    return row.ratio <= float(row.target.lstrip("≤ "))


def shown(name: str, rows: list[Row]) -> Table:
    table = Table(title=name, title_justify="left", box=box.SIMPLE, expand=False)
    table.add_column("row", overflow="fold")
    table.add_column("ours µs p50 / p99", justify="right", no_wrap=True)
    table.add_column("theirs µs p50 / p99", justify="right", no_wrap=True)
    table.add_column("against", overflow="fold")
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("of p99", justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    table.add_column("note", overflow="fold")
    for row in rows:
        mark = {True: " met", False: " missed", None: ""}[met(row)]
        ratio, p99 = (f"{each:.3f}" if each is not None else "" for each in (row.ratio, row.p99_ratio))
        ours, theirs = _times(row.ours), _times(row.theirs)
        table.add_row(row.name, ours, theirs, row.against, ratio, p99, f"{row.target}{mark}", row.note)
    return table


def _times(times: Times | None) -> str:
    return "" if times is None else f"{times.p50:,.1f} / {times.p99:,.1f}"


def document(results: dict[str, list[Row]], failures: dict[str, str], small: bool) -> dict[str, Any]:
    """What ``--json`` writes."""
    return {
        "python": platform.python_version(),
        "scale": "small" if small else "full",
        "failures": failures,
        "rows": [
            {"benchmark": name, **asdict(row), "p99_ratio": row.p99_ratio, "met": met(row)}
            for name, rows in results.items()
            for row in rows
        ],
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Figures, and what they are compared with."
    )
    parser.add_argument("--small", action="store_true", help="seconds rather than minutes")
    parser.add_argument("--only", choices=NAMES, action="append", metavar="NAME", help=f"one of {', '.join(NAMES)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    options = parser.parse_args(arguments)
    scale = SMALL if options.small else FULL
    console = Console(width=None if sys.stdout.isatty() else 180)
    results: dict[str, list[Row]] = {}
    failures: dict[str, str] = {}
    for name in options.only or NAMES:
        rows = results[name] = []
        try:
            run = found(name)
            if run is None:
                continue
            for row in run(scale):
                rows.append(row)
        except Exception as error:
            failures[name] = f"{type(error).__name__}: {error}"
            traceback.print_exc()
        if rows:
            console.print(shown(name, rows))
    for name, failure in failures.items():
        print(f"FAILED {name}: {failure}", file=sys.stderr)
    if options.json is not None:
        text = json.dumps(document(results, failures, options.small), ensure_ascii=False, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
