"""Registers of all four sectors, from Parquet to Parquet: ours, and the same by hand.

    python -m benchmarks --only sectors [--small]
    python -m benchmarks.sectors --rows 10000,100000,1000000 [--rounds 5] [--folder KEPT]

All answers are compared before anything is timed; how they are measured: `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from safetyrules.register.freed_memory import keep_freed_memory

# For both sides, as `safetyrules batch` does: before Polars is imported.
keep_freed_memory()

from benchmarks.sectors.measuring import HAND, OURS, compared, memory, one, whole  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sectors", description=__doc__)
    parser.add_argument("--rows", default="10000", type=lambda text: [int(each) for each in text.split(",")])
    parser.add_argument("--small", action="store_true", help="2,000 enterprises, seconds rather than minutes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where registers and answers are kept")
    parser.add_argument("--batch", action="store_true", help="time safetyrules batch on the same registers too")
    parser.add_argument("--one", choices=(OURS, HAND), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sectors-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True, parents=True)
        if options.one:
            print(one(folder, options.rows[0], options.one))
            return 0
        for rows in [2_000] if options.small else options.rows:
            row = compared(folder, rows, 3 if options.small else options.rounds)
            assert row.ours is not None
            assert row.theirs is not None
            print(
                f"| {row.name} | {row.ours.typical / 1000:,.0f} | {row.theirs.typical / 1000:,.0f} | {row.ratio:.2f} "
                f"| {row.target} | {row.note} |", flush=True,
            )  # fmt: skip
            for name in (OURS, HAND):
                print(f"memory at {rows:,} enterprises, {name}: {memory(folder, rows, name)}", flush=True)
            if options.batch:
                print(f"safetyrules batch, {rows:,} enterprises: {whole(folder, rows)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
