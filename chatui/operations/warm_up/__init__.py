"""Warm-ups: when models are to be in memory, loaded as work that nobody waits for, and what that is worth."""
