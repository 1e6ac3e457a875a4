"""The law that the hand-written programs hold: of the shipped rules the list for dust, GB 18218, size classes,
high-risk lists and Shenyang's tier, with the facts and grades of the day on which they were written down (``frozen/``).

The shipped law grows; what it is compared with should not have to grow with it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import safetyrules
from safetyrules import Program

ROOT = Path(__file__).resolve().parents[1]
RULESETS = ROOT / "rulesets"
TABLES = ("dust_catalogue_2015", "enterprise_size", "gb18218_")
FILES = (
    "instruments/choices.yaml",
    "instruments/dust.yaml",
    "instruments/hazmat.yaml",
    "instruments/shenyang.yaml",
    "instruments/supervision_national.yaml",
    "instruments/trade.yaml",
    "dust/notice_129.yaml",
    "dust/order_10.yaml",
    "hazmat/gb_18218.yaml",
    "supervision/210100/portfolio.yaml",
    "supervision/210100/tier.yaml",
    "supervision/national/enterprise_size.yaml",
    "supervision/national/high_risk_lists.yaml",
)


@lru_cache(maxsize=1)
def frozen_law() -> Program:
    files = [*sorted((ROOT / "benchmarks" / "frozen").glob("*.yaml")), *(RULESETS / name for name in FILES)]
    files += [file for file in sorted((RULESETS / "tables").glob("*.yaml")) if file.name.startswith(TABLES)]
    return safetyrules.load_program(
        [(str(file), file.read_text(encoding="utf-8")) for file in files],
        open_file=lambda source, name: (Path(source).parent / name).read_bytes(),
    )
