"""Tabulate: one plan over a register, column by column."""
