"""Names, types, units, exceptions, order, tables (SR04xx to SR08xx)."""

from __future__ import annotations

from safetyrules.text import Text

CODES: dict[str, Text] = {}
