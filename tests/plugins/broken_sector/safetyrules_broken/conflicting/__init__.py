from safetyrules import DocumentFolder, hookimpl


@hookimpl
def safetyrules_documents():
    return [DocumentFolder("safetyrules_broken.conflicting")]
