"""Exceptions, warnings and tracebacks, on their way in both directions."""
