"""Tracebacks of programs: the frames of both sides in one, and none of this package."""

import os
import sys
import types

from . import _error
from ._handle import Handle
from ._exceptions import PythonTraceback

# Where the code between a program and the embedded Python stands: PyPy's ctypes is such, too.
CROSSING = {
    os.path.dirname(os.path.abspath(module.__file__))
    for module in map(sys.modules.get, (__package__, "ctypes", "_ctypes"))
    if hasattr(module, "__file__")
}
_MACHINERY = "importlib._bootstrap"


def clean(error):
    """The error's traceback as its program is to see it; its causes are made so too."""
    cleaned = {}
    _clean_chain(error, cleaned)
    # All at the end: PyPy sets the traceback of an exception anew when another one is
    # raised while it is handled.
    for one, trace in cleaned.values():
        one.__traceback__ = trace
    return error.__traceback__


def excepthook(kind, error, trace):
    """Stands in for sys.excepthook."""
    error.__traceback__ = trace
    sys.__excepthook__(kind, error, clean(error))
    reason = getattr(error, "emb_reason", None)
    if reason is not None:
        sys.stderr.write("emb: %s\n" % reason)


def _clean_chain(error, cleaned):
    while error is not None and id(error) not in cleaned:
        cleaned[id(error)] = error, None
        frames = _own_frames(error.__traceback__)
        if isinstance(error.__cause__, PythonTraceback):
            frames += _join_python(error)
        cleaned[id(error)] = error, _linked(frames)
        if error.__cause__ is not None:
            _clean_chain(error.__cause__, cleaned)
        error = error.__context__


def of_the_program(trace):
    """The traceback without frames of this package."""
    return _linked(_own_frames(trace))


def _own_frames(trace):
    """(frame, index of the instruction, line) of each frame that is the program's or its libraries'."""
    frames = []
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if os.path.dirname(file) not in CROSSING and _MACHINERY not in file:
            frames.append((trace.tb_frame, trace.tb_lasti, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _join_python(error):
    """The frames of Python's exception; its causes become those of the host's."""
    exception = error.python_exception
    if not isinstance(exception, Handle):
        return []
    cause, context = exception.__cause__, exception.__context__
    quiet = exception.__suppress_context__
    error.__cause__ = None if cause is None else _error.translate(cause, "Exception", str(cause))
    if error.__context__ is None and context is not None:
        error.__context__ = _error.translate(context, "Exception", str(context))
    error.__suppress_context__ = quiet
    frames = []
    trace = exception.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(_stand_in(code.co_filename, code.co_name, trace.tb_lineno))
        trace = trace.tb_next
    return frames


def _stand_in(file, name, line):
    """A frame that shows like one of Python's."""
    code = compile("\n" * (line - 1) + "raise StopIteration", file, "exec")
    try:
        exec(code.replace(co_name=name), {})
    except StopIteration as error:
        trace = error.__traceback__.tb_next
    return trace.tb_frame, trace.tb_lasti, line


def _linked(frames):
    trace = None
    for frame, instruction, line in reversed(frames):
        trace = types.TracebackType(trace, frame, instruction, line)
    return trace
