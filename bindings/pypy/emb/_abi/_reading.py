"""emb_values as host values: the rules, in one place; those for the way there are in _convert.

None, bool, int, float, complex, str, bytes and tuple of exactly these classes become host
values, tuples with all that is in them; numpy's scalars a Scalar, which is a proxy that has
its number at hand; everything else becomes a proxy.
"""

from .._garbage._collector import untraced
from ._kinds import BIGINT, BOOL, BYTES, COMPLEX, FLOAT, INT, NONE, OBJECT, SCALAR, SHARED, TEXT, TUPLE
from ._library import backend

_read_bytes = backend.read_bytes

# Set by the modules that depend on this one; not to None before, see _convert.
# _arrivals: (handle, number of its class or 0) -> proxy that owns it, or the host's own object
wrap: object
wrap_shared: object  # the same, or the proxy that there is of the object already
scalar: object  # _scalar: (number of the type, words, reals, at) -> Scalar
passing = (-1, -1)  # _passing: the numbers of the classes of builtin classes and functions
host_s_own: object  # _passing: (such an argument) -> the host's, where it has the same


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
        return read_tuple(address, length) if length else ()
    if kind == BIGINT:
        return int(_read_bytes(address, length), 16)
    if kind == COMPLEX:
        _words, reals = backend.peek(address, 1)
        return complex(reals[0], reals[1])
    raise SystemError("libemb gave a value of the unknown kind %d" % kind)


class _Nested(list):
    """What will be a tuple in a tuple."""


def read_tuple(address, length):
    """So many results, one after the other."""
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
        among[place] = untraced(become, handle, head >> 32 & 0xFFFFFFFF)
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
            items.append(untraced(_gather, words[at + 1], head >> 32 & 0xFFFFFFFF, objects))
        else:
            items.append(read(words, reals, at))
    return items


def _frozen(items):
    return tuple([_frozen(one) if type(one) is _Nested else one for one in items])


def read_text(address, length):
    """A str from UTF-8 in memory; bytes that are not UTF-8 become lone surrogates."""
    return _read_bytes(address, length).decode("utf-8", "surrogateescape")
