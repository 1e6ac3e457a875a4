"""Work-safety law as rules a machine can run and a person can check.

Everything here is the public interface; the rest of the package may change. Heavy parts load when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from safetyrules.diagnostics import (
        Diagnostic,
        FactsError,
        PluginError,
        RegisterError,
        RequestError,
        RulesetError,
        SafetyRulesError,
    )
    from safetyrules.engine.chained.session import ChainedSession
    from safetyrules.hookspecs import DocumentFolder, hookimpl, hookspec
    from safetyrules.plugins import Plugin
    from safetyrules.program import Program, assess, default_program, load_program
    from safetyrules.register.register import Register, open_register
    from safetyrules.result import Assessment, Outcome
    from safetyrules.text import Text

__version__ = "0.1.0"

_HOMES = {
    "Diagnostic": "diagnostics",
    "FactsError": "diagnostics",
    "PluginError": "diagnostics",
    "RegisterError": "diagnostics",
    "RequestError": "diagnostics",
    "RulesetError": "diagnostics",
    "SafetyRulesError": "diagnostics",
    "DocumentFolder": "hookspecs",
    "hookimpl": "hookspecs",
    "hookspec": "hookspecs",
    "Plugin": "plugins",
    "Register": "register.register",
    "open_register": "register.register",
    "Program": "program",
    "assess": "program",
    "default_program": "program",
    "load_program": "program",
    "ChainedSession": "engine.chained.session",
    "Assessment": "result",
    "Outcome": "result",
    "Text": "text",
}
__all__ = [
    "Assessment",
    "ChainedSession",
    "Diagnostic",
    "DocumentFolder",
    "FactsError",
    "Outcome",
    "Plugin",
    "PluginError",
    "Program",
    "Register",
    "RegisterError",
    "RequestError",
    "RulesetError",
    "SafetyRulesError",
    "Text",
    "__version__",
    "assess",
    "default_program",
    "hookimpl",
    "hookspec",
    "load_program",
    "open_register",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'safetyrules' has no attribute {name!r}")
    value = getattr(import_module(f"safetyrules.{home}"), name)
    globals()[name] = value
    return value
