"""Schema migrations, append-only."""
