"""Starting and ending the embedded Python, and holding its lock.

There is one Python in a process.  It starts with `init()` or at the first use, and ends
with `shutdown()` or at the host's exit, while the host is still whole: after what the program has
registered with `atexit` since it has imported this (or, in a CPython, started it).
"""

import atexit
import json as _json
import os
import sys

from .._abi._crossings import fetch
from .._abi._declarations import CONSTANTS
from .._abi._error import BadArgument, failure
from .._abi._library import backend, functions

_BESIDE = CONSTANTS["EMB_BESIDE"]
_CONFIG_SIZE = 32  # sizeof(emb_config)
_QUIET = CONSTANTS["EMB_REQUIRE_QUIET"]

_state = {"started": False, "ended": False, "registered": False, "apart": False}
beside_by_default = False  # what `init` does if it is not told: see `python -m emb --beside`
_beginners = []  # functions that need a Python that has started
_parting = []  # functions that still use this Python, at its end
_bereaved = []  # functions that drop what was cached of this Python, or what it has used


def init(python=None, beside=None):
    """Starts the embedded Python.

    `python` is an interpreter or the folder of a virtual environment; by default
    EMB_PYTHON, VIRTUAL_ENV and so on are searched (see `doctor()`).  Calling it again
    does nothing.  Raises NoPython if there is no usable Python, Conflict if another one
    is running already.

    In a CPython the embedded Python is the host itself, unless `beside` is true: then it
    is another one beside the host, of another version or installation.
    """
    data = os.fsencode(python or "")
    area_owner, area, area_address = backend.area(len(data) + 1)
    area[0 : len(data)] = data
    owner, words, _reals, address = backend.block(_CONFIG_SIZE // 16)
    words[0] = _CONFIG_SIZE
    words[1] = area_address
    words[2] = len(data)
    words[3] = _BESIDE if (beside_by_default if beside is None else beside) else 0
    status = functions.emb_init(address)
    if status:
        raise failure(status)
    _begin()


def _begin():
    first = not _state["started"]
    _state["started"] = True
    if first:
        _state["apart"] = _is_apart()
    if not _state["registered"]:
        _state["registered"] = True
        if _state["apart"]:
            # The statuses tell of a Python that has ended, which is nothing to a fork.
            os.register_at_fork(
                before=functions.emb_fork_prepare,
                after_in_parent=functions.emb_fork_parent,
                after_in_child=functions.emb_fork_child,
            )
        if sys.implementation.name == "cpython":
            # Before what libemb has registered with the host's Python when it started its own.
            atexit.unregister(_at_exit)
            atexit.register(_at_exit)
    if first:
        for function in _beginners:
            function()


def require(*requirements, quiet=False):
    """Sees to it that packages are there: require("numpy>=2", "matplotlib").

    Where the Python that `init` would find has them, that one is started.  Otherwise an
    environment with just these packages is made for it in the user's cache, with uv or pip,
    once for all processes.  A Python that runs already gets its packages before its own.
    `quiet` hides what the installer says.  Raises Unsatisfied where they cannot be had.
    """
    for one in requirements:
        if not isinstance(one, str) or "\n" in one:
            raise BadArgument("a requirement is a str of one line such as 'numpy>=2', not %r" % (one,))
    data = "\n".join(requirements).encode("utf-8")
    area_owner, area, address = backend.area(len(data) + 1)
    area[0 : len(data)] = data
    status = functions.emb_require(address, len(data), _QUIET if quiet else 0)
    if status:
        raise failure(status)
    _begin()


def ensure():
    """Starts the embedded Python with the default configuration if none was started."""
    if not _state["started"]:
        init()


def _is_apart():
    """Whether the Python that libemb runs is another than the one that runs this."""
    if sys.implementation.name != "cpython":
        return True
    source = b"id(__import__('sys').modules)"
    owner, area, address = backend.area(len(source))
    area[0 : len(source)] = source
    return fetch(functions.emb_eval, address, len(source), 0, 0) != id(sys.modules)


def apart():
    """Whether the embedded Python is another than the host; known when it has started."""
    return _state["apart"]


def running():
    """Whether there is a Python that has been started and has not ended."""
    return _state["started"] and not _state["ended"]


def after_start(function):
    """`function` runs when the embedded Python has started."""
    _beginners.append(function)


def before_shutdown(function):
    """`function` runs before the embedded Python ends."""
    _parting.append(function)


def after_shutdown(function):
    """`function` runs when the embedded Python has ended and calls nobody any more.  What is cached
    of it is dropped then: its atexit functions may still call the host."""
    _bereaved.append(function)


def shutdown():
    """Ends the embedded Python: its atexit functions run, its output is flushed.

    Proxies raise NotRunning from now on, and no Python can be started in this process
    any more.  Done automatically when the host exits.
    """
    for function in _parting:
        function()
    status = functions.emb_shutdown()
    if status:
        raise failure(status)
    _state["ended"] = True
    for function in _bereaved:
        function()
    atexit.unregister(_at_exit)


def _at_exit():
    if not running():
        return
    try:
        shutdown()
    except Exception as error:
        # Nobody is left to catch it, and the exit must go on.
        sys.stderr.write("emb: at exit: %s\n" % error)


def doctor(json=False):
    """What was found and chosen and why, as text; with json=True as a dict.

    Works before `init()` and after one that failed.
    """
    report = fetch(functions.emb_doctor, 1 if json else 0)
    if json:
        return _json.loads(report)
    import platform  # slow to import, and rarely needed

    host = "%s %s, %s" % (
        platform.python_implementation(),
        platform.python_version(),
        sys.executable,
    )
    return "%s\nhost: %s\nbackend: %s\n" % (report.rstrip("\n"), host, backend.name)


class gil:
    """`with gil():` holds Python's lock for a block of many operations.

    Each operation is cheaper then by the price of taking the lock (about 50 ns), and no
    other thread runs Python meanwhile.  May be nested.  Where the embedded Python is the
    host itself, a thread that runs Python code holds the lock anyway, and this does nothing.
    """

    __slots__ = ()

    def __enter__(self):
        ensure()
        if _state["apart"]:
            status = functions.emb_gil_acquire()
            if status:
                raise failure(status)

    def __exit__(self, kind, value, traceback):
        if _state["apart"]:
            status = functions.emb_gil_release()
            if status:
                raise failure(status)


gil.__module__ = "emb"
atexit.register(_at_exit)
