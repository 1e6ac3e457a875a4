"""The names that generated code may use: everything in the modules of what it calls."""

from __future__ import annotations

from typing import Any

from safetyrules.engine.compiled import inputs, known_values, masks, possible_values, ranges, ratio

SCOPE: dict[str, Any] = {
    name: value
    for module in (ratio, known_values, masks, ranges, possible_values, inputs)
    for name, value in vars(module).items()
    if not name.startswith("_")
}
