"""What sectors share: the enterprise, its size class, the high-risk lists, its supervision tier and overall grade.

And what Order 10 asks of every trade sector, and of those without a plugin of their own.
"""

from __future__ import annotations

from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents() -> list[DocumentFolder]:
    return [
        DocumentFolder("safetyrules_plugins.supervision"),
        DocumentFolder("safetyrules_rulesets", "supervision"),
        DocumentFolder("safetyrules_rulesets", "trade"),
        DocumentFolder(
            "safetyrules_rulesets", "choices", only=("overall_grade.yaml", "trade_grade.yaml", "other_grade.yaml")
        ),
        DocumentFolder(
            "safetyrules_rulesets",
            "instruments",
            only=(
                "choices.yaml",
                "inspections.yaml",
                "shenyang.yaml",
                "supervision_national.yaml",
                "risk.yaml",
                "trade.yaml",
            ),
        ),
        DocumentFolder("safetyrules_rulesets", "tables", only=("enterprise_size*.yaml",)),
    ]
