"""Functions of the host, called by Python."""
