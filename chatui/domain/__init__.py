"""The nouns of the product, in the standard library alone."""
