"""The register of all four sectors against a program written by hand in Polars: ``python -m benchmarks.sectors``."""

from benchmarks.sectors.measuring import run

__all__ = ["run"]
