"""A program for the embedded Python, run by hosts of all kinds: it has children of every kind.

CHILDREN_MARKS is a file to which the host adds a line whenever it starts: there must be one.
"""

import concurrent.futures
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import threading
import warnings
from multiprocessing import resource_tracker, shared_memory

HOST = os.getpid()


def program(pid="self"):
    return os.path.realpath("/proc/%s/exe" % pid)


def cube(number):  # in __main__, which the children import from this file
    return number**3


def about(_number=0):
    import __main__

    return program(), platform.python_implementation(), sys.executable, sys.argv, __main__.__name__


def hold(lock, queue, number):
    with lock:
        queue.put(number)


def fail():
    raise ValueError("in the child")


def with_context(method):
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        assert pool.map(cube, range(6)) == [0, 1, 8, 27, 64, 125]
        exe, implementation, executable, argv, _main = pool.apply(about)
        # A fork is the host's program, which goes on and is not started again.
        assert exe == (program() if method == "fork" else os.path.realpath(sys.executable)), exe
        assert (implementation, executable, argv) == ("CPython", sys.executable, sys.argv)
        failed = pool.apply_async(fail)
        try:
            failed.get(60)
        except ValueError as error:
            assert str(error) == "in the child"
        else:
            raise AssertionError("no error")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        assert list(executor.map(cube, [4, 9])) == [64, 729]
    lock, queue = context.Lock(), context.Queue()
    children = [context.Process(target=hold, args=(lock, queue, n)) for n in range(3)]
    for child in children:
        child.start()
    assert sorted(queue.get(timeout=60) for _child in children) == [0, 1, 2]
    for child in children:
        child.join(60)
        assert child.exitcode == 0, child
    print("children by", method)


def with_default():
    assert multiprocessing.parent_process() is None
    multiprocessing.freeze_support()  # nothing to do in a program that is not frozen
    with multiprocessing.Pool(2) as pool:
        assert pool.map(cube, [2, 3]) == [8, 27]
    memory = shared_memory.SharedMemory(create=True, size=100)
    memory.buf[:3] = b"abc"
    other = shared_memory.SharedMemory(memory.name)
    assert bytes(other.buf[:3]) == b"abc"
    other.close()
    memory.close()
    memory.unlink()
    tracker = resource_tracker._resource_tracker._pid
    assert program(tracker) == os.path.realpath(sys.executable), program(tracker)


def with_subprocess():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, numpy; print(sys.prefix, numpy.add(2, 3))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.split() == [sys.prefix, "5"], said
    said = subprocess.run([sys._base_executable, "-c", "import sys; print(sys.base_prefix)"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert said.stdout.split() == [sys.base_prefix], said
    said = subprocess.run(["true"], preexec_fn=os.getpid, check=True)


def with_joblib():
    import joblib

    done = joblib.Parallel(n_jobs=2)(joblib.delayed(about)(n) for n in range(4))
    assert {one[:2] for one in done} == {(os.path.realpath(sys.executable), "CPython")}, done
    import numpy

    done = joblib.Parallel(n_jobs=2)(joblib.delayed(numpy.sum)([n, 1]) for n in range(4))
    assert done == [1, 2, 3, 4]


def with_fork():
    pid = os.fork()
    if pid == 0:
        import numpy

        thread = threading.Thread(target=numpy.arange, args=(3,))
        thread.start()
        thread.join()
        os._exit(int(numpy.arange(4).sum()))
    assert os.waitpid(pid, 0)[1] >> 8 == 6


def main():
    signal.alarm(200)
    if sys.version_info >= (3, 12):
        warnings.filterwarnings("ignore", "This process .* is multi-threaded")
    assert program() != os.path.realpath(sys.executable), "the host is this very Python"
    assert getattr(sys, "orig_argv", []) == [], sys.orig_argv  # none: no python was started
    with_subprocess()
    with_fork()
    with_default()
    for method in sys.argv[1:] or ["fork", "spawn", "forkserver"]:
        with_context(method)
    with_joblib()
    with open(os.environ["CHILDREN_MARKS"]) as marks:
        starts = marks.read().split()
    assert starts == [str(HOST)], "the host was started %d times" % len(starts)
    print("the host was started once")


if __name__ == "__main__":
    main()
