"""What the host's marshal, xmlrpc and sqlite3 write of Python's objects."""

import marshal
import sqlite3
import unittest
import xmlrpc.client

import emb
from emb._joined import _pretty, _registered

from . import needs_numpy, on_pypy

nested = emb.evaluate("lambda: {'a': [1, {'b': [2.5, 'x']}]}")
PLAIN = {"a": [1, {"b": [2.5, "x"]}]}


@on_pypy("which has these in C")
class Written(unittest.TestCase):
    def test_marshal(self):
        dumps = _pretty._marshalling(marshal.dumps)
        self.assertEqual(marshal.loads(dumps(nested())), PLAIN)
        self.assertEqual(marshal.loads(dumps([nested()], 2)), [PLAIN])

    def test_xmlrpc(self):
        _pretty.join_xmlrpc(xmlrpc.client)
        self.assertEqual(xmlrpc.client.dumps((nested(),)), xmlrpc.client.dumps((PLAIN,)))

    @needs_numpy
    def test_numbers_and_arrays_in_a_database(self):
        numpy = emb.import_mod("numpy")
        _registered.join_sqlite(sqlite3)
        asked = sqlite3.connect(":memory:").execute("select ?, ?, ?", (numpy.int32(3), numpy.float64(2.5), numpy.ones(1)))
        self.assertEqual(asked.fetchone(), (b"\3\0\0\0", 2.5, b"\0\0\0\0\0\0\xf0?"))
