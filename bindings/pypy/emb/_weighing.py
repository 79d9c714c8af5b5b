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


def weigh(proxy):
    """Bytes of memory behind a proxy; 0 for objects that export no buffer."""
    kind, handle = type(proxy), proxy._emb_handle
    if not kind._emb_weighs or handle == RELEASED:
        return 0
    try:
        view = _views.pop()
    except IndexError:
        view = backend.block(_VIEW_SIZE // 16 + 1)
    weight = _weight_of(kind, handle, view)
    _views.append(view)
    return weight


def _weight_of(kind, handle, view):
    _owner, words, _reals, address = view
    words[0] = _VIEW_SIZE
    if functions.emb_array_view(handle, 0, address):
        if "_emb_python" in kind.__dict__:  # else it may be a proxy of anything
            type.__setattr__(kind, "_emb_weighs", False)
        return 0
    _object_free(words[_VIEW_OWNER])
    return words[_VIEW_NBYTES]
