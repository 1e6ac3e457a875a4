"""From YAML nodes to documents: one module per kind of document, over the shapes they share."""
