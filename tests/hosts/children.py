"""Processes that the embedded Python starts are Python, and never the host again."""

import os

import raw

SOURCE = """
import concurrent.futures, math, multiprocessing, os, platform, subprocess, sys

def program(pid="self"):
    return os.path.realpath("/proc/%s/exe" % pid)

expected = os.path.realpath(sys.executable)
assert program() != expected, "the host is a PyPy"

said = subprocess.run(
    [sys.executable, "-c", "import platform, os, numpy; print(platform.python_implementation(),"
     "os.path.realpath('/proc/self/exe'), numpy.add(2, 3))"],
    capture_output=True, text=True, check=True)
assert said.stdout.split() == ["CPython", expected, "5"], said

spawn = multiprocessing.get_context("spawn")
with spawn.Pool(2) as pool:
    assert pool.map(math.factorial, range(6)) == [1, 1, 2, 6, 24, 120]
    assert pool.apply(platform.python_implementation) == "CPython"
    assert pool.apply(os.path.realpath, ("/proc/self/exe",)) == expected
    assert pool.apply(os.getppid) == os.getpid()

with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawn) as executor:
    assert list(executor.map(math.sqrt, [4, 9])) == [2, 3]

queue = spawn.Queue()
child = spawn.Process(target=queue.put, args=("from the child",))
child.start()
assert queue.get(timeout=60) == "from the child"
child.join()
assert child.exitcode == 0

import joblib
done = joblib.Parallel(n_jobs=2)(joblib.delayed(os.path.realpath)(p) for p in ["/proc/self/exe"] * 4)
assert set(done) == {expected}, done
"""


def main():
    raw.start()
    raw.run(SOURCE)
    raw.check(raw.lib.emb_shutdown())
    print("children of %d were all CPython" % os.getpid())


main()
