"""An invented sector: lifting work."""

from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents():
    return [DocumentFolder("safetyrules_lifting", "law")]
