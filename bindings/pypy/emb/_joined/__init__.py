"""One of everything (output, environment, warning filters, ...) for a program that knows of one Python only."""
