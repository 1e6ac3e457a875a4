"""What all tests share: where helper modules are, the hypothesis profiles, no cache, and no mercy for generated code
that is not Python.

``ci`` (the default) is bounded in time; ``--hypothesis-profile=full`` runs twenty times as many examples.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

from safetyrules.engine.compiled import assemble

HERE = Path(__file__).parent
for folder in ("conformance", "agreement"):
    sys.path.insert(0, str(HERE / folder))

os.environ["SAFETYRULES_CACHE"] = "off"  # the user's own has no part in tests
assemble.raise_defects = True

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("ci", deadline=None, max_examples=100, suppress_health_check=_SLOW, derandomize=True)
settings.register_profile("full", deadline=None, max_examples=2000, suppress_health_check=_SLOW)
settings.load_profile("ci")
