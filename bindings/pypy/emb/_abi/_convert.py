"""Host values into emb_values: the rules, in one place; those for the way back are in _reading.

None, bool, int, float, complex, str, bytes, tuple, list, dict, slice, Ellipsis and proxies are
written into the frame of the call, containers with all that is in them, so that a call is one
crossing.  Everything else goes through `simplify` (see _values).
"""

import array
from types import FunctionType

from .._garbage._collector import untraced
from .._proxies._handle import Handle
from ._kinds import (
    BIGINT, BOOL, BYTES, COMPLEX, DICT, ELLIPSIS, FLOAT, FROZENSET, HIGHEST, INT, LIST, LOWEST, NONE,
    OBJECT, SCALAR, SET, SLICE, TEXT, TUPLE, UINT, WATCHED,
)  # fmt: skip
from ._memory import kept_items, shared_items

_LIST_BY_PIECES = 32  # items of lists that are not worth memory of their own
_PAIR, _FIRST_BOUNDS, _SECOND_BOUNDS = 8, 12, 18  # where in a frame the parts of a subscript are, in words
_DEEPEST = 100  # levels of containers in containers
_LONGEST = 0x7FFFFFFF  # bytes or items in one value


class Unconvertible(TypeError):
    """The host object has no counterpart in CPython."""


# Set by the modules that depend on this one; not to None before, for what is assigned twice is
# a variable to PyPy's JIT, which looks it up anew each time.
simplify: object  # _values: (frame, host object) -> something that pack() knows
Scalar: object  # _scalar: the class of numpy's scalars
pack_numbers: object  # _share: (frame, words, at, list) -> whether it is one of numbers, and was written there
lend_array: object  # _share: (frame, words, at, array.array) -> whether it was written there
Memory: object  # _share: the class of descriptions of memory
lend: object  # _share: (frame, words, at, Memory): writes it there
pack_nan: object  # _nan: (words, reals, at, float that is not a number): writes it there
pass_again: object  # _passed_again: (frame, words, at, function) -> whether it was written there
watch: object  # _watched: (frame, container, words, at, address): libemb's answer will be there
pack_again: object  # _watched: (frame, words, at, container) -> whether the call gets it twice, and it was written
pack_shared: object  # _filled_later: (frame, kind, container) -> what stands for it, or None


def pack(frame, words, reals, at, value, depth=0):
    """Writes `value` at words[at] and words[at + 1].

    What the value points to lives until the frame is given back.  Raises Unconvertible
    (a TypeError) for objects that have no counterpart, ValueError for containers that
    are nested too deep or contain themselves.
    """
    kind = type(value)
    if kind is float:
        if value == value:
            words[at] = FLOAT
            reals[at + 1] = value
        else:
            untraced(pack_nan, words, reals, at, value)
    elif kind is int:
        if LOWEST <= value <= HIGHEST:
            words[at] = INT
            words[at + 1] = value
        else:
            _pack_long(frame, words, at, value)
    elif issubclass(kind, Scalar):
        words[at] = SCALAR | value._emb_number << 32
        if value._emb_number > 10:
            reals[at + 1] = value._emb_value
        else:
            words[at + 1] = _signed(value._emb_value)
    elif issubclass(kind, Handle):  # what only says so by its `__class__`, as mocks do, is none
        words[at] = OBJECT
        words[at + 1] = value._emb_handle
    elif kind is str:
        try:
            data = value.encode("utf-8")
        except UnicodeEncodeError:
            untraced(_pack_simplified, frame, words, reals, at, value, depth)
            return
        words[at] = TEXT | _length(data) << 32
        words[at + 1] = frame.bytes(data)
    elif value is None:
        words[at] = NONE
    elif kind is bool:
        words[at] = BOOL
        words[at + 1] = 1 if value else 0
    else:
        _pack_other(frame, words, reals, at, value, kind, depth)


def _pack_other(frame, words, reals, at, value, kind, depth):
    if kind is tuple:
        if 2 <= len(value) <= 3 and depth < _DEEPEST:
            _pack_point(frame, words, at, value, depth)
        else:
            _pack_items(frame, words, at, TUPLE, value, depth)
    elif kind is list:
        if depth:  # in one already that is packed apart
            _pack_watched(frame, words, at, LIST, value, depth)
        else:
            untraced(_pack_watched, frame, words, at, LIST, value, depth)
    elif kind is dict:
        untraced(_pack_watched, frame, words, at, DICT, value, depth)
    elif kind is set:
        untraced(_pack_watched, frame, words, at, SET, value, depth)
    elif kind is frozenset:
        _pack_items(frame, words, at, FROZENSET, value, depth)
    elif kind is slice:
        _pack_items(frame, words, at, SLICE, (value.start, value.stop, value.step), depth)
    elif kind is bytes:
        words[at] = BYTES | _length(value) << 32
        words[at + 1] = frame.bytes(value)
    elif kind is complex:
        _words, pair, first, address = frame.slots(1)
        pair[first] = value.real
        pair[first + 1] = value.imag
        words[at] = COMPLEX
        words[at + 1] = address
    elif value is Ellipsis:
        words[at] = ELLIPSIS
    elif kind is array.array:
        if not lend_array(frame, words, at, value):
            untraced(_pack_simplified, frame, words, reals, at, value, depth)
    elif kind is Memory:
        lend(frame, words, at, value)
    elif kind is FunctionType and pass_again(frame, words, at, value):
        pass
    else:
        untraced(_pack_simplified, frame, words, reals, at, value, depth)


def _pack_simplified(frame, words, reals, at, value, depth):
    if depth > _DEEPEST:
        raise ValueError(_too_deep())
    simple = simplify(frame, value)
    frame.keep(simple)
    pack(frame, words, reals, at, simple, depth + 1)


def _pack_watched(frame, words, at, kind, container, depth):
    """Writes a container so that libemb tells whether a call has changed it, see _watched."""
    if frame.watched and pack_again(frame, words, at, container):
        return
    there = pack_shared(frame, kind, container) if not container or shared_items or kept_items else None
    if there is not None:
        frame.keep(there)
        words[at] = OBJECT
        words[at + 1] = there._emb_handle
        return
    inner, _reals, index, address = frame.slots(2)
    words[at] = WATCHED
    words[at + 1] = address
    inner[index + 2] = NONE
    is_long = kind == LIST and _length(container) > _LIST_BY_PIECES
    if not (is_long and pack_numbers(frame, inner, index, container)):
        items = flat(container.items()) if kind == DICT else container
        _pack_each(frame, inner, index, kind, items, depth)
    # Not before: where it is in itself, it is not passed twice, but without an end.
    watch(frame, container, inner, index + 2, address)


def _pack_point(frame, words, at, point, depth):
    """The same for pairs and triples, without a loop."""
    count = len(point)
    inner, reals, index, address = frame.slots(count)
    words[at] = TUPLE | count << 32
    words[at + 1] = address
    pack(frame, inner, reals, index, point[0], depth + 1)
    pack(frame, inner, reals, index + 2, point[1], depth + 1)
    if count == 3:
        pack(frame, inner, reals, index + 4, point[2], depth + 1)


def pack_key(frame, words, reals, key):
    """Writes a tuple or a slice that stands in brackets at words[2].

    The parts of the usual ones, `a[i, j]`, `a[i:j]`, `a[:, i]`, have places of their own, where a call
    would have arguments: so there is nothing to be cleared.
    """
    if type(key) is slice:
        _pack_slice(frame, words, reals, 2, key, _FIRST_BOUNDS)
    elif len(key) == 2:
        words[2] = TUPLE | 2 << 32
        words[3] = frame.address + 8 * _PAIR
        _pack_index(frame, words, reals, _PAIR, key[0], _FIRST_BOUNDS)
        _pack_index(frame, words, reals, _PAIR + 2, key[1], _SECOND_BOUNDS)
    else:
        pack(frame, words, reals, 2, key)


def _pack_index(frame, words, reals, at, value, bounds):
    if type(value) is slice:
        _pack_slice(frame, words, reals, at, value, bounds)
    else:
        pack(frame, words, reals, at, value, 1)


def _pack_slice(frame, words, reals, at, value, bounds):
    words[at] = SLICE | 3 << 32
    words[at + 1] = frame.address + 8 * bounds
    _pack_bound(frame, words, reals, bounds, value.start)
    _pack_bound(frame, words, reals, bounds + 2, value.stop)
    _pack_bound(frame, words, reals, bounds + 4, value.step)


def _pack_bound(frame, words, reals, at, value):
    """As `pack`, of which so little becomes part of a trace, which has to have room for more."""
    if value is None:
        words[at] = NONE
    elif type(value) is int and LOWEST <= value <= HIGHEST:
        words[at] = INT
        words[at + 1] = value
    else:
        untraced(pack, frame, words, reals, at, value, 1)


def flat(pairs):
    flat = []
    for key, value in pairs:
        flat.append(key)
        flat.append(value)
    return flat


def _pack_items(frame, words, at, kind, items, depth):
    untraced(_pack_each, frame, words, at, kind, items, depth)


def _pack_each(frame, words, at, kind, items, depth):
    if depth >= _DEEPEST:
        raise ValueError(_too_deep())
    count = _length(items)
    inner, reals, index, address = frame.slots(count)
    words[at] = kind | (count // 2 if kind == DICT else count) << 32
    words[at + 1] = address
    end = index + 2 * count
    for item in items:
        if index == end:
            # Another thread is appending: what was counted is what is passed.
            break
        pack(frame, inner, reals, index, item, depth + 1)
        index += 2
    if index != end:
        raise RuntimeError("the container became smaller while it was being passed")


def _pack_long(frame, words, at, value):
    if 0 <= value <= 0xFFFFFFFFFFFFFFFF:
        words[at] = UINT
        words[at + 1] = _signed(value)
        return
    digits = hex(value).encode("ascii")
    words[at] = BIGINT | _length(digits) << 32
    words[at + 1] = frame.bytes(digits)


def _signed(word):
    return word - 0x10000000000000000 if word > HIGHEST else word


def _length(sized):
    count = len(sized)
    if count > _LONGEST:
        raise ValueError(
            "%s of %d bytes or items is too long for one value; share it as an array"
            % (type(sized).__name__, count)
        )
    return count


def _too_deep():
    return "containers nested deeper than %d levels (one that contains itself?)" % _DEEPEST
