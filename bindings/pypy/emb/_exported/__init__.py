"""Other objects and classes of the host, as Python sees them."""
