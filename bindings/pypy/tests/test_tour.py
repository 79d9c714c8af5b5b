"""tour.py prints tour.expected."""

import os
import subprocess
import sys
import unittest

from . import python_path

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


class Tour(unittest.TestCase):
    def test_output(self):
        done = subprocess.run(
            [sys.executable, os.path.join(_HERE, "tour.py")],
            env=dict(os.environ, PYTHONPATH=python_path(_HERE), PYTHONIOENCODING="utf-8"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=120,
        )
        with open(os.path.join(_HERE, "tour.expected"), "rb") as file:
            expected = file.read()
        self.assertEqual(done.stderr.decode("utf-8"), "")
        self.assertEqual(done.stdout.decode("utf-8"), expected.decode("utf-8"))
        self.assertEqual(done.returncode, 0)
