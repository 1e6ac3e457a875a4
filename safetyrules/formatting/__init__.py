"""One way to write documents and tests. `document.formatted` is the entry point."""
