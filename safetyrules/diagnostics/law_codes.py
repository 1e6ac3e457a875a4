"""Instruments, dates, jurisdictions (SR09xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {}
