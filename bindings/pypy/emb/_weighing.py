"""How much memory is behind a proxy, which a tracing collector cannot see."""

import struct

from . import _declarations
from ._handle import RELEASED
from ._library import backend, functions

_VIEW = _declarations.STRUCTS["emb_view"]
_VIEW_SIZE = struct.calcsize(_VIEW.format)
_VIEW_NBYTES, _VIEW_OWNER = 2, 8  # as 64-bit words

_object_free = functions.emb_object_free

_views = []  # memory for an emb_view
getattribute = None  # set by _types


def weigh(proxy):
    """Bytes of memory behind a proxy; 0 for objects that export no buffer."""
    kind, handle = type(proxy), proxy._emb_handle
    if not kind._emb_weighs or handle == RELEASED:
        return 0
    if kind._emb_weighs == "nbytes":
        return _told_weight(kind, handle)
    try:
        view = _views.pop()
    except IndexError:
        view = backend.block(_VIEW_SIZE // 16 + 1)
    weight = _weight_of(kind, handle, view)
    _views.append(view)
    return weight


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


def _weight_of(kind, handle, view):
    _owner, words, _reals, address = view
    words[0] = _VIEW_SIZE
    if functions.emb_array_view(handle, 0, address):
        if hasattr(type(kind), "_emb_derives"):  # else it may be a proxy of anything
            type.__setattr__(kind, "_emb_weighs", False)
        return 0
    _object_free(words[_VIEW_OWNER])
    return words[_VIEW_NBYTES]
