"""Confined spaces: entry, gases, permits and the spaces themselves, in trade-sector enterprises."""

from __future__ import annotations

from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents() -> list[DocumentFolder]:
    return [
        DocumentFolder("safetyrules_plugins.confined_space"),
        DocumentFolder("safetyrules_rulesets", "confined_space"),
        DocumentFolder("safetyrules_rulesets", "choices", only=("confined_space_*.yaml",)),
        DocumentFolder(
            "safetyrules_rulesets",
            "instruments",
            only=("choices.yaml", "confined_space.yaml", "gb_30871.yaml", "gb_30871_2014.yaml", "trade.yaml"),
        ),
        DocumentFolder("safetyrules_rulesets", "tables", only=("confined_space_*.yaml",)),
    ]
