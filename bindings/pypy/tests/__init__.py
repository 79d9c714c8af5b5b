"""The tests of the emb package; `python run_tests.py` runs them with both backends."""

import os
import sys
import unittest

import emb
from emb._containers import _kept_items
from emb._interpreter import _session


def python_path(folder):
    """PYTHONPATH for a child: the folder, and what is there already."""
    return os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))


def needs(*packages):
    """For what is tested with packages of the embedded Python."""
    find = emb.import_mod("importlib.util").find_spec
    missing = [name for name in packages if find(name) is None]
    return unittest.skipIf(missing, "the embedded Python has no %s" % ", ".join(missing))


_session.ensure()
needs_numpy = needs("numpy")


def on_pypy(_why_not_elsewhere):
    """For what there is nothing to test of in a host that is a CPython: there is no such test."""
    return lambda test: test if sys.implementation.name == "pypy" else None


def settle():
    """Until what calls have kept in other tests is not looked at any more, which would be counted."""
    for _ in range(1100 if _kept_items.entries else 0):
        emb.evaluate("0")


def on_another(_why_not_elsewhere):
    """For what there is nothing to test of where the embedded Python is the host itself."""
    return lambda test: test if _session.apart() else None
