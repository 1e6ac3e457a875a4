"""Why an outcome is what it is, why it is not another, and what would settle it; all by replay, never on the fast path."""
