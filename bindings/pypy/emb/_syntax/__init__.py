"""The program's source, which the host compiles in other words."""
