"""Threads of the host, the lock, and what is left when proxies die."""

import threading
import time
import unittest

import emb

from . import on_another, on_pypy
from .programs import Program


class Threads(unittest.TestCase):
    def run_all(self, target, count=8):
        failures = []

        def guarded(number):
            try:
                target(number)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(failures, [])

    def test_many_threads(self):
        shared = emb.Object([])
        text = emb.evaluate("lambda x: 'text %d' % x")

        def work(number):
            for i in range(300):
                shared.append(number)
                self.assertEqual(text(i), "text %d" % i)
                self.assertEqual(emb.Object({"k": [i]})["k"][0], i)

        self.run_all(work)
        self.assertEqual(len(shared), 8 * 300)

    def test_errors_belong_to_their_thread(self):
        fail = emb.evaluate("lambda n: {}[n]")

        def work(number):
            for i in range(200):
                try:
                    fail(number * 1000 + i)
                except KeyError as error:
                    self.assertEqual(error.args, (number * 1000 + i,))

        self.run_all(work)

    def test_python_threads_run_while_the_host_rests(self):
        emb.run(
            "import threading, time\n"
            "ticks = []\n"
            "def tick():\n"
            "    for i in range(20): ticks.append(i); time.sleep(0.001)\n"
            "threading.Thread(target=tick).start()"
        )
        deadline = time.time() + 10
        while emb.evaluate("len(ticks)") < 20 and time.time() < deadline:
            time.sleep(0.01)
        self.assertEqual(emb.evaluate("len(ticks)"), 20)

    def test_the_first_objects_of_a_class(self):
        """Of whichever thread: all are of one class, which knows what Python's has."""
        make = emb.evaluate("lambda: (lambda cls: [cls() for _ in range(4)])(type('C', (), {'__len__': lambda s: 3}))")
        item = emb.evaluate("lambda objects, i: objects[i]")
        for _ in range(100):
            objects, gate, seen = make(), threading.Barrier(4), []

            def work(number):
                gate.wait()
                seen.append(item(objects, number))

            self.run_all(work, 4)
            self.assertEqual([(type(one), len(one)) for one in seen], [(type(seen[0]), 3)] * 4)
            self.assertEqual(type(seen[0]).__name__, "C")

    def test_gil(self):
        numbers = emb.Object([1, 2])
        with emb.gil():
            with emb.gil():
                self.assertEqual(numbers[1], 2)
            self.assertEqual(numbers[0], 1)
        with self.assertRaises(KeyError):
            with emb.gil():
                emb.Object({})["missing"]

        def work(number):
            for _ in range(50):
                with emb.gil():
                    numbers.append(number)

        self.run_all(work)
        self.assertEqual(len(numbers), 2 + 8 * 50)


class Lifetimes(unittest.TestCase):
    def test_dead_proxies_release_their_objects(self):
        emb.run(
            "class Counted:\n"
            "    alive = 0\n"
            "    def __init__(self): Counted.alive += 1\n"
            "    def __del__(self): Counted.alive -= 1"
        )
        counted = emb.evaluate("Counted")
        for _ in range(2):  # until PyPy has compiled the loop, it holds some of them for a while
            for _ in range(5000):
                counted()
            emb.collect()
        self.assertLess(emb.evaluate("Counted.alive"), 10)

    def test_released_at_once(self):
        emb.run("import weakref\nclass Bare: pass\nplain = Bare()")
        proxy = emb.evaluate("plain")
        watch = emb.evaluate("weakref.ref(plain)")
        emb.run("del plain")
        self.assertIsNotNone(watch())
        emb.collect()
        emb.release(proxy)
        emb.collect()
        self.assertIsNone(watch())

    @on_pypy("this host counts references")
    def test_heavy_objects_do_not_pile_up(self):
        make = emb.evaluate("bytearray")

        def work():
            for _ in range(400):
                make(8 << 20)[0] = 1

        light = emb.evaluate("type('Light', (), {})")
        for many in 0, 3000, 50000:  # so many are together in a batch, soon, of which there are no others
            for _ in range(many):
                light()
            self.assertLess(self.most_taken(work), 1000)

    @on_pypy("this host counts references")
    def test_nor_do_those_that_show_nobody_their_memory(self):
        space = emb.Object({})
        emb.run(
            "class Picture:\n"
            "    def __init__(self): self.data = b'x' * (8 << 20)\n"
            "    def turned(self): return Picture()",
            space,
        )
        picture = space["Picture"]

        def work():
            for _ in range(300):
                work.latest = picture().turned().turned()  # which outlive a collection, some of them
            del work.latest

        light = emb.evaluate("type('Light', (), {})")
        for many in 0, 3000, 50000:
            for _ in range(many):
                light()
            self.assertLess(self.most_taken(work), 1000)

    def most_taken(self, work):
        """By how many MiB the process has grown meanwhile, at most."""
        resident = emb.evaluate("lambda: int(open('/proc/self/statm').read().split()[1]) >> 8")
        try:
            emb.collect()
            before, most = resident(), []
        except OSError:
            self.skipTest("no /proc here")
        ended = threading.Event()

        def look():
            while not ended.wait(0.01):
                most.append(resident())

        watching = threading.Thread(target=look)
        watching.start()
        try:
            work()
        finally:
            ended.set()
            watching.join()
        return max(most) - before


class Ending(Program):
    """In a host that is a CPython, threads that have ended leave states for another one to delete."""

    SCRIPT = """
        import emb, threading

        fail = emb.evaluate("lambda n: {}[n]")

        def work():
            for i in range(200):
                try:
                    fail(i)
                except KeyError as error:
                    assert error.args == (i,), error

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    """

    def test_a_program_ends_whose_threads_have_ended(self):
        path = self.write("script.py", self.SCRIPT)
        for _ in range(8):
            self.python(path)


class First(Program):
    """What is done for the first object of a kind, or the first function, is done before it is used."""

    SCRIPT = """
        import emb, threading

        class Base:
            pass

        class Plain(Base):
            def __init__(self):
                self.items = []

        change = emb.evaluate("lambda o: [o.items.append(i) for i in range(50)] and None")
        several, gate, missed = [Plain() for _ in range(4)], threading.Barrier(4), []

        def work(one):
            gate.wait()
            change(one)

        threading.excepthook = lambda about: missed.append(about.exc_value)
        threads = [threading.Thread(target=work, args=(one,)) for one in several]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        emb.evaluate("lambda o: o.items")(Plain())  # who came too late sees it with the next call
        assert not missed, missed
        for one in several:
            assert one.items == list(range(50)), one.items
    """

    def test_threads_that_pass_the_first_objects_at_once(self):
        path = self.write("script.py", self.SCRIPT)
        for _ in range(4):
            self.python(path)


_WAITING = """
    import threading, emb
    from concurrent.futures import ThreadPoolExecutor

    square, call = emb.evaluate("lambda n: n * n"), emb.evaluate("lambda f, *args: f(*args)")

    def in_pool(count):
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(square, range(count)))

    print(call(in_pool, 4))  # the first thread is begun in the callback itself
    print(call(lambda: call(in_pool, 3) + [len(call(in_pool, 2)), square(9)]))
    with emb.gil():
        print(call(in_pool, 3))
        print(square(3))

    def scoped():
        with emb.gil():
            return square(2)

    print(call(scoped))

    def fail():
        in_pool(2)
        raise KeyError("told")

    try:
        call(fail)
    except KeyError as error:
        print(error.args)

    lock, done = threading.Lock(), []

    def count(number):
        for _ in range(50):
            with lock:
                done.append(square(number))

    emb.run("import threading")
    threads = [emb.evaluate("threading.Thread")(target=count, args=(n,)) for n in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    print(len(done), sorted(set(done)))
"""
_WAITED = """\
[0, 1, 4, 9]
[0, 1, 4, 2, 81]
[0, 1, 4]
9
4
('told',)
150 [0, 1, 4]
"""


class Waiting(Program):
    @on_another("a host that is the embedded Python waits as it likes")
    def test_callbacks_wait_for_other_threads(self):
        path = self.write("waiting.py", _WAITING)
        self.assertEqual(self.python("-m", "emb", path, timeout=120), _WAITED)
