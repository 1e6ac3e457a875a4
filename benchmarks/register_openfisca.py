"""The synthetic rules on OpenFisca, for known facts: a variable for every fact and value, by the NumPy formulas."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.programs import COLOURS
from benchmarks.register_data import COLOUR, VALUES, Program, write
from benchmarks.register_numpy import Array, formulas
from benchmarks.synthetic_rules import COUNTS, FLAGS


def openfisca() -> Program:
    """A variable for every fact and value, eternal; levels are their places."""
    entities: Any = import_module("openfisca_core.entities")
    periods: Any = import_module("openfisca_core.periods")
    systems: Any = import_module("openfisca_core.taxbenefitsystems")
    builders: Any = import_module("openfisca_core.simulations")
    variables: Any = import_module("openfisca_core.variables")
    entity = entities.build_entity("enterprise", "enterprises", "enterprise", is_person=True)
    system = systems.TaxBenefitSystem([entity])
    when = periods.period("2024-06")

    def variable(name: str, type_: type, formula: Any = None) -> None:
        inside: dict[str, Any] = {
            "value_type": type_, "entity": entity, "definition_period": periods.DateUnit.MONTH, "label": name,
        }  # fmt: skip
        if formula is not None:

            def computed(population: Any, period: Any, parameters: Any) -> Any:
                return formula(lambda read: population(read, period))

            inside["formula"] = computed
        system.add_variable(type(name, (variables.Variable,), inside))

    for name in FLAGS:
        variable(name, bool)
    for name in COUNTS:
        variable(name, int)
    for name, formula in formulas().items():
        variable(name, bool if name[0] == "h" else int, formula)

    def answer(source: Path, target: Path) -> None:
        facts = pl.read_parquet(source)
        simulation = builders.SimulationBuilder().build_default_simulation(system, facts.height)
        for name in (*FLAGS, *COUNTS):
            simulation.set_input(name, when, facts[name].to_numpy())
        columns: dict[str, Any] = {}
        for name in VALUES:
            found = simulation.calculate(name, when)
            columns[name] = found.astype(np.uint8) if name[0] in "so" else found
        write(frame(columns), target)

    return answer


def frame(columns: dict[str, Array]) -> pl.DataFrame:
    """As columns to write; a small whole number without a sign is a level."""
    made = pl.DataFrame(columns)
    return made.with_columns(
        pl.col(name).cast(pl.String).replace_strict([str(i) for i in range(4)], list(COLOURS), return_dtype=COLOUR)
        for name, type_ in made.schema.items()
        if type_ == pl.UInt8
    )
