"""The host's frames, for Python code that looks who has called it.

`df.query("a > @limit")`, numexpr, sympy's `var` and formulas read, or write, the variables of
their caller, which is the host.  So where Python's own stack ends, that of the host goes on; and
where a function of the host runs that Python has called, its frames, and what they have called, stand
between Python's, at the place where that was.  libemb knows the place; nothing is noted here.
"""

import collections.abc
import itertools
import sys
import types

from .._abi._crossings import number
from .._abi._library import functions
from .._containers._shared_items import shared
from .._interpreter._code import Part
from .._interpreter._files import is_crossing
from .._proxies._object import possible
from . import _callbacks

_SOURCE = '''
import sys, types

real = sys._getframe

def _getframe(depth=0):
    if depth <= 0:
        # What C code has run wants one of its own: so Cython makes tracebacks.
        return Linked(real(1)) if "__name__" in real(1).f_globals else real(1)
    callers = host_callers()
    found = Linked(real(1), callers, part_of(real(1), callers) or 0)
    while depth and found is not None:
        depth, found = depth - 1, found.f_back
    if found is None:
        raise ValueError("call stack is not deep enough")
    return found

def host_callers():
    "The frames that have called the functions of the host which run, the innermost first; None for no frame."
    found, frame, place = [], real(0), 0
    for count in host_counts():
        while place < count and frame is not None:
            frame, place = frame.f_back, place + 1
        found.append(frame)
    return tuple(found)

def part_of(frame, callers):
    "How many functions of the host run that have been called since; None where it is not on the stack."
    one, part = real(1), 0
    while one is not None and one is not frame:
        one = one.f_back
        while part < len(callers) and one is callers[part]:
            part += 1
    return None if one is None else part

class Linked:
    "A frame, behind which comes the one that has called it, on whichever side."
    __slots__ = ("_frame", "_callers", "_part")
    __class__ = property(lambda self: types.FrameType)
    __module__ = property()  # a frame has none, and inspect.getmodule() would believe it
    def __init__(self, frame, callers=None, part=None):
        for name, value in zip(Linked.__slots__, (frame, callers, part)):
            object.__setattr__(self, name, value)
    @property
    def f_back(self):
        callers, part = self._callers, self._part
        if callers is None:
            callers = host_callers()
            part = part_of(self._frame, callers)
        back = self._frame.f_back
        if part is None:
            return back
        if back is None or part < len(callers) and back is callers[part]:
            return beyond(host_frame(part, part == len(callers)), callers, part)
        return Linked(back, callers, part)
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

class Host(Linked):
    "One of the host's, which has called a part of Python's stack."
    __slots__ = ()
    @property
    def f_back(self):
        callers, part = self._callers, self._part
        return beyond(host_back(self._frame, part == len(callers)), callers, part)

def beyond(found, callers, part):
    "A frame of the host, or where these come to an end, the next one of either side."
    while found is None and part < len(callers):
        back, part = callers[part], part + 1
        if back is not None and back not in callers[part:part + 1]:
            return Linked(back, callers, part)
        found = host_frame(part, part == len(callers))
    return None if found is None else Host(found, callers, part)

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

    def __eq__(self, other):
        return type(other) is Frame and self._frame is other._frame

    def __hash__(self):
        return hash(self._frame)

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

    # Python's own of these would have to be told by an exception what is missing.
    def __contains__(self, name):
        return name in self._names

    def get(self, name, default=None):
        return shared(self._names[name]) if name in self._names else default

    def copy(self):
        """A dict of Python's with what Python can have."""
        return possible(self._names)


entries = {_callbacks.code}  # of the functions by which Python calls the host; _streams adds its own


def _program(frame, is_last, entries_before=0):
    """The program's frame that comes first, from this one on, when so many times Python has called the host;
    None where it has once more before: but not in the last part of the stack."""
    while frame is not None:
        code = frame.f_code
        if code in entries:
            if not entries_before and not is_last:
                return None
            entries_before -= 1
        elif entries_before <= 0 and not is_crossing(code.co_filename):
            return Frame(frame)
        frame = frame.f_back
    return None


def _host_frame(part, is_last):
    # The innermost function of the host is this one.
    return _program(sys._getframe(1), is_last, part + 1)


def _host_back(frame, is_last):
    return _program(frame._frame.f_back, is_last)


def host_counts():
    """How many of Python's frames are between the one that asks and each that has called a function of the
    host which runs on this thread."""
    counts = [0]
    while counts[-1] >= 0:
        counts.append(number(functions.emb_callback_frames, len(counts)))
    return tuple(counts[1:-1])


_python = Part(
    _SOURCE,
    lambda: {"host_counts": host_counts, "host_frame": _host_frame, "host_back": _host_back},
)


def join():
    """From now on Python's `sys._getframe` finds the host's frames."""
    _python("install")()
