"""A long loop of operations grows neither heap: what bench/memory.py does ten million times."""

import os
import unittest

from bench.memory import measure
from tests import needs_numpy


class Memory(unittest.TestCase):
    @needs_numpy
    @unittest.skipUnless(os.path.exists("/proc/self/statm"), "no /proc here")
    def test_operations_leave_nothing_behind(self):
        # One thing left behind in each round would be 20,000 blocks, or 1.5 MB.
        _resident, heap, blocks = measure(200_000, 100_000)
        self.assertLess(blocks, 4_000)
        self.assertLess(heap, 1_000_000)
