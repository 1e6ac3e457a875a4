"""The public conformance tests of CEL, run for the part of CEL that the rule language claims."""
