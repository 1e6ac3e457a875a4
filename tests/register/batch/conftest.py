from __future__ import annotations

import sys
from pathlib import Path

import pytest

import safetyrules
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest

sys.path.insert(0, str(Path(__file__).parents[3]))  # benchmarks
sys.path.insert(0, str(Path(__file__).parents[1]))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An invented register of 300 enterprises, of whose facts a third is missing."""
    folder = tmp_path_factory.mktemp("demo") / "register"
    request = DemoRequest(300, 7, missing=0.3)
    write_demo_register(safetyrules.default_program(), request, folder, partition=100)
    return folder
