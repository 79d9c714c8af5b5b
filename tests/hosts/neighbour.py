"""A thread of the host that imports and uses the host's own extension modules, again and again,
while the embedded Python loads its own: both must get theirs.  Only where the host is CPython.
"""

import contextlib
import ctypes
import importlib
import os
import sys
import sysconfig
import threading

# Importing these a second time, or at all, does more than define names.
_LEFT_OUT = ("_test", "_xx", "xx", "readline", "_tkinter", "_ctypes_test", "_curses", "_gdbm", "_dbm")


def _names():
    folder = sysconfig.get_path("platstdlib") + "/lib-dynload"
    names = sorted(file.split(".")[0] for file in os.listdir(folder) if file.endswith(".so"))
    return folder, [name for name in names if not name.startswith(_LEFT_OUT)]


def _use():
    """Would crash, or give nonsense, if a module were bound to the other Python."""
    import array
    import decimal
    import json
    import zlib

    assert json.loads('{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert decimal.Decimal(2).sqrt() ** 2 < 2.1
    assert zlib.decompress(zlib.compress(b"x" * 999)) == b"x" * 999
    assert array.array("d", [1, 2]).tolist() == [1, 2]
    version = ctypes.pythonapi.Py_GetVersion
    version.restype = ctypes.c_char_p
    assert version().decode() == sys.version, version()


@contextlib.contextmanager
def at_work():
    """While the block runs, the host's thread does its work; what it raises is raised at the end."""
    if sys.implementation.name != "cpython":
        yield
        return
    done, failed, rounds = threading.Event(), [], []
    folder, names = _names()

    def work():
        try:
            while not rounds or not done.is_set():
                for name in names:
                    try:
                        module = importlib.import_module(name)
                    except ImportError:
                        continue
                    assert os.path.dirname(module.__file__) == folder, module
                    _use()
                rounds.append(len(names))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if failed:
        raise failed[0]
    print("meanwhile the host imported its %d modules, %d times" % (len(names), len(rounds)))
