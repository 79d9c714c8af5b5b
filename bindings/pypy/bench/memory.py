"""Ten million operations on proxies, and what has become of both heaps.

    pypy3 memory.py [operations]
"""

import gc
import sys

import emb


def resident():
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def operations(np, a, count):
    for i in range(count):
        (a + i).sum()


def measure(count):
    """Growth of the process, in bytes, and of the number of CPython's blocks, after a warm-up."""
    np, blocks = emb.import_mod("numpy"), emb.evaluate("__import__('sys').getallocatedblocks")
    a = np.arange(10.0)
    operations(np, a, max(count // 10, 50_000))
    gc.collect()
    emb.collect()
    before = resident(), blocks()
    operations(np, a, count)
    gc.collect()
    emb.collect()
    return resident() - before[0], blocks() - before[1]


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    grown, blocks = measure(count)
    print("%d operations: %+d KiB of the process, %+d blocks of CPython" % (
        count, grown // 1024, blocks))  # fmt: skip
