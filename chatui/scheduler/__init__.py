"""One fair queue for every conversation: pure decisions, and the workers that act on them."""
