"""Classes of the host that derive from Python's, and of Python's that derive from the host's."""
