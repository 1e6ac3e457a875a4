"""Registers: facts of many enterprises, read from tables or documents, batch by batch.

`open_register` checks the columns at once; `Register.batches` gives whole subjects in the order of their keys.
"""
