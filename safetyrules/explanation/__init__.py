"""Why an outcome is what it is, why not another, and what would settle it; all by replay, never on the fast path."""
