"""What code of Python does to the members of classes of the host: wraps them, or takes them out."""

import unittest

import emb

from . import on_pypy
from .programs import Program

space = emb.Object({})
emb.run(
    """
import functools

def twice(function):
    @functools.wraps(function)
    def wrapped(self, *args):
        return 2 * function(self, *args)
    return wrapped

class Wrapping:
    def __init_subclass__(cls, **keywords):
        super().__init_subclass__(**keywords)
        for name in ("size", "__len__"):
            if name in cls.__dict__:
                setattr(cls, name, twice(getattr(cls, name)))

class Meta(type):
    "Makes defaults of instances of what is not a method, and keeps those of the fields."
    def __new__(meta, name, bases, namespace):
        fields = {n: namespace.pop(n) for n in namespace.get("__annotations__", {}) if n in namespace}
        cls = super().__new__(meta, name, bases, namespace)
        cls.fields = {**getattr(cls, "fields", {}), **fields}
        return cls

class Model(metaclass=Meta):
    def __init__(self):
        self.__dict__.update(self.fields)

def decorated(cls):
    cls.size = twice(cls.size)
    return cls
""",
    space,
)
Wrapping, Model, decorated = (space[name] for name in ("Wrapping", "Model", "decorated"))


@on_pypy("in a CPython the package's frames are Python's, too")
class Where(Program):
    def test_python_finds_the_class_statement_where_it_is_in_the_program(self):
        self.write("looking.py", """
            import sys, warnings

            class Looking:
                def __init_subclass__(cls):
                    cls.made_in = sys._getframe(1).f_code.co_name
                    warnings.warn("deprecated", FutureWarning, stacklevel=2)
        """)
        printed = self.run_script("""
            import warnings
            from looking import Looking

            def make():
                class Made(Looking):
                    pass

                return Made

            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                print(make().made_in, caught[0].lineno, caught[0].filename == __file__)
        """, options=("--there", "looking"))  # fmt: skip
        self.assertEqual(printed, "make 6 True\n")


class Rewritten(unittest.TestCase):
    def test_a_method_that_python_has_wrapped_is_the_wrapped_one_for_the_host_too(self):
        class Box(Wrapping):
            def size(self):
                return 3

            def other(self):
                return 5

            def __len__(self):
                return 1

        class Larger(Box):
            def size(self):
                return super().size() + 1

        self.assertEqual((Box().size(), Box().other(), len(Box())), (6, 5, 2))
        self.assertEqual(Larger().size(), 14)
        self.assertEqual(Box.size.__name__, "size")
        Box.size = lambda self: 7
        self.assertEqual(Box().size(), 7)

    def test_so_is_one_of_a_class_that_python_has_decorated(self):
        @decorated
        class Box(Wrapping):
            def size(self):
                return 3

        self.assertEqual(Box().size(), 12)

    def test_what_a_metaclass_has_taken_out_is_not_in_the_host_s_class(self):
        class Settings(Model):
            __annotations__ = {"f": object, "n": int}
            f = lambda x: x + 1  # noqa: E731
            n = 3

            def double(self):
                return 2 * self.n

        one = Settings()
        self.assertEqual((one.f(1), one.n, one.double()), (2, 3, 6))
        self.assertFalse(hasattr(Settings, "f") or hasattr(Settings, "n"))
        self.assertEqual({"f", "n", "double"} & set(vars(Settings)), {"double"})


if __name__ == "__main__":
    unittest.main()
