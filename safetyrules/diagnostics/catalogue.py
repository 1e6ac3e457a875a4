"""All diagnostic codes. The wording of each stage lives in its own module; a code is never reused."""

from __future__ import annotations

from safetyrules.diagnostics import (
    analysis_codes,
    authoring_codes,
    expression_codes,
    facts_codes,
    law_codes,
    meaning_codes,
    register_codes,
    run_codes,
    source_codes,
    testing_codes,
)
from safetyrules.text import Text

CATALOGUE: dict[str, Text] = {
    **source_codes.CODES,
    **expression_codes.CODES,
    **meaning_codes.CODES,
    **analysis_codes.CODES,
    **law_codes.CODES,
    **facts_codes.CODES,
    **run_codes.CODES,
    **register_codes.CODES,
    **testing_codes.CODES,
    **authoring_codes.CODES,
}
