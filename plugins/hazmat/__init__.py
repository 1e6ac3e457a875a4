"""Major hazard installations for hazardous chemicals (GB 18218)."""

from __future__ import annotations

from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents() -> list[DocumentFolder]:
    return [
        DocumentFolder("safetyrules_plugins.hazmat"),
        DocumentFolder("safetyrules_rulesets", "hazmat"),
        DocumentFolder("safetyrules_rulesets", "choices", only=("hazmat_grade.yaml",)),
        DocumentFolder(
            "safetyrules_rulesets",
            "instruments",
            only=("choices.yaml", "gb_30871.yaml", "gb_30871_2014.yaml", "hazmat.yaml"),
        ),
        DocumentFolder("safetyrules_rulesets", "tables", only=("gb18218_*.yaml",)),
    ]
