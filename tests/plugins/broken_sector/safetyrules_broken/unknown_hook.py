from safetyrules import hookimpl


@hookimpl
def safetyrules_document():
    return []
