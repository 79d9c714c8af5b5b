"""The embedded Python is what the interpreter is when it is run, and the host stays itself."""

import ctypes
import json
import os
import signal
import subprocess
import sys

import raw

NAMES = "executable _base_executable prefix base_prefix exec_prefix version".split()

libc = ctypes.CDLL(None)
libc.signal.restype = ctypes.c_void_p
libc.setlocale.restype = ctypes.c_void_p
LC_ALL = 6


def c_environment():
    """The environment as C sees it, which os.environ may not."""
    variables = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    found = []
    while variables[len(found)] is not None:
        found.append(variables[len(found)])
    return found


def sigint_handler():
    """The handler of the process: read by replacing it for a moment."""
    ours = libc.signal(signal.SIGINT, ctypes.c_void_p(0))
    libc.signal(signal.SIGINT, ctypes.c_void_p(ours))
    return ours


def state():
    with open("/proc/self/environ", "rb") as at_start:
        return {
            "os.environ": dict(os.environ),
            "environ in C": c_environment(),
            "environment at the start": at_start.read(),
            "SIGINT": sigint_handler(),
            "SIGINT of Python": signal.getsignal(signal.SIGINT),
            "folder": os.getcwd(),
            "arguments": list(sys.argv),
            "locale": ctypes.string_at(libc.setlocale(LC_ALL, None)),
        }


def main():
    before = state()
    raw.start()
    raw.run("import signal, os, sys, ctypes, subprocess, multiprocessing, threading")
    after = state()
    for name in before:
        # Not the values: an environment may hold secrets, and this is printed.
        assert before[name] == after[name], "%s has changed" % name
    print("environment, signal handlers and locale are untouched")

    interrupted = []
    signal.signal(signal.SIGINT, lambda number, frame: interrupted.append(number))
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):
        pass
    assert interrupted == [signal.SIGINT], "the host's own handler did not run"

    assert raw.evaluate_json("dict(os.environ)") == dict(os.environ)

    python = raw.doctor()["python"]["executable"]
    script = "import sys, json; print(json.dumps({n: getattr(sys, n) for n in %r}))" % NAMES
    native = subprocess.run([python, "-c", script], stdout=subprocess.PIPE, check=True)
    native = json.loads(native.stdout.decode())
    if sys.argv[1:] == ["venv"]:
        assert native["prefix"] != native["base_prefix"], "not a venv"
    for name in NAMES:
        ours = raw.evaluate("sys.%s" % name)
        assert ours == native[name], (name, ours, native[name])
        print("%-16s %s" % (name, ours.replace("\n", " ")))

    where = """
def where(address):
    for line in open("/proc/self/maps"):
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if start <= address < end:
            return line.split()[-1]
"""
    raw.run(where)
    getter = "ctypes.cast(%s, ctypes.c_void_p).value"
    for name in ("Py_IsInitialized", "PyType_GetFlags", "PyModule_AddType"):
        if "no" == raw.evaluate("'yes' if hasattr(ctypes.pythonapi, %r) else 'no'" % name):
            continue
        file = raw.evaluate("where(%s)" % getter % ("ctypes.pythonapi." + name))
        assert os.path.realpath(file) == os.path.realpath(raw.doctor()["python"]["libpython"]), (
            name,
            file,
        )
        print("ctypes.pythonapi.%s is in %s" % (name, file))
    assert raw.evaluate("ctypes.pythonapi.Py_IsInitialized()") == 1
    raw.run("ctypes.pythonapi.PyUnicode_FromString.restype = ctypes.py_object")
    assert raw.evaluate("ctypes.pythonapi.PyUnicode_FromString(b'hello')") == "hello"


main()
