"""The tables of a register bound by their schemas alone: the same on the driver and on every executor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from safetyrules.facts.schema import Schema
from safetyrules.register.binding import Binding, bind
from safetyrules.register.sources import SourceTable

if TYPE_CHECKING:
    from safetyrules.spark.task import RegisterForm


def bound_form(schema: Schema, register: RegisterForm) -> Binding:
    """What the columns of the tables give. Raises `RegisterError` with every problem."""
    tables = {name: _table(name, columns) for name, columns in register.tables.items()}
    return bind(schema, register.root, tables, register.mapping)


def _table(name: str, columns: pa.Schema) -> SourceTable:
    frame = pl.from_arrow(columns.empty_table())
    assert isinstance(frame, pl.DataFrame)
    return SourceTable(name, name, frame.lazy(), dict(frame.schema))
