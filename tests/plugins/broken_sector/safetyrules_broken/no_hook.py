NAME = "implements nothing"
