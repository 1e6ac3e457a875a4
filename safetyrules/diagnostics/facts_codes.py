"""Facts given by a caller (SR10xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {}
