"""The tests of the emb package; `python run_tests.py` runs them with both backends."""

import unittest

import emb


def has_numpy():
    try:
        emb.import_mod("numpy")
    except ImportError:
        return False
    return True


needs_numpy = unittest.skipUnless(has_numpy(), "the embedded Python has no numpy")
