"""Editable installs: packages whose folders have other names here get a stand-in of a few lines of Python."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

RENAMED = {"safetyrules_plugins": "plugins", "safetyrules_rulesets": "rulesets"}

STAND_IN = """\
import importlib.util
import sys

spec = importlib.util.spec_from_file_location(__name__, {init!r}, submodule_search_locations=[{folder!r}])
module = importlib.util.module_from_spec(spec)
sys.modules[__name__] = module
spec.loader.exec_module(module)
"""


class EditableHook(BuildHookInterface):
    """Adds the stand-ins to an editable wheel; a real wheel is left alone."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            return
        self.made = tempfile.TemporaryDirectory()
        for package, folder in RENAMED.items():
            source = Path(self.root, folder)
            stand_in = Path(self.made.name, f"{package}.py")
            stand_in.write_text(STAND_IN.format(init=str(source / "__init__.py"), folder=str(source)), encoding="utf-8")
            build_data["force_include_editable"][str(stand_in)] = f"{package}/__init__.py"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version == "editable":
            self.made.cleanup()
