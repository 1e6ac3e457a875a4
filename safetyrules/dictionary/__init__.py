"""Every fact that can be given, where, and which rules read it. `entries.dictionary` makes the data dictionary."""
