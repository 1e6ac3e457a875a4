"""`safetyrules batch` keeps memory that was freed for some seconds, where nobody has said otherwise."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from safetyrules.register.freed_memory import keep_freed_memory

OPTIONS = "_RJEM_MALLOC_CONF"


def test_options_that_are_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OPTIONS, raising=False)
    keep_freed_memory()
    assert os.environ[OPTIONS] == "dirty_decay_ms:5000"
    monkeypatch.setenv(OPTIONS, "dirty_decay_ms:0")
    keep_freed_memory()
    assert os.environ[OPTIONS] == "dirty_decay_ms:0"


def test_the_command_says_so_before_polars_reads_it() -> None:
    code = (
        "import sys, safetyrules.cli.batch as batch\n"
        "def said(): print('polars' in sys.modules); raise SystemExit\n"
        "batch.keep_freed_memory = said\n"
        "from safetyrules.cli import main\n"
        "sys.argv[1:] = ['batch', 'nothing', 'nowhere', '--as-of', '2026-11-01']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr
