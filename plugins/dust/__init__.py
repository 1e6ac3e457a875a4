"""Dust explosion in trade-sector enterprises."""

from __future__ import annotations

from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents() -> list[DocumentFolder]:
    return [
        DocumentFolder("safetyrules_plugins.dust"),
        DocumentFolder("safetyrules_rulesets", "dust"),
        DocumentFolder("safetyrules_rulesets", "choices", only=("dust_grade.yaml",)),
        DocumentFolder("safetyrules_rulesets", "instruments", only=("choices.yaml", "dust.yaml", "trade.yaml")),
        DocumentFolder("safetyrules_rulesets", "tables", only=("dust_*.yaml",)),
    ]
