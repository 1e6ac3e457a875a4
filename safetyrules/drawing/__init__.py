"""Pictures of what rests on what: of the law, or of the reasons for one subject's conclusion."""
