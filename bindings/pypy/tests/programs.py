"""Programs that tests run: hosts, and such as know of one Python only, by `python -m emb`."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

import emb

from . import python_path

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(emb.__file__)))


def heed():
    """Before a program: who runs the tests in the background may have Ctrl-C ignored, and a CPython leaves it so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run_host(source, **environment):
    """The status, the output and the errors of a host; a crash would end it, and not the tests."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source)],
        env=dict(os.environ, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, source):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(textwrap.dedent(source))
        return path

    def python(self, *arguments, status=0, **more):
        done = subprocess.run(
            [sys.executable] + list(arguments),
            cwd=self.folder.name,
            env=dict(os.environ, PYTHONPATH=python_path(PACKAGE), PYTHONDONTWRITEBYTECODE="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            preexec_fn=heed,
            **more
        )
        self.assertEqual(done.returncode, status, done.stderr)
        self.errors = done.stderr
        return done.stdout

    def run_script(self, source, *arguments, status=0, options=()):
        path = self.write("script.py", source)
        return self.python("-m", "emb", *options, path, *arguments, status=status)
