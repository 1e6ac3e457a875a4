"""Assessing, plugins and the command line (SR20xx, SR30xx, SR40xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {}
