"""Servers of models, each behind the one protocol of `base`."""
