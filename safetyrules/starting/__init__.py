"""Starting: rulesets, plugins and tests that check and pass as they are made, to be changed into what is wanted."""
