"""What an earlier embedding of CPython in PyPy, pymetabiosis, tested of its wrappers."""

import operator
import unittest

import emb

# Code of Python that works on wrapped objects, as helpers of a library would.
emb.run("class Custom:\n  def __init__(self, value): self.value = value\n")
Custom = emb.evaluate("Custom")


class Wrappers(unittest.TestCase):
    def test_getattr_and_setattr_on_module(self):
        sys = emb.import_mod("sys")
        sys.emb_attribute = [1]
        self.assertEqual(list(sys.emb_attribute), [1])
        self.assertTrue(emb.evaluate("__import__('sys').emb_attribute == [1]"))
        del sys.emb_attribute

    def test_call_function(self):
        self.assertEqual(emb.import_mod("operator").add(1, 3), 4)
        with self.assertRaises(TypeError):
            emb.import_mod("operator").add(1)

    def test_pass_wrapper_to_function(self):
        builtins = emb.import_mod("builtins")
        self.assertEqual(builtins.len(builtins.sorted("abc")), 3)

    def test_sqlite(self):
        sqlite = emb.import_mod("sqlite3")
        connection = sqlite.connect(":memory:")
        with connection:
            connection.execute("create table t (id integer primary key, name text)")
            connection.executemany("insert into t (name) values (?)", [("a",), ("b",)])
        rows = connection.execute("select id, name from t order by id").fetchall()
        self.assertEqual(list(rows), [(1, "a"), (2, "b")])
        with self.assertRaises(sqlite.OperationalError):
            connection.execute("select nothing")
        connection.close()

    def test_gettype(self):
        custom = Custom(1)
        self.assertEqual(emb.evaluate("lambda x: type(x)")(custom), Custom)
        self.assertEqual(custom.__class__, Custom)

    def test_convert_return_value(self):
        for text in ("None", "True", "3", "2.5", "'a'", "b'a'", "1j", "(1, (2.0, 'x'))"):
            value = emb.evaluate(text)
            self.assertEqual((value, type(value)), (eval(text), type(eval(text))))

    def test_no_convert(self):
        number = emb.Object(3)
        self.assertTrue(issubclass(type(number), emb.Object))
        self.assertEqual(number + 1, 4)
        self.assertEqual(number.bit_length(), 2)

    def test_items(self):
        mapping = emb.Object({"a": 1})
        mapping["b"] = 2
        self.assertEqual(mapping["b"], 2)
        del mapping["a"]
        with self.assertRaises(KeyError):
            mapping["a"]

    def test_str_repr_dir(self):
        text = emb.Object("x")
        self.assertEqual((str(text), repr(text)), ("x", "'x'"))
        self.assertIn("value", dir(Custom(1)))

    def test_len_and_bool(self):
        self.assertEqual(len(emb.Object([1, 2])), 2)
        self.assertTrue(emb.Object([0]))
        self.assertFalse(emb.Object([]))
        with self.assertRaises(TypeError):
            len(Custom(1))

    def test_slice(self):
        numbers = emb.Object(list(range(10)))
        self.assertEqual(list(numbers[2:8:2]), [2, 4, 6])
        numbers[:8] = []
        self.assertEqual(list(numbers), [8, 9])

    def test_iter(self):
        self.assertEqual([x for x in emb.Object(["a", 1])], ["a", 1])
        self.assertEqual(sorted(emb.Object({"b": 1, "a": 2})), ["a", "b"])

    def test_exceptions(self):
        with self.assertRaises(AttributeError):
            Custom(1).missing
        with self.assertRaises(ZeroDivisionError):
            emb.evaluate("1 / 0")
        with self.assertRaises(StopIteration):
            next(iter(emb.Object([])))

    def test_applevel(self):
        space = emb.Object({})
        emb.run("def double(x):\n    return [x, x]\n", space)
        self.assertEqual(list(space["double"]("a")), ["a", "a"])

    def test_opaque_objects(self):
        class Opaque:
            pass

        opaque = Opaque()
        stored = emb.Object([opaque, opaque])
        self.assertIs(stored[0], opaque)
        self.assertEqual(stored.count(opaque), 2)
        self.assertIs(emb.evaluate("lambda x: {1: x}")(opaque)[1], opaque)

    def test_isinstance_and_issubclass(self):
        self.assertIsInstance(Custom(1), Custom)
        self.assertNotIsInstance(1, Custom)
        self.assertFalse(issubclass(Custom, int))

    def test_callbacks(self):
        self.assertEqual(list(emb.evaluate("map")(lambda x: x + 1, [1, 2])), [2, 3])
        customs = emb.Object([Custom(3), Custom(1)])
        customs.sort(key=lambda custom: custom.value)
        self.assertEqual([one.value for one in customs], [1, 3])

    def test_callbacks_that_raise(self):
        def fail(value):
            raise LookupError(value)

        with self.assertRaises(LookupError) as caught:
            list(emb.evaluate("map")(fail, ["why"]))
        self.assertEqual(caught.exception.args, ("why",))

    def test_unary_and_binary_operators(self):
        one = emb.Object(-6)
        for operation in (operator.neg, operator.pos, operator.abs, operator.invert):
            self.assertEqual(operation(one), operation(-6))
        for operation in (
            operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv,
            operator.mod, operator.pow, operator.and_, operator.or_, operator.xor, divmod,
            operator.lshift, operator.rshift, operator.lt, operator.ge, operator.eq,
        ):  # fmt: skip
            for other in (2, emb.Object(2)):
                self.assertEqual(operation(one, other), operation(-6, 2))
            if operation not in (operator.pow, operator.lshift, operator.rshift):
                self.assertEqual(operation(20, one), operation(20, -6))
