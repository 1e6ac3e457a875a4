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
    from safetyrules.register.answer_frames import RegisterAnswers
    from safetyrules.register.batch_run import BatchOptions, BatchResult, run_batch
    from safetyrules.register.register import Register, open_register
    from safetyrules.register.tabulation import tabulate
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
    "BatchOptions": "register.batch_run",
    "BatchResult": "register.batch_run",
    "Register": "register.register",
    "RegisterAnswers": "register.answer_frames",
    "open_register": "register.register",
    "run_batch": "register.batch_run",
    "tabulate": "register.tabulation",
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
    "BatchOptions",
    "BatchResult",
    "ChainedSession",
    "Diagnostic",
    "DocumentFolder",
    "FactsError",
    "Outcome",
    "Plugin",
    "PluginError",
    "Program",
    "Register",
    "RegisterAnswers",
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
    "run_batch",
    "tabulate",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'safetyrules' has no attribute {name!r}")
    value = getattr(import_module(f"safetyrules.{home}"), name)
    globals()[name] = value
    return value
