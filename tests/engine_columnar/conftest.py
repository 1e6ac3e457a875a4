"""Every test of columns runs twice: by Polars, and as few rows are run without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from safetyrules.engine.columnar import tabulate


@pytest.fixture(autouse=True, scope="module", params=["by Polars", "as few rows"])
def rows_held_to_be_few(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tabulate, "FEW_ROWS", -1 if request.param == "by Polars" else 10_000)
        yield
