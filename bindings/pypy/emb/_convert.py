"""Host values into emb_values and back: the rules, in one place.

In: None, bool, int, float, complex, str, bytes, tuple, list, dict, slice, Ellipsis and
proxies are written into the frame of the call, containers with all that is in them, so
that a call is one crossing.  Everything else goes through `simplify` (see _values).

Out: None, bool, int, float, complex, str, bytes and tuple of exactly these classes become
host values, tuples with all that is in them; numpy's scalars a Scalar, which is a proxy that has
its number at hand; everything else becomes a proxy.
"""

import array
from types import FunctionType

from . import _declarations
from ._collector import untraced
from ._handle import Handle
from ._library import backend
from ._memory import kept_items, shared_items

_C = _declarations.CONSTANTS
NONE = _C["EMB_NONE"]
BOOL = _C["EMB_BOOL"]
INT = _C["EMB_INT"]
FLOAT = _C["EMB_FLOAT"]
TEXT = _C["EMB_TEXT"]
BYTES = _C["EMB_BYTES"]
OBJECT = _C["EMB_OBJECT"]
TUPLE = _C["EMB_TUPLE"]
LIST = _C["EMB_LIST"]
DICT = _C["EMB_DICT"]
SLICE = _C["EMB_SLICE"]
ELLIPSIS = _C["EMB_ELLIPSIS"]
UINT = _C["EMB_UINT"]
COMPLEX = _C["EMB_COMPLEX"]
BIGINT = _C["EMB_BIGINT"]
SCALAR = _C["EMB_SCALAR"]
MEMORY = _C["EMB_MEMORY"]
SET = _C["EMB_SET"]
FROZENSET = _C["EMB_FROZENSET"]
WATCHED = _C["EMB_WATCHED"]
FUNCTION = _C["EMB_FUNCTION"]
SHARED = _C["EMB_SHARED"]
FLOATS = _C["EMB_FLOATS"]
INTS = _C["EMB_INTS"]

_LIST_BY_PIECES = 32  # items of lists that are not worth memory of their own
_DEEPEST = 100  # levels of containers in containers
_LONGEST = 0x7FFFFFFF  # bytes or items in one value
_LOWEST = -0x8000000000000000
_HIGHEST = 0x7FFFFFFFFFFFFFFF

_read_bytes = backend.read_bytes


class Unconvertible(TypeError):
    """The host object has no counterpart in CPython."""


# Set by the modules that depend on this one; not to None before, for what is assigned twice is
# a variable to PyPy's JIT, which looks it up anew each time.
# _arrivals: (handle, number of its class or 0) -> proxy that owns it, or the host's own object
wrap: object
wrap_shared: object  # the same, or the proxy that there is of the object already
simplify: object  # _values: (frame, host object) -> something that pack() knows
Scalar: object  # _scalar: the class of numpy's scalars
scalar: object  # _scalar: (number of the type, words, reals, at) -> Scalar
pack_numbers: object  # _share: (frame, words, at, list) -> whether it is one of numbers, and was written there
lend_array: object  # _share: (frame, words, at, array.array) -> whether it was written there
Memory: object  # _share: the class of descriptions of memory
lend: object  # _share: (frame, words, at, Memory): writes it there
pack_nan: object  # _nan: (words, reals, at, float that is not a number): writes it there
passing = (-1, -1)  # _passing: the numbers of the classes of builtin classes and functions
host_s_own: object  # _passing: (such an argument) -> the host's, where it has the same
pass_again: object  # _passed_again: (frame, words, at, function) -> whether it was written there
pack_shared: object  # _filled_later: (frame, kind, container) -> what stands for it, or None
refresh: object  # _watched: (frame.watched): what a call has changed in Python's copies


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
        if _LOWEST <= value <= _HIGHEST:
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
        if len(value) == 2 and not depth:
            _pack_pair(frame, words, at, value)
        else:
            _pack_items(frame, words, at, TUPLE, value, depth)
    elif kind is list:
        untraced(_pack_watched, frame, words, at, LIST, value, depth)
    elif kind is dict:
        untraced(_pack_watched, frame, words, at, DICT, value, depth)
    elif kind is set:
        untraced(_pack_watched, frame, words, at, SET, value, depth)
    elif kind is frozenset:
        _pack_items(frame, words, at, FROZENSET, value, depth)
    elif kind is slice:
        if not depth:
            _pack_slice(frame, words, at, value)
        else:
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
    frame.busy = True
    frame.watched.append((container, inner, index + 2))
    if kind == LIST and _length(container) > _LIST_BY_PIECES:
        if pack_numbers(frame, inner, index, container):
            return
    items = flat(container.items()) if kind == DICT else container
    _pack_each(frame, inner, index, kind, items, depth)


def _pack_pair(frame, words, at, pair):
    """The same for the usual key of an array, `a[i, j]`, without a loop."""
    inner, reals, index, address = frame.slots(2)
    words[at] = TUPLE | 2 << 32
    words[at + 1] = address
    _pack_index(frame, inner, reals, index, pair[0])
    _pack_index(frame, inner, reals, index + 2, pair[1])


def _pack_index(frame, words, reals, at, value):
    if type(value) is slice:
        _pack_slice(frame, words, at, value)
    else:
        pack(frame, words, reals, at, value, 1)


def _pack_slice(frame, words, at, value):
    """The same for the other usual key, `a[i:j]`."""
    inner, reals, index, address = frame.slots(3)
    words[at] = SLICE | 3 << 32
    words[at + 1] = address
    _pack_bound(frame, inner, reals, index, value.start)
    _pack_bound(frame, inner, reals, index + 2, value.stop)
    _pack_bound(frame, inner, reals, index + 4, value.step)


def _pack_bound(frame, words, reals, at, value):
    """As `pack`, of which so little becomes part of a trace, which has to have room for more."""
    if value is None:
        words[at] = NONE
    elif type(value) is int and _LOWEST <= value <= _HIGHEST:
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
    return word - 0x10000000000000000 if word > _HIGHEST else word


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


def read(words, reals, at=0):
    """The host value of a result at words[at].  Objects become proxies that own them."""
    head = words[at]
    kind = head & 0xFFFFFFFF
    if kind == OBJECT:
        return wrap(words[at + 1], head >> 32 & 0xFFFFFFFF)
    if kind == FLOAT:
        return reals[at + 1]
    if kind == INT:
        return words[at + 1]
    if kind == SCALAR:
        return scalar(head >> 32, words, reals, at)
    if kind == SHARED:
        return wrap_shared(words[at + 1], head >> 32 & 0xFFFFFFFF)
    if kind == NONE:
        return None
    if kind == BOOL:
        return words[at + 1] != 0
    if kind == TEXT:
        return read_text(words[at + 1], head >> 32 & 0xFFFFFFFF)
    if kind == BYTES:
        return _read_bytes(words[at + 1], head >> 32 & 0xFFFFFFFF)
    return _read_deep(kind, head >> 32 & 0xFFFFFFFF, words[at + 1])


def read_argument(words, reals, at):
    """As `read`, of an argument of a host function, which libemb owns: objects are taken."""
    head = words[at]
    kind = head & 0xFFFFFFFF
    if kind == OBJECT or kind == SHARED:
        number = head >> 32 & 0xFFFFFFFF
        value = wrap_shared(words[at + 1], number)
        words[at] = NONE
        return host_s_own(value) if number in passing else value
    if kind == TUPLE:
        length = head >> 32 & 0xFFFFFFFF
        words, reals = backend.peek(words[at + 1], length)
        return tuple([read_argument(words, reals, at) for at in range(0, 2 * length, 2)])
    return read(words, reals, at)


def _read_deep(kind, length, address):
    if kind == TUPLE:
        return _read_tuple(address, length) if length else ()
    if kind == BIGINT:
        return int(_read_bytes(address, length), 16)
    if kind == COMPLEX:
        _words, reals = backend.peek(address, 1)
        return complex(reals[0], reals[1])
    raise SystemError("libemb gave a value of the unknown kind %d" % kind)


class _Nested(list):
    """What will be a tuple in a tuple."""


def _read_tuple(address, length):
    words, reals = backend.peek(address, length)
    if length == 2:  # the usual one, without a loop
        if _is_plain(words[0]) and _is_plain(words[2]):
            return read(words, reals, 0), read(words, reals, 2)
        return _read_mixed(address, length)
    items = []
    for at in range(0, 2 * length, 2):
        if not _is_plain(words[at]):
            return _read_mixed(address, length)
        items.append(read(words, reals, at))
    return tuple(items)


def _is_plain(head):
    kind = head & 0xFFFFFFFF
    return kind != OBJECT and kind != SHARED and kind != TUPLE


def _read_mixed(address, length):
    """The same, of tuples and objects too."""
    # What becomes of the objects may take calls, whose results take the place of this one in libemb's
    # memory: so all the rest comes first.
    objects = []
    items = _gather(address, length, objects)
    for among, place, head, handle in objects:
        become = wrap if head & 0xFFFFFFFF == OBJECT else wrap_shared
        among[place] = become(handle, head >> 32 & 0xFFFFFFFF)
    return _frozen(items)


def _gather(address, length, objects):
    words, reals = backend.peek(address, length)
    items = _Nested()
    for at in range(0, 2 * length, 2):
        head = words[at]
        kind = head & 0xFFFFFFFF
        if kind == OBJECT or kind == SHARED:
            objects.append((items, at >> 1, head, words[at + 1]))
            items.append(None)
        elif kind == TUPLE and head >> 32 & 0xFFFFFFFF:
            items.append(_gather(words[at + 1], head >> 32 & 0xFFFFFFFF, objects))
        else:
            items.append(read(words, reals, at))
    return items


def _frozen(items):
    return tuple([_frozen(one) if type(one) is _Nested else one for one in items])


def read_text(address, length):
    """A str from UTF-8 in memory; bytes that are not UTF-8 become lone surrogates."""
    return _read_bytes(address, length).decode("utf-8", "surrogateescape")
