"""Programs that registers are invented for: the shipped law, and sectors made up for the purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

import safetyrules
from safetyrules.plugins import load_with_paths
from safetyrules.program import Program

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shipped() -> Program:
    return safetyrules.default_program()


@pytest.fixture(scope="session")
def lifting() -> Program:
    """The shipped law with the sector that a stranger ships."""
    return load_with_paths([TESTS / "plugins" / "sample_sector" / "safetyrules_lifting" / "law"])


@pytest.fixture(scope="session")
def pits() -> Program:
    """A sector alone, with what no shipped sector has: dates, a log, parts of parts, texts in lists, two roots."""
    return load_with_paths([Path(__file__).parent / "pits"], installed=False)
