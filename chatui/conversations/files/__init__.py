"""Files beside questions: what they are, what a model reads of them, and whose they are."""
