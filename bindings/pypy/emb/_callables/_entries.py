"""What Python has of functions and objects of the host.

For each there is one entry, found by its token (which libemb tells when Python's last reference is
gone), by the identity of the function or object, and by the address of what Python has.  So the same
function is the same callable as long as Python holds it, and what comes back is the function itself.
The entry goes, and with it the function, when Python's last reference is gone.
"""

import itertools
import types

from .._abi._crossings import FORM, number
from .._abi._declarations import CONSTANTS
from .._abi._error import failure
from .._abi._kinds import OBJECT, SHARED
from .._abi._library import backend, functions
from .._abi._memory import finish, give, take
from .._interpreter import _session
from .._interpreter._there import python
from .._proxies import _arrivals

_RESULT_OBJECT = CONSTANTS["EMB_RESULT_OBJECT"]

_identity = functions.emb_object_identity
_emb_call = functions.emb_call
_object_free = functions.emb_object_free

_tokens = itertools.count(1)
entries = {}  # token -> entry
_by_key = {}  # see key_of -> token
_by_address = {}  # id() of Python's object -> token

# Set by _weakly: the class of what stands in an entry for what is held weakly.
Faint: type


class Entry:
    __slots__ = ("function", "key", "address", "weak")

    def __init__(self, function, key):
        self.function = function
        self.key = key
        self.address = 0
        self.weak = 0  # handle of a weak reference to what Python has


def key_of(function):
    """Two functions with the same key do the same; valid as long as one of them lives."""
    kind = type(function)
    if kind is types.MethodType:
        return id(function.__self__), id(function.__func__)
    if kind is types.BuiltinMethodType:
        return id(function.__self__), function.__name__
    return id(function)


def enter(entry):
    """The number under which libemb tells that Python's object for it is gone."""
    token = next(_tokens)
    entries[token] = entry
    return token


def findable(frame, entry, token, handle):
    """Makes Python's object, which `handle` holds, findable; the handle again."""
    words = frame.words
    words[2], words[3] = OBJECT, handle
    weakly = python("Weak")._emb_handle
    status = _emb_call(weakly, frame.address + 16, 1, 0, 0, _RESULT_OBJECT, frame.address)
    if status:
        _object_free(handle)
        raise failure(status)
    entry.weak = words[1]
    entry.address = number(_identity, handle)
    _by_address[entry.address] = token
    _by_key[entry.key] = token
    return handle


def known(key):
    """A new handle of what Python has of the host's function or object with a key; 0 where it has none."""
    token = _by_key.get(key)
    return 0 if token is None else living(entries.get(token))


def entry_of(function):
    """The number of the entry of what Python has for a function or an object, and the entry."""
    token = _by_key.get(key_of(function))
    return token, entries.get(token)


def living(entry):
    """A new handle of what Python has; 0 if Python has dropped it, or the host, which it had weakly."""
    if entry is None or not entry.weak:
        return 0
    if type(entry.function) is Faint and entry.function.value() is None:
        return 0
    frame = take()
    try:
        words = frame.words
        # A weak reference that is released meanwhile is an error, and means the same as None.
        status = _emb_call(entry.weak, 0, 0, 0, 0, FORM, frame.address)
        return words[1] if not status and words[0] & 0xFFFFFFFF in (OBJECT, SHARED) else 0
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _released(token):
    """libemb: Python's last reference is gone.  On any thread."""
    entry = entries.pop(token, None)
    if entry is None:
        return
    if _by_key.get(entry.key) == token:
        del _by_key[entry.key]
    if _by_address.get(entry.address) == token:
        del _by_address[entry.address]
    _object_free(entry.weak)


# For ever: Python may hold what it has as long as it runs.
_release_owner, release = backend.callback("emb_release", _released)


# --- objects of the host


def handle_of_instance(value, kind):
    """The handle of what Python has of an object of the host, an instance of the class at `kind`; for the
    caller to release."""
    key = id(value)
    return known(key) or _make_instance(value, key, kind)


def _make_instance(value, key, kind):
    entry = Entry(value, key)
    token = enter(entry)
    frame = take()
    try:
        status = functions.emb_instance_new(kind, token, 0, release, frame.address)
        if status:
            raise failure(status)  # `_released` was called all the same
        return findable(frame, entry, token, frame.words[0])
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def bind_instance(handle, value):
    """From now on what Python has made, which is at a handle, stands for an object of the host."""
    entry = Entry(value, id(value))
    token = enter(entry)
    bind(handle, token)
    frame = take()
    try:
        findable(frame, entry, token, handle)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def bind(handle, token):
    """From now on Python's object at a handle is the one for an entry."""
    status = functions.emb_instance_bind(handle, token, 0, release)
    if status:
        raise failure(status)  # `_released` was called all the same


# --- that come back


def _origin(address):
    """(The host's function or object,) that the Python object at an address stands for."""
    token = _by_address.get(address)
    if token is None:
        return None
    entry = entries.get(token)
    # The address alone may be that of another object: a callable whose `__self__`
    # Python has kept is gone before its entry is.
    alive = living(entry)
    if not alive:
        return None
    _object_free(alive)
    return (entry.function,)


def _forget():
    _by_key.clear()
    _by_address.clear()
    entries.clear()


_arrivals.origin = _origin
_session.after_shutdown(_forget)
