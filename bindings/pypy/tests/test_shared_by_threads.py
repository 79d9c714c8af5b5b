"""Containers that both sides have, while several threads pass, keep, change and drop them."""

import random
import threading
import unittest

import emb

from . import on_pypy

SPACE = emb.Object({})
emb.run(
    """
import threading, time
class Keeper:
    def __init__(self):
        self.held = {}
    def keep(self, name, items):
        self.held[name] = items
    def drop(self, name):
        self.held.pop(name, None)
    def append(self, name):
        if name in self.held: self.held[name].append("python")
def keep_slowly(keeper, name, items):
    time.sleep(0.3)
    keeper.keep(name, items)
def each(function, items):
    for i in range(3): function(items)
def in_threads(function, items):
    threads = [threading.Thread(target=function, args=(items,)) for i in range(2)]
    for one in threads: one.start()
    for one in threads: one.join()
""",
    SPACE,
)
Keeper, keep_slowly, each, in_threads = [SPACE[n] for n in ("Keeper", "keep_slowly", "each", "in_threads")]


@on_pypy("a copy, what a call keeps")
class SharedByThreads(unittest.TestCase):
    def setUp(self):
        self.keepers = [Keeper() for _ in range(3)]
        self.lists = [[i] for i in range(4)] + [[] for _ in range(4)]
        self.failed = []

    def step(self, choose):
        keeper, one = choose.choice(self.keepers), choose.choice(self.lists)
        name, what = str(id(one)), choose.randrange(7)
        if what == 0:
            keeper.keep(name, one)
        elif what == 1:
            keeper.drop(name)
        elif what == 2:
            keeper.append(name)
        elif what == 3:
            each(lambda got: got.append(1), one)
        elif what == 4:
            in_threads(lambda got: got.append(2), one)
        elif what == 5:
            one.append(choose.random())
        else:
            list(keeper.held.get(name, ()))
        if len(one) > 50:
            del one[:]
        keeper.fresh = [1, 2]
        if keeper.fresh[0] != 1:
            raise AssertionError("what was assigned is another")

    def work(self, seed):
        choose = random.Random(seed)
        try:
            for _ in range(250):
                self.step(choose)
        except BaseException as error:
            self.failed.append(error)

    def test_nothing_is_mixed_up(self):
        threads = [threading.Thread(target=self.work, args=(seed,)) for seed in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for error in self.failed:
            raise error
        for one in self.lists:
            self.assertEqual(list(emb.Object(one)), one)

    def test_what_is_changed_while_a_call_keeps_it(self):
        keeper, one = Keeper(), [1, 2, 3]
        emptying = threading.Timer(0.1, one.clear)
        emptying.start()
        keep_slowly(keeper, "one", one)
        emptying.join()
        self.assertEqual(one, [])
        self.assertEqual(list(keeper.held["one"]), [])
        keeper.append("one")
        self.assertEqual(one, ["python"])


if __name__ == "__main__":
    unittest.main()
