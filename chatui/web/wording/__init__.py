"""Words for people, one module a language."""
