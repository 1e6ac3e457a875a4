"""The JSON Schemas of test files and of what the verbs ``test``, ``mutate``, ``trace`` and ``facts`` write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic import BaseModel

from safetyrules.testing import written


def _of(name: str) -> dict[str, Any]:
    from safetyrules.dictionary.documents import FactsListDocument
    from safetyrules.mutation.reporting import MutationDocument
    from safetyrules.testing.coverage.reporting import CoverageDocument
    from safetyrules.testing.documents import TestResultsDocument
    from safetyrules.tracing.documents import TraceDocument

    models: dict[str, type[BaseModel]] = {
        "coverage/v1": CoverageDocument,
        "facts-list/v2": FactsListDocument,
        "mutation/v1": MutationDocument,
        "test-results/v1": TestResultsDocument,
        "trace/v1": TraceDocument,
    }
    schema = models[name].model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:safetyrules:{name}", **schema}


#: By name: what makes each schema.
SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {
    written.SCHEMA_NAME: written.json_schema,
    **{
        name: partial(_of, name)
        for name in ("test-results/v1", "coverage/v1", "mutation/v1", "trace/v1", "facts-list/v2")
    },
}
