"""Variables of modules, which are read without asking Python where it tells when they change."""

import threading
import unittest

import emb
from emb._abi import _library, _memory
from . import on_pypy, settle


def module(**variables):
    """A new module of Python with variables."""
    made = emb.evaluate("__import__('types').ModuleType")("variables")
    for name, value in variables.items():
        setattr(made, name, value)
    return made


def read(made, times=2000):
    """What a variable `x` is, read so often that a JIT has a part in it."""
    seen = set()
    for _ in range(times):
        seen.add(made.x)
    return seen


class Variables(unittest.TestCase):
    def test_whoever_changes_one(self):
        emb.run("def put(module, value): module.x = value")
        made, put = module(x=1), emb.evaluate("put")
        for value in (2, 2.5, "text", None, True, b"bytes", 10**30, (1, 2), 3):
            put(made, value)
            self.assertEqual(read(made), {value})
            made.x = value = "%s again" % (value,)
            self.assertEqual(read(made), {value})
        del made.x
        self.assertFalse(hasattr(made, "x"))
        made.x = 4
        self.assertEqual(read(made), {4})

    def test_others_change_all_the_time(self):
        made = module(x=1, y=0)
        for i in range(3000):
            made.y = i
            self.assertEqual((made.x, made.y), (1, i))

    def test_more_names_than_are_kept(self):
        names = ["name%d" % i for i in range(200)]
        made = module(**{name: i for i, name in enumerate(names)})
        for shift in (0, 1):
            for i, name in enumerate(names):
                setattr(made, name, i + shift)
            self.assertEqual([getattr(made, name) for name in names], list(range(shift, 200 + shift)))

    def test_what_is_no_variable_is_asked_for(self):
        emb.run(
            "import itertools, types\n"
            "dynamic = types.ModuleType('dynamic')\n"
            "dynamic.__getattr__ = lambda name, count=itertools.count(): next(count)\n"
            "class Own(types.ModuleType):\n"
            "    count = itertools.count()\n"
            "    x = property(lambda self: next(self.count))\n"
            "own = Own('own')\n"
            "own.__dict__['x'] = 'hidden'\n"
        )
        for name in ("dynamic", "own"):
            made = emb.evaluate(name)
            self.assertEqual([made.x for _ in range(200)], list(range(200)))

    def test_one_that_is_missing_is_an_error_without_a_context(self):
        with self.assertRaises(AttributeError) as raised:
            module().nothing
        self.assertIsNone(raised.exception.__context__)

    def test_objects_are_the_same_and_kept_by_nobody(self):
        emb.run("class Thing: pass\ndef make(module): module.x = Thing()")
        made = module()
        emb.evaluate("make")(made)
        thing = made.x
        self.assertEqual(read(made), {thing})
        self.assertIs(made.x, thing)
        gone = emb.evaluate("__import__('weakref').ref")(thing)
        made.x = 0
        del thing
        for _ in range(3):
            emb.collect()
        self.assertIsNone(gone())

    def test_classes_and_lists(self):
        emb.run("class Thing: pass\nclass Other: pass")
        thing, other = emb.evaluate("Thing"), emb.evaluate("Other")
        made = module(x=thing)
        self.assertEqual(read(made), {thing})
        made.x = other
        self.assertEqual(read(made), {other})
        made.x = emb.Object([1])
        self.assertIs(made.x, made.x)
        made.x.append(2)
        self.assertEqual(list(made.x), [1, 2])

    @on_pypy("nothing tells it of changes")
    @unittest.skipIf(_library.backend.name == "ctypes", "ctypes reads no such memory")
    def test_what_is_read_without_asking(self):
        emb.run(
            "import types\n"
            "class Thing:\n"
            "    def act(self): return 1\n"
            "lazy = types.ModuleType('lazy')\n"
            "def make(name):\n"
            "    lazy.__dict__[name] = Thing\n"
            "    return Thing\n"
            "lazy.__getattr__ = make\n"
        )
        settle()
        for made in module(x=emb.evaluate("Thing().act")), module(x=emb.evaluate("Thing")), emb.evaluate("lazy"):
            held = [made.x for _ in range(3)]
            before = _memory.crossings
            held.append(made.x)
            self.assertEqual(_memory.crossings - before, 0)
            self.assertEqual(len(set(map(id, held))), 1)
        bound = module(x=emb.evaluate("Thing().act"))
        self.assertEqual((bound.x(), bound.x.__name__, bound.x()), (1, "act", 1))

    def test_what_has_been_released(self):
        emb.run("class Thing: pass")
        made = module(x=emb.evaluate("Thing")())
        thing = made.x
        emb.release(thing)
        self.assertNotEqual(made.x._emb_handle, thing._emb_handle)
        str(made.x)
        with emb.scope():
            str(made.x)
        str(made.x)
        made.x = 1
        self.assertEqual(read(made), {1})
        emb.release(made)
        self.assertRaises(emb.BadHandle, getattr, made, "x")

    @on_pypy("no JIT")
    def test_another_thread_changes_one(self):
        made = module(x=False)
        emb.run(
            "import threading, time\n"
            "def later(module):\n"
            "    time.sleep(0.2)\n"
            "    module.x = True\n"
            "def begin(module): threading.Thread(target=later, args=(module,)).start()\n"
        )
        late = threading.Event()
        timer = threading.Timer(20, late.set)
        timer.start()
        emb.evaluate("begin")(made)
        while not made.x:
            if late.is_set():
                self.fail("the change is not seen")
        timer.cancel()
