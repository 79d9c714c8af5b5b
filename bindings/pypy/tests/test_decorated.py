"""What decorators of Python's, such as those of attrs, put into classes of the host."""

import functools
import pickle
import unittest
import weakref

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

def of_errors(cls):
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
        @emb.evaluate("of_errors")
        class Boom(ValueError):
            code: int
            _hidden: str

        with self.assertRaises(Boom) as caught:
            raise Boom(3, "t")
        boom = caught.exception
        self.assertEqual((boom.code, boom.args, len(boom)), (3, (3, "t"), 2))
        self.assertEqual(repr(boom), "Boom{'code': 3, '_hidden': 't'}")

    def test_decorators_in_a_class_of_the_host(self):
        emb.run(
            "import functools\n"
            "def twice(function):\n"
            "  @functools.wraps(function)\n"
            "  def wrapper(self, x): return 2 * function(self, x)\n"
            "  return wrapper\n"
            "class Constant:\n"
            "  def __set_name__(self, owner, name): self.name = name\n"
            "  def __get__(self, instance, owner): return self.name, instance is None\n"
            "  def __set__(self, instance, value): raise AttributeError('is constant')\n"
        )

        class Plain:
            value = 10
            constant = emb.evaluate("Constant()")
            builtin = emb.evaluate("len")

            @emb.evaluate("twice")
            def times(self, x):
                return self.value * x

            @emb.evaluate("functools.lru_cache(None)")
            def cached(self, x):
                return [self.value, x]

        plain = Plain()
        self.assertEqual(plain.times(3), 60)
        self.assertEqual(Plain.times(plain, 3), 60)
        self.assertEqual(list(plain.cached(1)), [10, 1])
        self.assertEqual(plain.constant, ("constant", False))
        self.assertEqual(Plain.constant, ("constant", True))
        with self.assertRaisesRegex(AttributeError, "constant"):
            plain.constant = 1
        self.assertEqual(plain.builtin("abc"), 3)  # no function, and so no method

    def test_decorators_of_classes(self):
        emb.run(
            "def fields(cls):\n"
            "    'Writes __init__ of the annotations, as attrs does.'\n"
            "    names = list(cls.__dict__['__annotations__'])\n"
            "    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}\n"
            "    def __init__(self, *args):\n"
            "        for name, value in {**defaults, **dict(zip(names, args))}.items():\n"
            "            setattr(self, name, value)\n"
            "    return __init__\n"
            "def in_place(cls):\n"
            "    cls.__init__ = fields(cls)\n"
            "    return cls\n"
            "def anew(cls):\n"
            "    body = dict(cls.__dict__, __init__=fields(cls))\n"
            "    return type(cls)(cls.__name__, cls.__bases__, body)\n"
        )
        for decorate in ("in_place", "anew"):

            class Plain:
                a: int
                b: str = "z"

                def both(self):
                    return self.a, self.b

            self.assertIs(emb.evaluate(decorate)(Plain), Plain)
            self.assertEqual((Plain(1).both(), Plain(2, "y").both()), ((1, "z"), (2, "y")))

            class Heir(Plain):
                pass

            self.assertEqual(Heir(3).both(), (3, "z"))
            self.assertEqual(emb.evaluate("lambda c: c(4).both()")(Heir), (4, "z"))

    def test_constructors_of_python_that_go_round_setattr(self):
        emb.run(
            "class Default:\n  pass\n"
            "def frozen(cls, by_dict):\n"
            "    names = tuple(cls.__dict__['__annotations__'])\n"
            "    def __init__(self, *values):\n"
            "        for name, value in zip(names, values):\n"
            "            if by_dict:\n"
            "                self.__dict__[name] = value\n"
            "            else:\n"
            "                object.__setattr__(self, name, value)\n"
            "    def __setattr__(self, name, value):\n"
            "        raise AttributeError('frozen')\n"
            "    body = {name: value for name, value in cls.__dict__.items() if name not in names}\n"
            "    body.update(__init__=__init__, __setattr__=__setattr__)\n"
            "    for base in cls.__mro__[1:-1]:\n"
            "        getattr(base, '__slots__', ())\n"
            "    return type(cls)(cls.__name__, cls.__bases__, body)\n"
        )
        for by_dict in (False, True):

            class Plain:
                a: int = emb.evaluate("Default()")
                b: str

            self.assertIs(emb.evaluate("frozen")(Plain, by_dict), Plain)
            self.assertFalse(hasattr(Plain, "a"))
            plain = Plain(1, [2])
            self.assertEqual((plain.a, plain.b, vars(plain)), (1, [2], {"a": 1, "b": [2]}))
            with self.assertRaisesRegex(AttributeError, "frozen"):
                plain.a = 3
            if by_dict:
                emb.evaluate("lambda p: object.__setattr__(p, '__dict__', {'a': 1, 'b': 3})")(plain)
                self.assertEqual(plain.b, 3)
            seen = emb.evaluate("lambda p: (p.a, tuple(sorted(vars(p))))")(plain)
            self.assertEqual(seen, (1, ("a", "b")))

            class Heir(Plain):
                c: int

            self.assertIs(emb.evaluate("frozen")(Heir, by_dict), Heir)
            self.assertEqual(vars(Heir(1)), {"c": 1})

    def test_an_exception_that_is_made_anew_keeps_its_text(self):
        emb.run(
            "def anew(cls):\n"
            "    'With slots, as attrs does it.'\n"
            "    def __init__(self, number):\n"
            "        self.number = number\n"
            "        BaseException.__init__(self, number)\n"
            "    kept = {name: one for name, one in vars(cls).items() if name not in ('__dict__', '__weakref__')}\n"
            "    kept.update(__init__=__init__, __slots__=('number',))\n"
            "    return type(cls)(cls.__name__, cls.__bases__, kept)\n"
        )

        @emb.evaluate("anew")
        class Numbered(Exception):
            def __str__(self):
                return "%s, that is %d" % (super().__str__(), self.number)

        class More(Numbered):
            def __init__(self):
                super().__init__(8)

        self.assertEqual((str(Numbered(7)), str(More())), ("7, that is 7", "8, that is 8"))
        with self.assertRaises(Numbered) as caught:
            emb.evaluate("lambda error: (_ for _ in ()).throw(error)")(More())
        self.assertEqual(str(caught.exception), "8, that is 8")

    def test_what_a_constructor_puts_into_the_class(self):
        # As networkx' Config does: the class becomes a dataclass when there is its first instance.
        space = emb.Object({})
        emb.run(
            "class Config:\n"
            "    def __new__(cls, **values):\n"
            "        cls.__repr__ = lambda self: 'Config of %d' % len(self.__dict__)\n"
            "        return object.__new__(cls)\n"
            "    def __init__(self, **values):\n"
            "        self.__dict__.update(values)\n"
            "    def __repr__(self):\n"
            "        return 'nothing yet'\n",
            space,
        )

        class Own(space["Config"]):
            pass

        class Later(Own):
            def __init__(self):
                super().__init__(a=1)
                self.text = repr(self)

        self.assertEqual(repr(Own(a=1, b=2)), "Config of 2")
        later = Later()
        self.assertEqual((later.text, repr(later)), ("Config of 1", "Config of 2"))

    def test_a_class_that_is_made_anew_with_slots_has_slots(self):
        emb.run(
            "def slotted(cls):\n"
            "    names = tuple(cls.__dict__['__annotations__'])\n"
            "    if not any(base.__dict__.get('__weakref__') for base in cls.__mro__[1:-1]):\n"
            "        names += ('__weakref__',)\n"
            "    body = {n: one for n, one in cls.__dict__.items() if n not in names and n != '__dict__'}\n"
            "    if '__init__' not in body:\n"
            "        def __init__(self, *values):\n"
            "            for name, value in zip(names, values):\n"
            "                object.__setattr__(self, name, value)\n"
            "        body['__init__'] = __init__\n"
            "    body['__slots__'] = names\n"
            "    return type(cls)(cls.__name__, cls.__bases__, body)\n"
        )
        slotted = emb.evaluate("slotted")

        @slotted
        class Plain:
            a: int
            b: int = 3

            def all(self):
                return self.a, self.b

            @property
            def kind(self):
                return __class__

        plain = Plain(1, [2])
        self.assertEqual((plain.all(), Plain.__slots__), ((1, [2]), ("a", "b", "__weakref__")))
        self.assertIs(plain.kind, Plain)
        self.assertIs(weakref.ref(plain)(), plain)
        with self.assertRaises(AttributeError):
            plain.c = 3
        look = emb.evaluate("lambda p: (hasattr(p, '__dict__'), setattr(p, 'a', 5), p.all(), type(p))")
        self.assertEqual(look(plain), (False, None, (5, [2]), Plain))

        @slotted
        class Heir(Plain):
            c: int

            def __init__(self, c=4):
                super().__init__(1, 2)
                self.c = c

        self.assertEqual((Heir().all(), Heir().c, Heir(c=5).c), ((1, 2), 4, 5))
        self.assertIs(emb.evaluate("lambda x: x")(Heir), Heir)

        class Open:
            pass

        class Cached:
            a: int

            @functools.cached_property
            def twice(self):
                return 2 * self.a

        class HeirOfOpen(Open):
            a: int

        self.assertIs(emb.evaluate("slotted")(Cached), Cached)  # what is cached needs a dict
        self.assertEqual(Cached(2).twice, 4)
        heir = slotted(HeirOfOpen)(1)
        heir.more = 2
        self.assertEqual((heir.a, weakref.ref(heir)()), (1, heir))
