"""Packages that a program asks for; tests/require.rs of the project tries what is installed."""

import unittest

import emb


class Require(unittest.TestCase):
    def test_what_is_there(self):
        emb.require()
        emb.require("pip")
        emb.require("pip>=1", quiet=True)

    def test_nonsense(self):
        for bad in (1, b"pip", "a\nb", "-r file", "/folder"):
            with self.assertRaises(emb.BadArgument, msg=bad):
                emb.require(bad)
        with self.assertRaisesRegex(emb.BadArgument, r"pip\["):
            emb.require("pip[")
        self.assertTrue(issubclass(emb.Unsatisfied, ImportError))
