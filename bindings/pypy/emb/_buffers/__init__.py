"""Memory without a copy: the host's, seen by Python, and Python's, seen by the host."""
