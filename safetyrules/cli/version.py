"""``safetyrules version``."""

from __future__ import annotations

import platform

import safetyrules
from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, print_json


def version(form: o.PLAIN_FORM = PlainForm.text) -> int:
    """Print the version of safetyrules and of Python."""
    if form is PlainForm.json:
        from safetyrules.documents import VersionDocument

        print_json(VersionDocument(safetyrules=safetyrules.__version__, python=platform.python_version()).to_json())
    else:
        print(f"safetyrules {safetyrules.__version__} (Python {platform.python_version()})")
    return 0
