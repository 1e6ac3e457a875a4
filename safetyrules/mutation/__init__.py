"""Mutation: small faults put into the rulesets one at a time, and whether any test notices.

`safetyrules.mutation.making` makes the mutants, `safetyrules.mutation.running` says what became of each, and
`safetyrules.mutation.reporting` tells it. Nothing is imported here.
"""
