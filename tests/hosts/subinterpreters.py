"""Subinterpreters of a host that is CPython, and their threads, are refused; the main one goes on.

Arguments: "init": before libemb has attached to it as well.
"""

import os
import sys

try:
    import _interpreters
except ImportError:  # before 3.13
    import _xxsubinterpreters as _interpreters

import raw

# The library is opened anew there: nothing of this interpreter's is in that one.
CALL = """
import ctypes, os, threading
status, text = [], []

def call():
    lib = ctypes.{kind}(os.environ["EMB_LIBRARY"])
    lib.emb_error_text.restype = ctypes.c_char_p
    room = (ctypes.c_uint64 * 2)()
    status.append({what})
    text.append(lib.emb_error_text().decode())

if {thread}:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
else:
    call()
assert status == [-7], (status, text)
assert "this thread runs a subinterpreter, and libemb works with the main" in text[0], text
"""
EVAL = "lib.emb_eval(b'1', ctypes.c_int64(-1), ctypes.c_uint64(0), 0, ctypes.byref(room))"
INIT = "lib.emb_init(None)"


def create():
    if sys.version_info >= (3, 13):
        return _interpreters.create("legacy")
    return _interpreters.create(isolated=False)


def in_subinterpreter(what, kind, thread):
    # Where the state that CPython knows of a thread is the first, it says nothing of a later one.
    if sys.version_info < (3, 12) and not thread:
        return 0
    interpreter = create()
    code = CALL.format(what=what, kind=kind, thread=thread)
    error = _interpreters.run_string(interpreter, code)
    assert error is None, error
    _interpreters.destroy(interpreter)
    return 1


def refusals(what):
    return sum(
        in_subinterpreter(what, kind, thread) for kind in ("CDLL", "PyDLL") for thread in (False, True)
    )


def main():
    os.environ["EMB_PYTHON"] = ""
    count = refusals(INIT) if "init" in sys.argv else 0
    raw.check(raw.lib.emb_init(None))
    assert raw.doctor()["state"] == "attached"
    count += refusals(EVAL)
    assert raw.evaluate("6 * 7") == 42
    count += refusals(INIT.replace("emb_init(None)", "emb_gil_acquire()"))
    assert raw.evaluate("id(__import__('sys').modules)") == id(sys.modules)
    raw.check(raw.lib.emb_shutdown())
    print(count, "calls were refused")


main()
