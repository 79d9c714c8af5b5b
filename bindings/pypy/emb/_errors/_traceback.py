"""Tracebacks of programs: the frames of both sides in one, and none of this package."""

import functools
import os
import sys
import types

from .._interpreter import _session
from .._interpreter._code import Part
from .._interpreter._files import PACKAGE, is_machinery
from .._proxies._handle import Handle
from . import _raised

_MAIN = os.path.join(PACKAGE, "__main__.py")  # what runs the program
_SOURCE = """
import sys

def set_excepthook(hook):
    sys.excepthook = hook or sys.__excepthook__

def traced(exception):
    "Frames of Python's, of the host's that it has called, of Python's, and so on."
    parts, is_host, trace = [[]], False, exception.__traceback__
    while trace is not None:
        code, stands_for_host = trace.tb_frame.f_code, trace.tb_frame.f_globals.get("__name__") == "emb"
        if stands_for_host is not is_host:
            parts.append([])
            is_host = stands_for_host
        if code.co_filename != "<emb>":
            parts[-1].append((code.co_filename, code.co_name, trace.tb_lineno))
        trace = trace.tb_next
    if is_host and not hasattr(exception.__dict__, "carrier"):
        parts.append([])  # it is raised in C
    return tuple([tuple(part) for part in parts])
"""
_python = Part(_SOURCE)
_given = sys.excepthook  # what Python has been told of it
_STAND_INS = {}  # the globals of frames that stand for Python's


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
        cleaned[id(error)] = error, _linked(_frames_of_both(error))
        if error.__cause__ is not None:
            _clean_chain(error.__cause__, cleaned)
        error = error.__context__


def of_the_program(trace):
    """The traceback without frames of this package."""
    return _linked(own_frames(trace, True))


def own_frames(trace, with_stand_ins=False):
    """(frame, index of the instruction, line) of each frame that is the program's or its libraries'."""
    return [one for part in parts_of(trace, with_stand_ins) for one in part]


def parts_of(trace, with_stand_ins=False):
    """The same in parts: between two of them the host has called Python, or Python the host."""
    parts, was_left_out = [[]], False
    while trace is not None and trace.tb_frame.f_code.co_filename == _MAIN:
        trace = trace.tb_next
    while trace is not None:
        left_out = is_machinery(trace.tb_frame.f_code.co_filename)
        if trace.tb_frame.f_globals is _STAND_INS:
            left_out = not with_stand_ins
        if not left_out:
            parts[-1].append((trace.tb_frame, trace.tb_lasti, trace.tb_lineno))
        elif not was_left_out:
            parts.append([])
        was_left_out, trace = left_out, trace.tb_next
    return parts


def _frames_of_both(error):
    """The frames of the host, and where it has called Python, those of Python's exception behind it."""
    ours, both = parts_of(error.__traceback__), _parts_there(error)
    theirs = both[::2]
    if len(list(filter(None, ours[1:]))) < len(list(filter(None, both[1::2]))):
        return _with_all_of(ours[0], both)
    more = len(theirs) - (len(ours) - 1)
    first, theirs = theirs[: max(0, more)], [()] * -more + theirs[max(0, more) :]
    frames = ours[0] + [_stand_in(*one) for part in first for one in part]
    for between, part in zip(theirs, ours[1:]):
        frames += [_stand_in(*one) for one in between] + part
    return frames


def _with_all_of(frames, both):
    """The same where nobody in the host has held the exception while it was on its way through Python: what
    stands for the host's frames there has to do; some of it may be what the host has, if that was made
    clean before."""
    if not both[0]:
        known = [(frame.f_code.co_filename, frame.f_code.co_name, line) for frame, _, line in frames]
        count = min(len(known), len(both[1]))
        while count and known[-count:] != list(both[1][:count]):
            count -= 1
        frames = frames[: len(frames) - count]
    return frames + [_stand_in(*one) for part in both for one in part]


def _parts_there(error):
    """Of the traceback of Python's exception behind it, the causes of which become those of the host's."""
    exception = getattr(error, "python_exception", None)
    if not isinstance(exception, Handle):
        return []
    if "_emb_carrier" not in error.__dict__:
        error.__cause__ = exception.__cause__
        if error.__context__ is None:
            error.__context__ = exception.__context__
        error.__suppress_context__ = exception.__suppress_context__
    return list(_python("traced")(exception))


def _stand_in(file, name, line):
    """A frame that shows like one of Python's."""
    code = compile("\n" * (line - 1) + "raise StopIteration", file, "exec")
    try:
        exec(code.replace(co_name=name), _STAND_INS)
    except StopIteration as error:
        trace = error.__traceback__.tb_next
    return trace.tb_frame, trace.tb_lasti, line


def _linked(frames):
    trace = None
    for frame, instruction, line in reversed(frames):
        trace = types.TracebackType(trace, frame, instruction, line)
    return trace


def _of(error, trace):
    """The error's traceback as the program is to see it, from where `trace` begins."""
    whole, place = error.__traceback__, (trace.tb_frame, trace.tb_lasti)
    # The host may know one from before it was made clean, in place of which there is another.
    while whole is not None and (whole.tb_frame, whole.tb_lasti) != place:
        whole = whole.tb_next
    if whole is None:
        return of_the_program(trace)  # it is another's
    cleaned = found = clean(error)
    while found is not None and found.tb_frame is not trace.tb_frame:
        found = found.tb_next
    return cleaned if found is None else found


def _depth(trace):
    count = 0
    while trace is not None:
        count, trace = count + 1, trace.tb_next
    return count


def _forget():
    global _given
    _given = sys.__excepthook__


def _give_excepthook():
    """Python's code that has an exception nobody has caught calls the program's, where there is one."""
    global _given
    own = sys.excepthook
    if own is not _given:
        _given = own
        _python("set_excepthook")(None if own in (sys.__excepthook__, excepthook) else own)


def join(traceback):
    """From now on what the library's `traceback` makes of an exception is that, too; and of the stack."""
    if hasattr(traceback.walk_stack, "__wrapped__"):
        return  # it is so already
    init, walk_tb, walk_stack = traceback.TracebackException.__init__, traceback.walk_tb, traceback.walk_stack

    @functools.wraps(init)
    def __init__(self, exc_type, exc_value, exc_traceback, *args, limit=None, **kwargs):
        if isinstance(exc_value, BaseException) and issubclass(type(exc_traceback), Handle):
            exc_traceback = exc_value.__traceback__  # Python tells of one of its own
        if type(exc_traceback) is types.TracebackType and isinstance(exc_value, BaseException):
            if limit is not None and limit >= _depth(exc_traceback):
                limit = None  # of all, without those that were left out or put in
            exc_traceback = _of(exc_value, exc_traceback)
        init(self, exc_type, exc_value, exc_traceback, *args, limit=limit, **kwargs)

    @functools.wraps(walk_tb)
    def walked(tb):
        handled = sys.exc_info()[1]
        if type(tb) is types.TracebackType:
            tb = of_the_program(tb) if handled is None else _of(handled, tb)
        return walk_tb(tb)

    @functools.wraps(walk_stack)
    def walked_stack(f):
        f = sys._getframe().f_back.f_back if f is None else f
        while f is not None and f.f_code.co_filename != _MAIN:
            if not is_machinery(f.f_code.co_filename):
                yield f, f.f_lineno
            f = f.f_back

    _raised.give_excepthook = _give_excepthook
    traceback.TracebackException.__init__ = __init__
    traceback.walk_tb, traceback.walk_stack = walked, walked_stack


_session.after_shutdown(_forget)
