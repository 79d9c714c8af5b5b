"""The host's frames, for Python code that looks who has called it.

`df.query("a > @limit")`, numexpr, sympy's `var` and formulas read, or write, the variables of
their caller, which is the host.  So where Python's own stack ends, that of the host goes on.
"""

import collections.abc
import itertools
import sys
import types

from ._code import Part
from ._files import is_crossing
from ._object import possible
from ._shared_items import shared

_SOURCE = '''
import sys, types

real = sys._getframe

def _getframe(depth=0):
    if not depth and "__name__" not in real(1).f_globals:
        return real(1)  # C code has it run, and wants one of its own: so Cython makes tracebacks
    try:
        return Linked(real(depth + 1))
    except ValueError:
        count, frame = 0, real(1)
        while frame is not None:
            count, frame = count + 1, frame.f_back
        found = host_frame(depth - count)
        if found is None:
            raise
        return found

class Linked:
    """A frame whose last predecessor is followed by the host's."""
    __slots__ = ("_frame",)
    __class__ = property(lambda self: types.FrameType)
    __module__ = property()  # a frame has none, and inspect.getmodule() would believe it
    def __init__(self, frame):
        object.__setattr__(self, "_frame", frame)
    @property
    def f_back(self):
        back = self._frame.f_back
        return host_frame(0) if back is None else Linked(back)
    def __getattr__(self, name):
        return getattr(self._frame, name)
    def __setattr__(self, name, value):
        setattr(self._frame, name, value)
    def __eq__(self, other):
        return self._frame == getattr(other, "_frame", other)
    def __hash__(self):
        return hash(self._frame)
    def __repr__(self):
        return repr(self._frame)

_getframe.__doc__ = real.__doc__
def install():
    sys._getframe = _getframe
'''


class Code:
    """The code that a frame of the host runs, as Python sees it: what it does is not written in
    instructions of Python."""

    co_code = _co_code_adaptive = co_exceptiontable = b""

    def __init__(self, code):
        self._code = code

    @property
    def __class__(self):
        return types.CodeType

    def co_positions(self):
        # Nobody knows, in the host; at least as many as there are instructions.
        return itertools.repeat((None,) * 4, len(self._code.co_code))

    def co_lines(self):
        return iter(())

    def _varname_from_oparg(self, place):
        code = self._code
        return (code.co_varnames + code.co_cellvars + code.co_freevars)[place]

    @property
    def co_qualname(self):
        return getattr(self._code, "co_qualname", self._code.co_name)

    def __getattr__(self, name):
        return getattr(self._code, name)


class Frame:
    """One of the host's frames, as Python sees it."""

    def __init__(self, frame):
        self._frame = frame
        self._globals = None

    @property
    def __class__(self):
        return types.FrameType

    @property
    def f_code(self):
        return Code(self._frame.f_code)

    @property
    def f_locals(self):
        names = self._frame.f_locals
        # Who has read a copy of them may clear that; outside of functions it is none.
        if names is self._frame.f_globals:
            return self.f_globals
        return Variables(names if isinstance(names, dict) else dict(names))

    @property
    def f_globals(self):
        if self._globals is None:
            self._globals = Variables(self._frame.f_globals)
        return self._globals

    @property
    def f_back(self):
        return _program(self._frame.f_back, 0)

    def __getattr__(self, name):
        return getattr(self._frame, name)


class Variables(collections.abc.MutableMapping):
    """Variables of a frame, each of which crosses when it is asked for; written, they are the host's."""

    def __init__(self, names):
        self._names = names

    def __getitem__(self, name):
        return shared(self._names[name])

    def __setitem__(self, name, value):
        self._names[name] = value

    def __delitem__(self, name):
        del self._names[name]

    def __iter__(self):
        return iter(list(self._names))

    def __len__(self):
        return len(self._names)

    def copy(self):
        """A dict of Python's with what Python can have."""
        return possible(self._names)


def _program(frame, depth):
    """The frame of the program that is `depth` back from this one; None where there is none."""
    while frame is not None:
        if not is_crossing(frame.f_code.co_filename):
            if depth == 0:
                return Frame(frame)
            depth -= 1
        frame = frame.f_back
    return None


def _host_frame(depth):
    return _program(sys._getframe(1), depth)


_python = Part(_SOURCE, lambda: {"host_frame": _host_frame})


def join():
    """From now on Python's `sys._getframe` finds the host's frames."""
    _python("install")()
