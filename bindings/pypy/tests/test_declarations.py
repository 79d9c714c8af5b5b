"""The declarations say what include/emb.h says."""

import os
import re
import struct
import unittest

from emb._abi import _declarations

_HEADER = os.path.join(os.path.dirname(__file__), "..", "..", "..", "include", "emb.h")


def _header():
    with open(_HEADER, encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/|//[^\n]*", " ", file.read(), flags=re.S)


@unittest.skipUnless(os.path.exists(_HEADER), "not in a source tree")
class Declarations(unittest.TestCase):
    def test_functions(self):
        header = _declarations.functions(_header())
        for name, function in _declarations.FUNCTIONS.items():
            with self.subTest(name):
                self.assertEqual(function, header.get(name))

    def test_callbacks(self):
        header = _declarations.callbacks(_header())
        for name, function in _declarations.CALLBACKS.items():
            with self.subTest(name):
                self.assertEqual(function, header.get(name))
        names = ["emb_packed_function", "emb_release", "emb_write"]
        self.assertEqual(sorted(_declarations.CALLBACKS), names)

    def test_constants(self):
        header = _declarations.constants(_header())
        for name, number in _declarations.CONSTANTS.items():
            with self.subTest(name):
                self.assertEqual(number, header.get(name))

    def test_structs(self):
        header = _declarations.structs(
            re.sub(r"union [^}]*\}[^;]*;", "", _header().replace("struct emb_value {", "{"))
        )
        for name, described in _declarations.STRUCTS.items():
            with self.subTest(name):
                self.assertEqual(described, header.get(name))

    def test_every_function_is_found(self):
        declared = re.findall(r"\b(emb_\w+)\(", _declarations.TEXT)
        self.assertEqual(sorted(declared), sorted(_declarations.FUNCTIONS))
        self.assertGreater(len(declared), 30)

    def test_sizes(self):
        sizes = {n: struct.calcsize(s.format) for n, s in _declarations.STRUCTS.items()}
        self.assertEqual(sizes, {"emb_config": 32, "emb_memory": 64, "emb_view": 80, "emb_error": 64})
