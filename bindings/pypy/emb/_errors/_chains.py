"""What an exception was raised from, and what was handled then (`__cause__`, `__context__`): the same on both
sides, in a program that knows of one Python only.

Each side tells the other what has changed since the exception was last there.  By some exceptions functions
say what is no error: what these have is only told where they are shown (see _traceback).
"""

from _thread import get_ident

from .._abi import _error
from .._garbage._collector import untraced
from .._interpreter._code import Part
from . import _exceptions, _raised
from ._exception_classes import mirrored
from ._exceptions import PythonTraceback
from ._handled import handled_here
from ._raised import NO_ERRORS, to_python

_SOURCE = '''
def chain(exception):
    cause, notes = exception.__cause__, getattr(exception, "__notes__", None)
    if type(cause).__module__ == "emb":
        return None, exception.__context__, False, notes  # it shows the host's traceback
    return cause, exception.__context__, exception.__suppress_context__, notes

def set_chain(exception, cause, context, suppressed):
    exception.__cause__, exception.__context__ = cause, context
    exception.__suppress_context__ = suppressed
'''

_python = Part(_SOURCE)
_NONE = None, None, False
_BEHIND = 3  # a cause or a context, see _exceptions
_LONGEST = 50  # of them in a row
_at_it = set()  # (thread, id() of the exception)


def _alone(work, error, exception):
    """Once for each of them, of which some are in a circle."""
    this = get_ident(), id(error)
    if isinstance(error, NO_ERRORS) or this in _at_it or len(_at_it) > _LONGEST:
        return False
    _at_it.add(this)
    try:
        work(error, exception)
        return True
    except RecursionError:
        return False  # it is shown without
    finally:
        _at_it.discard(this)


def _chain(error):
    cause, context, suppressed = error.__cause__, error.__context__, error.__suppress_context__
    return (None, context, False) if type(cause) is PythonTraceback else (cause, context, suppressed)


def _python_s(error):
    return None if error is None else to_python(error, as_cause=True)


def _is_as_told(error):
    told = error.__dict__.get("_emb_chain", _NONE)
    return all([one is other for one, other in zip(_chain(error), told)])


def _is_not_told(error):
    while "_emb_chain" in error.__dict__:
        del error.__dict__["_emb_chain"]
        error = error.__context__ or error


def _take(error, exception):
    error.__cause__, error.__context__, error.__suppress_context__, notes = _python("chain")(exception)
    error._emb_chain = _chain(error)
    if notes is not None and type(error) not in mirrored:  # these ask Python's
        error.__notes__ = list(notes)


def _give(error, exception):
    cause, context, suppressed = error._emb_chain = _chain(error)
    _python("set_chain")(exception, _python_s(cause), _python_s(context), suppressed)


def arrived(error, exception, others):
    """Python's exception (a proxy) has become the host's.  Whether there are others behind it: the host's,
    too, if the program handles one."""
    linked = others and untraced(_alone, _take, error, exception) and others & _BEHIND
    return bool(linked) or handled_here() is not None


def leaves(error, exception):
    """The host's is Python's from now on."""
    if not _is_as_told(error):
        untraced(_alone, _give, error, exception)


def _linked(error):
    """One that is raised now, and has a context: what the host handles becomes the context of that.  To raise
    it would put it in the place of that, so it is raised here."""
    handled, context = handled_here(), error.__context__
    last, seen = context, {id(error)}
    while id(last) not in seen and last is not handled and last.__context__ is not None:
        seen.add(id(last))
        last = last.__context__
    if handled is None or last is handled or id(last) in seen:
        return error
    last.__context__ = handled
    _is_not_told(error)
    try:
        raise error
    except BaseException:
        error.__context__ = context
        raise


def join():
    """From now on."""
    _error.linked = _linked
    _exceptions.arrived = arrived
    _raised.leaves = leaves
