"""How much memory is behind a proxy, which a tracing collector cannot see."""

import struct

from .._abi._error import name_of_failure
from .._abi._library import backend, functions
from .._buffers import _view_words as _view
from .._proxies._handle import RELEASED

_MUCH = 1 << 16  # bytes, of which it is worth to know whether they are there, and were before
_KNOWN = 8  # pieces of memory
_ALL = 1 << 47  # what can be there in a process
_LOOKED_AT = 16  # proxies of a batch: so that few pass for light that have a heavy one among many

_object_free = functions.emb_object_free

_views = []  # memory for an emb_view
_counted = []  # where the latest of what has been weighed begins and ends
getattribute = None  # set by _types
exports: object  # _instances: whether the object behind a handle exports a buffer


def weigh_latest(proxies):
    """About how many bytes are behind each of some proxies.  Of many that are light, the newest that has
    any is looked for, going back from one to the one before; where that is heavy, or there is none, what
    is behind all is shared out.  What is a view of memory that has been counted since `forget` weighs
    no more."""
    total = looked_at = 0
    for proxy in proxies[: -_LOOKED_AT - 1 : -1]:
        total += weigh(proxy, True)
        looked_at += 1
        if 0 < total <= _MUCH:
            break
    return total // max(1, looked_at)


def is_heavy(proxies):
    """Whether much is behind the latest of some proxies."""
    latest = proxies[-1:]  # none, where another thread has taken them out
    return len(latest) > 0 and weigh(latest[0]) > _MUCH


def forget():
    """Some of the memory that was counted is free: others may have it now."""
    del _counted[:]


def weigh(proxy, once=False):
    """Bytes of memory behind a proxy; 0 for objects that export no buffer, and where `once` is said and
    these bytes have been counted."""
    weighs, handle = proxy._emb_weighs, proxy._emb_handle
    if not weighs or handle == RELEASED:
        return 0
    if weighs == "nbytes":
        return _told_weight(type(proxy), handle)
    if weighs == "buffer" and not _exports(type(proxy), handle):
        return 0
    try:
        view = _views.pop()
    except IndexError:
        view = backend.block(_view.SLOTS)
    _owner, words, _reals, address = view
    words[0] = _view.SIZE
    status = functions.emb_array_view(handle, 0, address)
    if status:
        weight = 0
        if name_of_failure() == "TypeError":  # else it has no memory now: a closed mmap
            _weighs_nothing(type(proxy))
    else:
        weight = words[_view.NBYTES]
        if weight > _MUCH:
            begin, end = _extent(words)
            weight = min(weight, end - begin, _ALL)
            if once and _is_counted(begin, end):
                weight = 0
        _object_free(words[_view.OWNER])
    _views.append(view)
    return weight


def _extent(words):
    """Where the memory of a view begins and ends: what is broadcast is there once."""
    ndim = words[_view.NDIM] & _view.NDIM_ONLY
    shape = _numbers(words[_view.SHAPE], ndim)
    strides = _numbers(words[_view.STRIDES], ndim)
    steps = [(length - 1) * stride for length, stride in zip(shape, strides)]
    begin = words[_view.DATA] + sum([step for step in steps if step < 0])
    return begin, begin + sum(map(abs, steps)) + words[_view.ITEMSIZE]


def _is_counted(begin, end):
    """Whether it is within what has been weighed; otherwise it has been from now on."""
    for first, last in _counted:
        if first <= begin and end <= last:
            return True
    _counted.append((begin, end))
    del _counted[:-_KNOWN]
    return False


def _numbers(address, count):
    return struct.unpack("%dq" % count, backend.read_bytes(address, 8 * count))


def _weighs_nothing(kind):
    if hasattr(type(kind), "_emb_derives"):  # else it may be a proxy of anything
        type.__setattr__(kind, "_emb_weighs", False)


def _exports(kind, handle):
    """Whether an instance of a class of the host's exports a buffer, as all of the class then do: nothing
    else is asked for its memory, since that may be a function of the program's (`__getattr__`)."""
    found = exports(handle)
    type.__setattr__(kind, "_emb_weighs", found)
    return found


def _told_weight(kind, handle):
    """Of a tensor, which would have to be exported to look at its memory: profilers see that."""
    try:
        weight = getattribute(handle, "nbytes")
    except Exception:
        weight = None  # a tensor may have no memory
    if type(weight) is int:
        return weight
    type.__setattr__(kind, "_emb_weighs", False)
    return 0
