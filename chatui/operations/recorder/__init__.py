"""What the app notes of itself: figures of every five seconds, kept at falling resolution."""
