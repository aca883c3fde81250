"""Samovar: a chat for a team that shares one model server."""

__version__ = "0.1.0"
