"""The admin's pages: each is one module here, one template, and one module of words per language."""
