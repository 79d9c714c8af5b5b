"""The tests of the emb package; `python run_tests.py` runs them with both backends."""

import os
import unittest

import emb
from emb import _session


def python_path(folder):
    """PYTHONPATH for a child: the folder, and what is there already."""
    return os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))


def has_numpy():
    try:
        emb.import_mod("numpy")
    except ImportError:
        return False
    return True


# Whether the embedded Python is another one than the host.
_session.ensure()
APART = _session.apart()
needs_numpy = unittest.skipUnless(has_numpy(), "the embedded Python has no numpy")
