"""Imports that find Python's packages, and the program's modules for Python."""
