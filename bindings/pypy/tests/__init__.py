"""The tests of the emb package; `python run_tests.py` runs them with both backends."""

import sys
import unittest

import emb


def has_numpy():
    try:
        emb.import_mod("numpy")
    except ImportError:
        return False
    return True


needs_numpy = unittest.skipUnless(has_numpy(), "the embedded Python has no numpy")


def on_pypy(_why_not_elsewhere):
    """For what there is nothing to test of in a host that is a CPython: there is no such test."""
    return lambda test: test if sys.implementation.name == "pypy" else None
