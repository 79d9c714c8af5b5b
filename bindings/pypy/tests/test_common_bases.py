"""Classes of Python's that derive from the standard library's: who derives from them is the host's, too."""

import argparse
import ast
import json
import logging
import queue
import threading
import unittest

import emb

SPACE = emb.Object({})
emb.run(
    """
import argparse, ast, json, logging, queue, random, threading, unittest
class Case(unittest.TestCase):
    def setUp(self): self.ready = True
    def assertReady(self): self.assertTrue(self.ready)
class Thread(threading.Thread):
    def run(self): self.ran = self.name
class Handler(logging.Handler):
    seen = ()
    def emit(self, record): self.seen += (record.getMessage(),)
class Encoder(json.JSONEncoder):
    def default(self, value): return "unknown"
class Parser(argparse.ArgumentParser): pass
class Queue(queue.Queue): pass
class Visitor(ast.NodeVisitor): pass
class Generator(random.Random): pass
""",
    SPACE,
)


class CommonBases(unittest.TestCase):
    def test_it_is_a_subclass_of_the_host_s(self):
        for name, base in (
            ("Case", unittest.TestCase), ("Thread", threading.Thread), ("Handler", logging.Handler),
            ("Encoder", json.JSONEncoder), ("Parser", argparse.ArgumentParser), ("Queue", queue.Queue),
            ("Visitor", ast.NodeVisitor),
        ):  # fmt: skip
            with self.subTest(name):
                own = _derive(SPACE[name])
                self.assertTrue(issubclass(own, base))
                self.assertEqual([one.__name__ for one in own.__mro__].count(base.__name__), 1 + (name == base.__name__))
        self.assertIsInstance(_derive(SPACE["Thread"])(), threading.Thread)
        self.assertIsInstance(_derive(SPACE["Generator"])(3).random(), float)

    def test_a_case_is_found_and_run(self):
        class Own(SPACE["Case"]):
            def test_passing(self):
                self.assertReady()

            def test_failing(self):
                self.assertEqual(1, 2)

            def test_raising(self):
                raise KeyError("own")

            @unittest.skip("why not")
            def test_skipped(self):
                pass

        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(Own).run(result)
        counts = result.testsRun, len(result.failures), len(result.errors), len(result.skipped)
        self.assertEqual(counts, (4, 1, 1, 1))
        self.assertIn("AssertionError: 1 != 2", result.failures[0][1])

    def test_nothing_of_the_host_s_runs(self):
        class Own(SPACE["Thread"]):
            def __init__(self, number):
                super().__init__(name="own %d" % number, daemon=True)
                self.number = number

            def run(self):
                super().run()
                self.number += 1

        own = Own(4)
        own.start()
        own.join()
        self.assertEqual((own.number, own.ran, own.daemon, own.is_alive()), (5, "own 4", True, False))
        there = emb.evaluate("lambda t: ('_started' in vars(t), isinstance(t, __import__('threading').Thread))")
        self.assertEqual(there(own), (True, True))
        for name in "missing", "_os_thread_handle_":
            with self.assertRaises(AttributeError):
                getattr(own, name)
        with self.assertRaises(RuntimeError):
            own.start()

    def test_a_handler_of_the_host_s_records(self):
        handler = _derive(SPACE["Handler"])()
        logger = logging.getLogger("test of common bases")
        logger.propagate = False
        logger.addHandler(handler)
        try:
            logger.warning("number %d", 3)
        finally:
            logger.removeHandler(handler)
        self.assertEqual(handler.seen, ("number 3",))
        self.assertEqual(json.dumps([object()], cls=_derive(SPACE["Encoder"])), '["unknown"]')


def _derive(base):
    class Own(base):
        pass

    return Own


if __name__ == "__main__":
    unittest.main()
