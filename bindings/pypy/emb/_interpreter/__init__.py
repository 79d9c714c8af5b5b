"""The embedded Python: its start and end, its lock and signals, and the package's own source text in it."""
