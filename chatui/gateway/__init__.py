"""What programs ask with a key: the same queue, no conversation."""
