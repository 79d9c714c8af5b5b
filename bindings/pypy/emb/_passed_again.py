"""Host functions among the arguments of a call.

For each there is a callable in Python (see _callbacks), which lives as long as Python holds it.  On
hosts with a tracing collector, that of a function that is passed again and again also lives until
another function is, or until a full collection.
"""

import types

from . import _convert, _lifetime, _object, _session
from ._callbacks import handle_of
from ._convert import OBJECT
from ._handle import Owner


class _Latest:
    """The function that was passed last, and its callable, if it was passed again: programs pass one
    many times, and to make a callable takes as long as a dozen of its calls."""

    __slots__ = ("key", "known")

    def __init__(self):
        self.let_go()

    def let_go(self):
        self.key = 0  # the id() of a function that was passed
        self.known = None, None  # another, or the same, and the proxy of its callable


_latest = _Latest()
_wrap = _lifetime.lasting(_object.wrap)


def _pass_again(frame, words, at, function):
    """Writes the function that is known at words[at]; False for another."""
    known, proxy = _latest.known
    if known is not function:
        return False
    frame.keep(proxy)
    words[at] = OBJECT
    words[at + 1] = proxy._emb_handle
    return True


def passed(frame, function):
    """What stands for the callable of a host function in a call."""
    key = id(function) if _lifetime.TRACING and type(function) is types.FunctionType else 0
    handle = handle_of(function)
    if key and key == _latest.key:
        proxy = _wrap(handle)
        _latest.known = function, proxy
        return proxy
    _latest.key = key
    return loaned(frame, handle)


def loaned(frame, handle):
    """What stands for the object at a handle until the call has ended, which releases it."""
    made = Owner()
    made._emb_handle = handle
    frame.loan(handle)
    return made


_convert.pass_again = _pass_again
_lifetime.at_full_collections.append(_latest.let_go)
_session.after_shutdown(_latest.let_go)
