"""`for item in proxy`: what can be read ahead without anybody noticing is.

Arrays of one dimension are read from their memory, at the moment each item is wanted, as
numpy does it.  Lists are read in chunks, which grow as long as nothing crosses to Python
in between; where something does, the list may have changed, so the iterator goes back to
where the host is.  Everything else is asked for one item at a time.
"""

from . import _memory, _object, _protocols
from ._calls import call_method
from ._crossings import FORM, following, get_object, number
from ._error import failure
from ._library import backend, functions
from ._memory import finish, give, take
from ._names import name
from ._reading import read, read_tuple
from ._scalar import make_float, make_int
from ._view import View

_CHUNK = 512

_emb_getattr = functions.emb_object_getattr
_identity = functions.emb_object_identity
_next_many = functions.emb_object_next_many
_object_free = functions.emb_object_free

_kinds = {}  # id() of a class over there -> how its instances are iterated
_KINDS_KEPT = 1024


def iterate(proxy):
    """What `iter(proxy)` gives."""
    handle = proxy._emb_handle
    kind = _kind(handle)
    if kind == "ndarray":
        view = _readable(proxy)
        if view is not None:
            return _from_memory(view)
    if kind == "list":
        return _from_list(proxy)
    return _iterator(handle)


def _iterator(handle):
    return _object.wrap_light(number(functions.emb_object_iter, handle))


def _kind(handle):
    """'list' or 'ndarray' for instances of exactly these, '' for all others."""
    class_handle = _class_of(handle)
    try:
        identity = number(_identity, class_handle)
        kind = _kinds.get(identity)
        if kind is None:
            if len(_kinds) >= _KINDS_KEPT:
                _kinds.clear()
            kind = _kinds[identity] = _recognised(class_handle)
        return kind
    finally:
        _object_free(class_handle)


def _class_of(handle):
    text = name("__class__")
    return get_object(_emb_getattr, handle, text[0], text[1])


def _recognised(class_handle):
    """These two classes live as long as Python, so that their addresses stand for them."""
    frame = take()
    try:
        if functions.emb_object_text(class_handle, 1, frame.address):
            return ""
        text = read(frame.words, frame.reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)
    return {"<class 'list'>": "list", "<class 'numpy.ndarray'>": "ndarray"}.get(text, "")


# --- arrays


def _readable(proxy):
    """A View of an array of one dimension with doubles or 64-bit ints; None of others."""
    try:
        if number(functions.emb_object_length, proxy._emb_handle) < 8:
            return None
        view = View(proxy)
    except Exception:
        return None  # numpy says what is wrong with it
    if len(view.shape) == 1 and view.format in ("d", "l") and view.strides[0] % 8 == 0:
        return view
    return None


def _from_memory(view):
    count, step = view.shape[0], view.strides[0] // 8
    # Pointers have no items before their first: it is the one with the lowest address.
    at = max(0, -step * (count - 1))
    words, reals = backend.peek(view.address - 8 * at, (abs(step) * (count - 1) + 2) // 2)
    if view.format == "d":
        for _ in range(count):
            yield make_float(reals[at])
            at += step
    else:
        for _ in range(count):
            yield make_int(words[at])
            at += step


# --- lists


def _from_list(proxy):
    iterator = _iterator(proxy._emb_handle)
    place = 0  # of the item that comes next
    wanted, room = 1, 0
    while True:
        if wanted == 1:
            try:
                items = (following(iterator._emb_handle),)
            except StopIteration:
                return
        else:
            if room < wanted:
                room = min(8 * wanted, _CHUNK)
                block = backend.block(room + 1)
            items = _several(iterator._emb_handle, wanted, block)
        before = _memory.crossings
        given = 0
        for item in items:
            given += 1
            yield item
            if _memory.crossings != before:
                break
        place += given
        if _memory.crossings == before:
            if len(items) < wanted:
                return
            wanted = min(2 * wanted, _CHUNK)
        else:
            if given < len(items) or len(items) < wanted:
                # A new one, because the old one may have come to its end.
                iterator = _iterator(proxy._emb_handle)
                call_method(iterator._emb_handle, "__setstate__", (place,), {})
            wanted = 1


def _several(handle, wanted, block):
    _owner, words, reals, address = block
    status = _next_many(handle, FORM, address + 16, wanted, address)
    if status:
        raise failure(status)
    return read_tuple(address + 16, words[0])


_protocols.iterate = iterate
