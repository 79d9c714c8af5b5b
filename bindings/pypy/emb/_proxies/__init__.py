"""Python's objects in the host: what becomes of each that arrives, and all that can be done to it."""
