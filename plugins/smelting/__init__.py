"""Metal smelting: molten metal, coal gas, hoisting and deep-well casting."""

from __future__ import annotations

from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents() -> list[DocumentFolder]:
    return [
        DocumentFolder("safetyrules_plugins.smelting"),
        DocumentFolder("safetyrules_rulesets", "smelting"),
        DocumentFolder("safetyrules_rulesets", "choices", only=("smelting_grade.yaml",)),
        DocumentFolder("safetyrules_rulesets", "instruments", only=("choices.yaml", "smelting.yaml", "trade.yaml")),
        DocumentFolder("safetyrules_rulesets", "tables", only=("smelting_*.yaml",)),
    ]
