"""Conversations of other programs, and of other Samovars: read, checked, planted as trees of ours, kept."""
