"""Host functions and plain objects among the arguments of a call.

For each there is an object in Python (see _entries), which lives as long as Python holds it.  On
hosts with a tracing collector, that of a function or an object that is passed again and again also lives
until another is, or until a full collection.
"""

import types

from .._abi import _convert
from .._abi._kinds import OBJECT
from .._callables._callbacks import handle_of
from .._garbage import _lifetime
from .._interpreter import _session
from .._proxies import _object
from .._proxies._handle import Owner
from ._host_objects import handle_of_object


class _Latest:
    """What was passed last, and what stands for it in Python, if it was passed again: programs pass one
    many times, and to make another object takes as long as a dozen calls."""

    __slots__ = ("key", "known")

    def __init__(self):
        self.let_go()

    def let_go(self):
        self.key = 0  # the id() of what was passed
        self.known = None, None  # another, or the same, and the proxy of Python's object

    def stand_in(self, frame, value, handle_of):
        """What stands in a call for the host's, for which Python has the object that `handle_of` gives."""
        known, proxy = self.known
        if known is value:
            return proxy
        key, handle = id(value), handle_of(value)
        if key != self.key:
            self.key = key
            return loaned(frame, handle)
        proxy = _wrap(handle)
        self.known = value, proxy
        return proxy


_function, _object_ = _Latest(), _Latest()
_wrap = _lifetime.lasting(_object.wrap_light)


def _pass_again(frame, words, at, function):
    """Writes the function that is known at words[at]; False for another."""
    known, proxy = _function.known
    if known is not function:
        return False
    frame.keep(proxy)
    words[at] = OBJECT
    words[at + 1] = proxy._emb_handle
    return True


def passed(frame, function):
    """What stands for a host function in a call."""
    if _lifetime.TRACING and type(function) is types.FunctionType:
        return _function.stand_in(frame, function, handle_of)
    return loaned(frame, handle_of(function))


def passed_object(frame, value):
    """The same for a plain object."""
    if _lifetime.TRACING:
        return _object_.stand_in(frame, value, handle_of_object)
    return loaned(frame, handle_of_object(value))


def loaned(frame, handle):
    """What stands for the object at a handle until the call has ended, which releases it."""
    made = Owner()
    made._emb_handle = handle
    frame.loan(handle)
    return made


_convert.pass_again = _pass_again
for _one in _function, _object_:
    _lifetime.at_full_collections.append(_one.let_go)
    _session.after_shutdown(_one.let_go)
