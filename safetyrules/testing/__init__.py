"""Tests of rulesets: cases in ``*.test.yaml`` files, run on two engines, with what they reach of the law.

`safetyrules.testing.reading` reads the files, `safetyrules.testing.running` runs their cases, and
`safetyrules.testing.coverage` says what they reach. Nothing is imported here: the pytest plugin of the same package
must cost nobody anything.
"""
