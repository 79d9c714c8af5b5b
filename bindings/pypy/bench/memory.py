"""Ten million operations on proxies, and what has become of both heaps.

    pypy3 memory.py [operations]
"""

import array
import gc
import sys

import emb

_EACH = 10  # operations in a round


def rounds(count):
    """Proxies made and dropped, methods, items, callbacks, memory that is shared, exceptions."""
    np = emb.import_mod("numpy")
    a, lists = np.arange(10.0), emb.evaluate("[[], {}]")
    memory, pieces = array.array("d", range(10)), bytearray(80)
    call = emb.evaluate("lambda f, x: f(x)")
    add, total, frombuffer = np.add, np.sum, np.frombuffer

    def half(x):
        return x / 2

    for i in range(count // _EACH):
        (a + i).sum()
        a.reshape(2, 5, order="C")
        add(a, memory)
        frombuffer(memory)
        frombuffer(pieces)
        total(memory)
        call(half, i)
        call(lambda x: [x], i)
        lists[1].update(key=i)
        try:
            a[i + 10]
        except IndexError:
            pass


def resident():
    """Bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def host_heap():
    """Bytes that PyPy's collector holds; elsewhere 0, because there is but one heap."""
    statistics = gc.get_stats()
    return statistics._s.total_gc_memory if hasattr(statistics, "_s") else 0


def measure(count, warm_up):
    """Growth after a warm-up: bytes of the process, of the host's heap, blocks of CPython's."""
    blocks = emb.evaluate("__import__('sys').getallocatedblocks")
    rounds(warm_up)
    before = _settled(blocks)
    rounds(count)
    return [after - earlier for after, earlier in zip(_settled(blocks), before)]


def _settled(blocks):
    for _ in range(3):
        emb.collect()
    return resident(), host_heap(), blocks()


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    # PyPy still compiles what is rare after millions of operations.
    grown, heap, blocks = measure(count, max(count // 2, 50_000))
    print("%d operations: %+d KiB of the process, %+d KiB of the host's heap, %+d blocks of CPython" % (
        count, grown // 1024, heap // 1024, blocks))  # fmt: skip
