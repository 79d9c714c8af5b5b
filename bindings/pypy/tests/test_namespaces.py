"""The dicts of Python's modules and functions, for `eval` and `exec` of the host."""

import math
import typing
import unittest

import emb

_space = emb.Object({"__name__": "spaced"})
emb.run(
    """
import math
class Plain: pass
def double(x: "Plain", n: "int" = 2) -> "list": return n * x
""",
    _space,
)


class Namespaces(unittest.TestCase):
    def setUp(self):
        self.module = emb.evaluate("__import__('types').ModuleType('made')")
        self.module.number = 3

    def test_code_of_the_host_runs_in_it(self):
        there = vars(_space["math"])
        self.assertIsInstance(there, dict)
        self.assertEqual(eval("sqrt(4.0) + len([1])", there), 3.0)
        self.assertEqual(dict(there)["pi"], math.pi)
        self.assertEqual({**there}["pi"], math.pi)
        self.assertEqual(len(there), len(list(there)))
        exec("def more(): return number + 1\nlast = more()", vars(self.module))
        self.assertEqual((self.module.last, self.module.more()), (4, 4))

    def test_it_is_python_s(self):
        there = vars(self.module)
        there["put"] = [1]
        self.assertEqual(list(self.module.put), [1])
        self.module.later = 5
        self.assertEqual((there["later"], there.get("later"), there.get("never")), (5, 5, None))
        self.assertIn("later", there)
        self.assertIn("later", there.keys())
        there.update(later=6)
        self.assertEqual(self.module.later, 6)
        self.assertEqual(there.pop("later"), 6)
        self.assertFalse(hasattr(self.module, "later"))
        with self.assertRaises(KeyError):
            there["later"]
        is_one = emb.evaluate("lambda space, module: space is vars(module)")
        self.assertTrue(is_one(there, self.module))

    def test_what_a_function_sees(self):
        double = _space["double"]
        self.assertEqual(eval("double(3)", double.__globals__), 6)
        hints = typing.get_type_hints(double)
        self.assertEqual(hints["x"], _space["Plain"])
        self.assertEqual(sorted(hints), ["n", "return", "x"])
