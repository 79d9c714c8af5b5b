"""libemb's own errors, and the way from a negative status to an exception."""

import struct

from .._garbage._collector import untraced
from . import _declarations
from ._library import backend, functions
from ._reading import read_text

_C = _declarations.CONSTANTS
_PLAIN = _C["EMB_ERROR_PLAIN"]
_STRUCT = _declarations.STRUCTS["emb_error"]
_SIZE = struct.calcsize(_STRUCT.format)
# Of an emb_error, as 64-bit words.
_TYPE_NAME, _TYPE_NAME_LENGTH, _MESSAGE, _MESSAGE_LENGTH, _EXCEPTION, _FLAGS = 2, 3, 4, 5, 6, 7
_free = []  # blocks of memory for one, which nobody uses


class Error(Exception):
    """The base of what libemb itself reports; Python's exceptions are not among them."""


class BadArgument(Error, ValueError):
    """libemb refused an argument."""


class BadHandle(Error, ValueError):
    """The proxy's object was released already."""


class NotRunning(Error, RuntimeError):
    """There is no Python: not yet, or no more after `shutdown()`."""


class NoPython(Error, ImportError):
    """No usable CPython was found; the message names every candidate and why not."""


class Conflict(Error, RuntimeError):
    """`init` was called again for another Python."""


class BadCall(Error, RuntimeError):
    """A call out of order."""


class Unsatisfied(Error, ImportError):
    """`require` could not provide the packages; the message has the installer's last words."""


class InternalError(Error, RuntimeError):
    """A bug in libemb that was caught before it could do harm."""


for _class in (Error, BadArgument, BadHandle, NotRunning, NoPython, Conflict, BadCall):
    _class.__module__ = "emb"
InternalError.__module__ = Unsatisfied.__module__ = "emb"

_CLASSES = {
    _C["EMB_BAD_ARGUMENT"]: BadArgument,
    _C["EMB_BAD_HANDLE"]: BadHandle,
    _C["EMB_NOT_RUNNING"]: NotRunning,
    _C["EMB_NO_PYTHON"]: NoPython,
    _C["EMB_CONFLICT"]: Conflict,
    _C["EMB_BAD_CALL"]: BadCall,
    _C["EMB_INTERNAL"]: InternalError,
    _C["EMB_UNSATISFIED"]: Unsatisfied,
}

# Set by _exceptions: (handle of a Python exception, class name, message, whether that is all there is to
# it) -> host exception.
translate = None
linked = None  # set by _chains: exception that has a context, to be raised -> itself, or raises it


def failure(status):
    """The exception to raise for a negative status; moves the pending error out."""
    return untraced(_failure, status)


def name_of_failure():
    """The name of the class of the exception behind a negative status, which nobody is to see."""
    name, _message, handle, _is_plain = _taken()
    functions.emb_object_free(handle)
    return name


def _taken():
    """Of the pending error the name of its class, its message, the handle of the exception, and whether that
    is all there is to it."""
    block = _free.pop() if _free else backend.block(_SIZE // 16 + 1)
    _owner, words, _reals, address = block
    words[0] = _SIZE
    functions.emb_error_take(address)
    name = read_text(words[_TYPE_NAME], words[_TYPE_NAME_LENGTH])
    message = read_text(words[_MESSAGE], words[_MESSAGE_LENGTH])
    handle, is_plain = words[_EXCEPTION], words[_FLAGS] == _PLAIN
    _free.append(block)
    return name, message, handle, is_plain


def _failure(status):
    name, message, handle, is_plain = _taken()
    if handle:
        error = translate(handle, name, message, is_plain)
        return error if linked is None or error.__context__ is None else linked(error)
    # No error is pending if a signal handler called libemb between the call and this.
    return _CLASSES.get(status, Error)(message or "libemb reports status %d" % status)
