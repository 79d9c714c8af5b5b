"""Deep copies of what both sides hold: each object is copied once, whichever side comes to it first.

`copy.deepcopy` of either side keeps its own memo of what it has copied.  Where it comes to an object
of the other one, that one's `copy` goes on, with the memo that it had before: it is in the memo of the side
that has begun, and not in both, which would then hold each other for ever.
"""

import copy
import threading

from .._proxies import _object
from .._proxies._object import Object
from . import _host_classes

_memos = threading.local()  # .pair: the host's and Python's (a proxy), as long as a copy is made


_OTHER = "emb"  # in a memo, whose other keys are numbers: the other side's


class _Held:
    """The host's memo in one of Python's."""

    def __init__(self):
        self.memo = {}


def _deepcopy(proxy, memo):
    """`__deepcopy__` of proxies, for the host's `copy`."""
    pair = getattr(_memos, "pair", None)
    theirs = pair[1] if pair is not None and pair[0] is memo else memo.get(_OTHER)
    if theirs is None:
        theirs = memo[_OTHER] = Object({})
    return _within((memo, theirs), _object.builtin("copy.deepcopy"), proxy, theirs)


def _deepcopy_host(host, memo):
    """The same of the host's objects, for Python's."""
    pair = getattr(_memos, "pair", None)
    if pair is not None and _same(pair[1], memo):
        ours = pair[0]
    else:
        held = memo.get(_OTHER)
        if held is None:
            held = memo[_OTHER] = _Held()
        ours = held.memo
    return _within((ours, memo), copy.deepcopy, host, ours)


def _same(one, other):
    return _object.builtin("operator.is_")(one, other)


def _within(pair, function, *arguments):
    before = getattr(_memos, "pair", None)
    _memos.pair = pair
    try:
        return function(*arguments)
    finally:
        _memos.pair = before


_object.deepcopy = _deepcopy
_host_classes.deepcopy = _deepcopy_host
