"""One standard output, error output and input.

What Python prints goes to the host's `sys.stdout` and `sys.stderr`, in order with what the host prints
and to wherever they are redirected, and what it reads comes from the host's `sys.stdin`.  Where Python's
code puts something of its own into its `sys`, as tools that test command lines do, the host has that too,
until Python puts back what was there.
"""

import sys

from .._abi import _declarations
from .._abi._error import failure
from .._abi._library import backend, functions
from .._callables._frames import entries
from .._interpreter import _session
from .._interpreter._code import Part

_NAMES = {
    _declarations.CONSTANTS["EMB_STDOUT"]: "stdout",
    _declarations.CONSTANTS["EMB_STDERR"]: "stderr",
}

_SOURCE = """
import importlib, io, sys, types

class Input:
    "The standard input of the host, whatever that is at the moment."
    __class__ = property(lambda self: io.TextIOWrapper)
    def __getattr__(self, name):
        return getattr(host_input(), name)
    def __iter__(self):
        return self
    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

class Sys(types.ModuleType):
    "The class of the module, of which imports would make others."
    __module__ = "builtins"
    def __new__(cls, *args, **kwargs):
        return types.ModuleType(*args, **kwargs)
    def __reduce_ex__(self, protocol):
        return importlib.import_module, (self.__name__,)
    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name in streams:
            put(name, value is streams[name], value)

def join():
    sys.stdin = streams["stdin"]
    sys.__class__ = Sys

def part():
    sys.__class__ = types.ModuleType

streams = {"stdin": Input(), "stdout": sys.stdout, "stderr": sys.stderr}
"""

_owners = []
_theirs = {}  # name -> (what the host had there, what Python has put there)


def _own(name):
    """What the host itself has there."""
    current = getattr(sys, name)
    before, put = _theirs.get(name, (None, None))
    return before if put is not None and current is put else current


def _put(name, is_own, value):
    """Python has put something into its `sys`."""
    before = _own(name)
    if not is_own:
        _theirs[name] = before, value
        setattr(sys, name, value)
    elif name in _theirs:
        del _theirs[name]
        setattr(sys, name, before)


def _write(stream, text, length):
    text = backend.read_bytes(text, length).decode("utf-8", "replace")
    _own(_NAMES[stream]).write(text)


def _released(stream):
    """libemb: Python has dropped the stream."""


_python = Part(_SOURCE, lambda: {"host_input": lambda: _own("stdin"), "put": _put})


def join():
    """From now on."""
    write, write_address = backend.callback("emb_write", _write)
    release, release_address = backend.callback("emb_release", _released)
    _owners.extend((write, release))
    entries.add(_write.__code__)
    for stream in _NAMES:
        status = functions.emb_stream_set(stream, write_address, stream, 0, release_address)
        if status:
            raise failure(status)
    _python("join")()
    _session.before_shutdown(_part)


def _part():
    _python("part")()
    for name in list(_theirs):
        _put(name, True, None)
