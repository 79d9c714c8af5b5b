"""The exception that is handled, for code that asks on the other side: `sys.exc_info()`.

A library of Python shows, or logs, what a program has caught (rich's `print_exception()`); and a
function of the program, called by a handler of Python's, what Python has (`logging.exception()`).
"""

import functools
import sys

from .._callables import _callbacks
from .._callables._frames import Frame
from .._interpreter import _session
from .._interpreter._code import Part
from .._interpreter._files import is_crossing
from .._proxies._handle import Handle
from ._raised import FRAME, to_python
from ._traceback import clean, own_frames

_SOURCE = (
    FRAME
    + '''
import sys
import types

own = {name: getattr(sys, name) for name in ("exc_info", "exception") if hasattr(sys, name)}
own_exc_info = sys.exc_info

def exc_info():
    found = own_exc_info()
    if found[1] is None:
        told = host_handled()
        if told is not None:
            exception, trace = whole(*told)
            return type(exception), exception, trace
    return found

def exception():
    return exc_info()[1]

def whole(exception, frames, is_python_s, chain):
    "It and its traceback, in which the host's frames stand before Python's."
    trace = linked(frames, exception.__traceback__ if is_python_s else None)
    if chain is not None:
        cause, context, suppressed = chain
        exception.__traceback__ = trace
        exception.__cause__ = cause and whole(*cause)[0]
        exception.__context__ = context and whole(*context)[0]
        exception.__suppress_context__ = suppressed
    return exception, trace

def linked(frames, trace=None):
    for each in reversed(frames):
        trace = types.TracebackType(trace, *frame(*each), each[2])
    return trace

def handled():
    return own_exc_info()[1]

def join():
    for name in own:
        setattr(sys, name, globals()[name])

def part():
    for name, function in own.items():
        setattr(sys, name, function)
'''
)

_own_exc_info = sys.exc_info
_python = Part(_SOURCE, lambda: {"host_handled": _host_handled})


def _host_handled():
    """The arguments of `whole` for what the program handles; None where that is nothing."""
    return _told(handled_here(), set())


def handled_here():
    """What the program handles, or None."""
    error = _own_exc_info()[1]
    while error is not None and _is_handled_by_the_package(error):
        error = error.__context__
    return error


def _is_handled_by_the_package(error):
    # The frame that handles an exception is the first of its traceback.
    trace = error.__traceback__
    return trace is not None and is_crossing(trace.tb_frame.f_code.co_filename)


def _told(error, seen):
    if error is None or id(error) in seen:
        return None
    seen.add(id(error))
    frames = _frames_of(error.__traceback__)
    if isinstance(getattr(error, "python_exception", None), Handle):
        return to_python(error), frames, "_emb_carrier" not in error.__dict__, None
    chain = _told(error.__cause__, seen), _told(error.__context__, seen), error.__suppress_context__
    return to_python(error), frames, False, chain


def _frames_of(trace):
    return tuple(
        [
            (one.f_code.co_filename, one.f_code.co_name, line, Frame(one).f_locals)
            for one, _, line in own_frames(trace)
        ]
    )


def trace_there(trace):
    """Python's traceback (a proxy) for one of the host's that is passed: code in C takes no other."""
    error = handled_here()
    if error is not None and error.__traceback__ is trace:
        return _python("whole")(*_told(error, set()))[1]
    return _python("linked")(_frames_of(trace))


@functools.wraps(_own_exc_info)
def _exc_info():
    found = _own_exc_info()
    if found[1] is not None or not _callbacks.runs():
        return found
    error = _python("handled")()
    return found if error is None else (type(error), error, clean(error))


def join():
    """From now on each side finds what the other handles, where it handles nothing itself."""
    _python("join")()
    sys.exc_info = _exc_info
    _session.before_shutdown(_part)


def _part():
    sys.exc_info = _own_exc_info
    _python("part")()
