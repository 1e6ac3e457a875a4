"""Reading YAML and expressions (SR01xx YAML, SR02xx documents, SR03xx expressions)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {}
