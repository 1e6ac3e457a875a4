"""Registers: the facts of many subjects, in folders of tables."""
