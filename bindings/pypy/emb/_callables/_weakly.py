"""Weak references of Python to what stands there for an object or a function of the host.

What stands for it goes when Python no longer holds it, and weak references to it would break though the
host's object is alive.  So where there are some, the host holds what stands for it from then on, and
its own object weakly: they end with that object.  What Python has again is held as usual, until it is
found after a full collection that it is not any more.
"""

import types
import weakref

from .._abi._error import BadHandle
from .._abi._library import functions
from .._garbage import _lifetime
from .._interpreter import _session
from .._interpreter._code import Borrowed, Part
from .._proxies import _object
from . import _entries

_SOURCE = '''
import sys

references = sys.getrefcount
'''

_python = Part(_SOURCE)
_object_free = functions.emb_object_free
_held = {}  # token -> handle of what stands for the host's object, which is held weakly
_again = []  # tokens of those that Python has had again
_due = []  # whether there was a full collection since it was asked which of them it still has


class Faint:
    """In the place of an object that the host may drop."""

    __slots__ = ("reference", "token")

    def __init__(self, value, token):
        refer = weakref.WeakMethod if type(value) is types.MethodType else weakref.ref
        self.reference = refer(value, lambda _reference: _drop(token))
        self.token = token

    def value(self):
        """The object, which Python has again; None where there is no more."""
        value = self.reference()
        if _due:
            _let_go()
        if value is not None and self.token in _held:
            _entries.entries[self.token].function = value
            _again.append(self.token)
        return value

    def __call__(self, *args, **kwargs):
        value = self.value()
        if value is None:
            raise ReferenceError("weakly-referenced object no longer exists")
        return value(*args, **kwargs)


def outlived(value):
    """Python, of what stands for an object of the host: only weak references look at it any more."""
    if _due:
        _let_go()
    token, entry = _entries.entry_of(value)
    handle = _entries.living(entry)
    if handle:
        _held[token] = handle
        _weaken(token)


def _drop(token):
    """At once: what Python has must not be called any more."""
    handle = _held.pop(token, 0)
    if handle:
        _object_free(handle)


def _weaken(token):
    entry = _entries.entries.get(token)
    try:
        entry.function = Faint(entry.function, token)
    except TypeError:
        _drop(token)  # of a class without weak references: it is dropped as usual


def _let_go():
    """What Python has not kept is held weakly again."""
    _due.clear()
    tokens = _again[:]
    del _again[: len(tokens)]
    if not tokens or not _session.running():
        return
    alone = _python("references")(_object.Object([]))
    for token in set(tokens):
        try:
            count = _python("references")(Borrowed(_held[token]))
        except (KeyError, BadHandle):
            continue  # the host's object is gone
        if count > alone:
            _again.append(token)
        else:
            _weaken(token)


def _collected():
    """Python is asked later: this may be in the middle of an error, which no call must come between."""
    _due[:] = [None]


_lifetime.at_full_collections.append(_collected)
_lifetime.when_asked.append(_let_go)
_session.after_shutdown(_held.clear)
_entries.Faint = Faint
