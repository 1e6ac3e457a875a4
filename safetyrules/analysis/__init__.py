"""What of the law cannot be meant: gaps, overlaps, rows and rules that never count, exceptions that contradict, what
nobody reads, what loosens.

Entry point: `safetyrules.analysis.run.analyse`. Each analysis is a function from a `safetyrules.analysis.law.Law` to
diagnostics; `ANALYSES` lists them. Proofs are made of boxes of cells (`safetyrules.language.spaces`). What a finding
claims to be possible was tried on facts by the reference interpreter (`examples`), which `worlds` looks for.
"""
