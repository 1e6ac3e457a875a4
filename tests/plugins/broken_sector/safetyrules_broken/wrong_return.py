from safetyrules import hookimpl


@hookimpl
def safetyrules_documents():
    return "law/"
