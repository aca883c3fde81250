"""The root of everything that can go wrong."""

from __future__ import annotations


class SamovarError(Exception):
    """The root of the tree."""
