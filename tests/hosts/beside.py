"""A CPython that runs beside the host's own: each has its own objects, functions and modules.

Arguments: extension modules of the embedded Python, as files, that the host maps before.
"""

import ctypes
import os
import sys
import sysconfig

import raw

# Runs in each of the two Pythons, and must find it itself.
LOOK = """
import ctypes, os, sys

def where(address):
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if start <= address < end:
            return os.path.realpath(line.split()[-1])

def look():
    api = ctypes.pythonapi
    api.Py_GetVersion.restype = ctypes.c_char_p
    assert api.Py_GetVersion().decode() == sys.version
    assert ctypes.addressof(ctypes.c_char.in_dll(api, "_Py_NoneStruct")) == id(None)
    assert ctypes.addressof(ctypes.c_char.in_dll(api, "PyDict_Type")) == id(dict)
    api.PyLong_FromLong.restype = ctypes.py_object
    assert api.PyLong_FromLong(7) is 7 + int("0")
    import _json
    scanner = ctypes.cast(api.PyModule_GetDict, ctypes.c_void_p).value
    return [id(None), id(dict), where(scanner), where(id(dict)), sys.version]
"""


def main():
    assert sys.implementation.name == "cpython"
    mapped = [ctypes.CDLL(path, os.RTLD_LAZY) for path in sys.argv[1:]]
    exec(LOOK, globals())
    import _json
    import _ctypes
    import math

    before = look()  # noqa: F821
    own = sys.executable.encode()
    config = raw.Config(ctypes.sizeof(raw.Config), own, len(own), 1, 0)
    status = raw.lib.emb_init(ctypes.byref(config))
    assert status == -5 and "same installation" in str(raw.Failed(status)), status
    assert raw.doctor()["state"] == "idle", "a refusal that has done half of it"

    raw.start()
    report = raw.doctor()
    assert report["state"] == "running", report["state"]
    assert report["beside"].split()[0] == sys.version.split()[0], report["beside"]
    assert report["clash"]["method"] == "stub", report["clash"]["method"]
    assert len(report["clash"]["names"]) > 1000, len(report["clash"]["names"])

    raw.run(LOOK)
    there = raw.evaluate_json("look()")
    here = look()  # noqa: F821
    assert here == before, (here, before)
    assert not set(here) & set(there), (here, there)
    library = os.path.realpath(report["python"]["libpython"])
    assert there[2:4] == [library, library] and library not in here, (here, there)

    # Threads, the host's and the embedded Python's, through both at once.
    import threading

    def work(results):
        for number in range(200):
            results.append(raw.evaluate("sum(range(%d))" % number))

    raw.run("""
import threading
threads = [threading.Thread(target=lambda: [str(n) for n in range(20000)]) for _ in range(3)]
for thread in threads: thread.start()
""")
    results = [[] for _ in range(4)]
    threads = [threading.Thread(target=work, args=(one,)) for one in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(one == [n * (n - 1) // 2 for n in range(200)] for one in results)
    raw.run("for thread in threads: thread.join()")

    # The host's modules are its own, also those that it imports only now.
    for name in ("_decimal", "_sqlite3", "_ssl", "_elementtree"):
        module = __import__(name)
        raw.run("import " + name)
        theirs = raw.evaluate("getattr(%s, '__file__', 'built in')" % name)
        ours = getattr(module, "__file__", sysconfig.get_path("platstdlib"))
        assert ours.startswith(sysconfig.get_path("platstdlib")) and ours != theirs, (ours, theirs)
    assert str(sys.modules["_decimal"].Decimal("0.1") * 3) == raw.evaluate(
        "str(_decimal.Decimal('0.1') * 3)"
    )
    assert math.factorial(20) == raw.evaluate("__import__('math').factorial(20)")

    # A second start is fine, another Python is not, and the host's own is another.
    raw.start()
    for path in (sys.executable, "/nowhere/python3"):
        data = path.encode()
        config = raw.Config(ctypes.sizeof(raw.Config), data, len(data), 1, 0)
        status = raw.lib.emb_init(ctypes.byref(config))
        assert status == -6, status
        text = str(raw.Failed(status))
        assert "one Python" in text and path in text, text
    raw.check(raw.lib.emb_shutdown())
    assert look() == before  # noqa: F821
    print("%s beside %s, %d mapped" % (there[4].split()[0], sys.version.split()[0], len(mapped)))


main()
