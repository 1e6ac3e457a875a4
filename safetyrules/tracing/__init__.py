"""From every clause of the law to the rules and tests that stand for it. `matrix.trace` makes the matrix."""
