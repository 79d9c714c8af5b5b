"""What decorators of Python's, such as those of attrs, put into classes of the host."""

import pickle
import unittest

import emb

from . import on_pypy

emb.run(
    """
def converting(cls):
    "As attrs does it: the fields' defaults leave the class, and attributes are set in a way of its own."
    names = tuple(cls.__dict__['__annotations__'])
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    for name in defaults:
        delattr(cls, name)
    def __init__(self, *values):
        given = dict(defaults, **dict(zip(names, values)))
        for name, value in given.items():
            object.__setattr__(self, name, value)
    def __setattr__(self, name, value):
        object.__setattr__(self, name, str(value) if name in names else value)
    cls.__init__, cls.__setattr__ = __init__, __setattr__
    return cls

def frozen(cls):
    names = tuple(cls.__dict__['__annotations__'])
    body = {n: one for n, one in cls.__dict__.items() if n not in names + ('__dict__', '__weakref__')}
    def __init__(self, *values):
        self.__setstate__(dict(zip(names, values)))
    def __setattr__(self, name, value):
        raise AttributeError('frozen')
    def __getstate__(self):
        return {name: getattr(self, name) for name in names}
    def __setstate__(self, state):
        for name, value in state.items():
            object.__setattr__(self, name, value)
    for one in (__init__, __setattr__, __getstate__, __setstate__):
        body[one.__name__] = one
    body['__slots__'] = names
    return type(cls)(cls.__name__, cls.__bases__, body)

def error(cls):
    names = tuple(cls.__annotations__)
    def __init__(self, *values):
        BaseException.__init__(self, *values)
        self.__dict__.update(zip(names, values))
    def __repr__(self):
        return cls.__name__ + repr({name: getattr(self, name) for name in names})
    body = {'__init__': __init__, '__repr__': __repr__, '__len__': lambda self: len(self.args)}
    return type(cls)(cls.__name__, cls.__bases__, body)
"""
)


@emb.evaluate("frozen")
class Frozen:
    a: int
    b: list


class Decorated(unittest.TestCase):
    def test_a_field_whose_default_has_left_the_class(self):
        @emb.evaluate("converting")
        class Plain:
            a: int
            b: list = 3

        self.assertEqual(vars(Plain(1)), {"a": 1, "b": 3})
        self.assertFalse(hasattr(Plain, "b"))

    def test_a_setattr_that_ends_in_that_of_object(self):
        @emb.evaluate("converting")
        class Plain:
            a: int

        plain = Plain(1)
        plain.a, plain.other = 2, [3]
        self.assertEqual(vars(plain), {"a": "2", "other": [3]})
        self.assertEqual(emb.evaluate("lambda p: (p.other[0], vars(p)['other'][0])")(plain), (3, 3))

    @on_pypy("a frozen object of a CPython makes itself")
    def test_a_frozen_object_is_pickled_in_its_own_way(self):
        frozen = pickle.loads(pickle.dumps(Frozen(1, [2])))
        self.assertEqual((frozen.a, frozen.b), (1, [2]))
        with self.assertRaisesRegex(AttributeError, "frozen"):
            frozen.a = 2

    @on_pypy("in a CPython it is the class itself")
    def test_the_dict_of_a_class_is_that_of_an_ordinary_one(self):
        class Plain:
            def method(self):
                pass

        names = emb.evaluate("lambda cls: [n for one in cls.__mro__[:-1] for n in one.__dict__ if n[:5] != '_emb_']")
        found = set(names(Plain))
        self.assertEqual(found, {"__module__", "__doc__", "__dict__", "__weakref__", "method"})

    def test_an_exception(self):
        @emb.evaluate("error")
        class Boom(ValueError):
            code: int
            _hidden: str

        with self.assertRaises(Boom) as caught:
            raise Boom(3, "t")
        boom = caught.exception
        self.assertEqual((boom.code, boom.args, len(boom)), (3, (3, "t"), 2))
        self.assertEqual(repr(boom), "Boom{'code': 3, '_hidden': 't'}")


if __name__ == "__main__":
    unittest.main()
