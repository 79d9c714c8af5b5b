"""Errors of libemb itself, and what is said at the end of a program."""

import unittest

import emb

from . import on_another
from .programs import run_host


class OwnErrors(unittest.TestCase):
    def test_hierarchy(self):
        for name in "BadArgument BadHandle NotRunning NoPython Conflict BadCall Unsatisfied".split():
            self.assertTrue(issubclass(getattr(emb, name), emb.Error))

    @on_another("this host is the Python")
    def test_no_python(self):
        _status, out, err = run_host(
            "import emb\ntry: emb.init('/nonexistent/python')\n"
            "except emb.NoPython as e: print('refused', e)"
        )
        self.assertIn("refused", out, err)
        self.assertIn("/nonexistent/python", out)

    def test_no_library(self):
        _status, _out, err = run_host("import emb", EMB_LIBRARY="/nonexistent/libemb.so")
        self.assertIn("/nonexistent/libemb.so", err)
        self.assertIn("make build", err)
        _status, _out, err = run_host("import emb", EMB_BACKEND="none")
        self.assertIn("EMB_BACKEND", err)

    def test_no_cffi(self):
        text = "import sys\nsys.modules['_cffi_backend'] = None\nimport emb\nprint(emb._abi._library.backend.name)"
        alone = {"EMB_TEST_BESIDE": ""}  # or the package has been imported before
        _status, out, err = run_host(text, EMB_BACKEND="", **alone)
        self.assertEqual(out, "ctypes\n", err)
        _status, _out, err = run_host(text, EMB_BACKEND="cffi", **alone)
        self.assertIn("EMB_BACKEND=ctypes", err)

    def test_no_parser_is_needed_to_start(self):
        text = "import sys, emb\nprint(emb.evaluate('lambda f: f(1)')(lambda x: x), 'cffi' in sys.modules)"
        _status, out, err = run_host(text)
        self.assertEqual(out, "1 False\n", err)

    def test_after_shutdown(self):
        status, out, err = run_host(
            "import emb\n"
            "p = emb.Object([1]); f = p.append\n"
            "emb.run('import atexit; atexit.register(print, \"bye\", flush=True)')\n"
            "try: emb.evaluate('1/0')\n"
            "except ZeroDivisionError as e: error = e\n"
            "emb.shutdown()\n"
            "for use in (lambda: len(p), lambda: f(1), lambda: emb.evaluate('1'),\n"
            "            lambda: emb.import_mod('os'), lambda: emb.array(bytearray(2)), emb.init):\n"
            "    try: use()\n"
            "    except emb.NotRunning: print('refused')\n"
            "str(error.python_traceback)\n"
            "emb.doctor(); del p, f\n"
        )
        self.assertEqual(status, 0, err)
        self.assertEqual(out.count("refused"), 6, out + err)
        self.assertEqual(err, "")

    def test_exit_flushes(self):
        status, out, err = run_host("import emb; emb.run('print(\"from python\", end=\"\")')")
        self.assertEqual((out, err, status), ("from python", "", 0))

    def test_uncaught(self):
        status, _out, err = run_host(
            "import emb\nemb.run('def f(): return {}[\"k\"]\\nf()', file='demo.py')"
        )
        self.assertIn('File "demo.py", line 1, in f', err)
        self.assertEqual(status, 1)
