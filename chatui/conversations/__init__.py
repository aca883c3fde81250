"""Asking, stopping and remembering."""
