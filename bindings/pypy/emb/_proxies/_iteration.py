"""`for item in proxy`: what can be read ahead without anybody noticing is.

Arrays of plain numbers are read from their memory, at the moment each item is wanted, as
numpy does it; the rows of others come several at a time, for they are parts of the same memory.
Lists are read in chunks, which grow as long as nothing crosses to Python
in between; where something does, the list may have changed, so the iterator goes back to
where the host is.  Everything else is asked for one item at a time.
"""

from .._abi import _memory
from .._abi._calls import call_method
from .._abi._crossings import FORM, following, get_object, number
from .._abi._error import failure
from .._abi._library import backend, functions
from .._abi._memory import finish, give, take
from .._abi._names import name
from .._abi._reading import read, read_tuple
from .._buffers import _view_words as _view
from .._garbage._collector import untraced
from . import _object, _protocols
from ._scalar import make_float, make_int
from ._static import space_of

_CHUNK = 512
_FEW_ROWS, _ROWS = 8, 64  # that come first; at most at a time

_LETTERS = {b"d\0": True, b"l\0": False}  # of doubles and of 64-bit integers

_emb_getattr = functions.emb_object_getattr
_emb_array_view = functions.emb_array_view
_read_bytes = backend.read_bytes
_next_many = functions.emb_object_next_many
_object_free = functions.emb_object_free

_kinds = {}  # class of proxies -> how they are iterated


def iterate(proxy):
    """What `iter(proxy)` gives."""
    kind = _kinds.get(type(proxy))
    if kind is None:
        kind = untraced(_kind, proxy)
    if kind == "ndarray":
        return _from_array(proxy)
    if kind == "list":
        return _from_list(proxy)
    return _iterator(proxy._emb_handle)


def _iterator(handle):
    return _object.wrap_light(number(functions.emb_object_iter, handle))


def _kind(proxy):
    """'list' or 'ndarray' for instances of exactly these, '' for all others."""
    text = name("__class__")
    class_handle = get_object(_emb_getattr, proxy._emb_handle, text[0], text[1])
    try:
        kind = _recognised(class_handle)
    finally:
        _object_free(class_handle)
    if "_emb_python" in space_of(type(proxy)):  # it stands for one class of Python's
        _kinds[type(proxy)] = kind
    return kind


def _recognised(class_handle):
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


def _several(handle, wanted, reading):
    """The iterator's next items; fewer than are wanted at its end."""
    frame = take()
    try:
        words, _reals, at, address = frame.slots(wanted + 1)
        status = _next_many(handle, FORM, address + 16, wanted, address)
        if status:
            raise failure(status)
        return reading(address + 16, words[at])
    finally:
        finish(frame)
        give(frame)


def _beginning_at(proxy, place):
    """An iterator that comes next to the item at a place."""
    iterator = _iterator(proxy._emb_handle)
    call_method(iterator._emb_handle, "__setstate__", (place,), {})
    return iterator


# --- arrays


def _from_array(proxy):
    handle = proxy._emb_handle
    frame = take()
    try:
        words, _reals, at, address = frame.slots(_view.SLOTS)
        words[at] = _view.SIZE
        if _emb_array_view(handle, 0, address):
            return _iterator(handle)  # it has other items
        data, ndim, owner = words[at + _view.DATA], words[at + _view.NDIM] & _view.NDIM_ONLY, words[at + _view.OWNER]
        shape, strides, letter = words[at + _view.SHAPE], words[at + _view.STRIDES], words[at + _view.FORMAT]
    finally:
        finish(frame)
        give(frame)
    if ndim == 1:
        step = _word(strides)
        are_reals = _LETTERS.get(_read_bytes(letter, 2))
        if are_reals is not None and not step & 7:
            return _FromMemory(data, _word(shape), step >> 3, are_reals, _object.wrap_light(owner))
    _object_free(owner)
    return _Rows(handle) if ndim > 1 else _iterator(handle)


def _word(address):
    words, _reals = backend.peek(address, 1)
    return words[0]


class _FromMemory:
    """No generator: where one is short-lived, PyPy's JIT leaves next to nothing of an object, and makes
    little of what has loops."""

    __slots__ = ("_words", "_reals", "_at", "_step", "_left", "_are_reals", "_owner")

    def __init__(self, address, count, step, are_reals, owner):
        # Pointers have no items before their first: it is the one with the lowest address.
        self._at = max(0, -step * (count - 1))
        self._words, self._reals = backend.peek(address - 8 * self._at, (abs(step) * (count - 1) + 2) // 2)
        self._step, self._left, self._are_reals, self._owner = step, count, are_reals, owner

    def __iter__(self):
        return self

    def __next__(self):
        at, left = self._at, self._left
        if left <= 0:
            raise StopIteration
        self._at, self._left = at + self._step, left - 1
        return make_float(self._reals[at]) if self._are_reals else make_int(self._words[at])


class _Rows:
    """Of an array with more than one dimension."""

    __slots__ = ("_iterator", "_items", "_place", "_wanted")

    def __init__(self, handle):
        self._iterator = _iterator(handle)
        self._items, self._place, self._wanted = (), 0, 0  # what came last, of which that is the next

    def __iter__(self):
        return self

    def __next__(self):
        if self._place == len(self._items):
            if self._place < self._wanted:
                raise StopIteration
            untraced(self._read)
            return self.__next__()
        self._place += 1
        return self._items[self._place - 1]

    def _read(self):
        wanted = min(2 * self._wanted, _ROWS) or _FEW_ROWS
        items = _several(self._iterator._emb_handle, wanted, _read_objects)
        self._items, self._place, self._wanted = items, 0, wanted


def _read_objects(address, count):
    """As read_tuple, which has to expect others, whose text or items stand in libemb's memory."""
    words, reals = backend.peek(address, count)
    return [read(words, reals, at) for at in range(0, 2 * count, 2)]


# --- lists


def _from_list(proxy):
    iterator = _iterator(proxy._emb_handle)
    place = 0  # of the item that comes next
    wanted = 1
    while True:
        if wanted == 1:
            try:
                items = (following(iterator._emb_handle),)
            except StopIteration:
                return
        else:
            items = _several(iterator._emb_handle, wanted, read_tuple)
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
                iterator = _beginning_at(proxy, place)
            wanted = 1


_protocols.iterate = iterate
