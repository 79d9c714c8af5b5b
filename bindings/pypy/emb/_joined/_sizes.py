"""`sys.getsizeof` tells of CPython's objects, and of plain values, what CPython says: the host has no
sizes to tell.
"""

import sys

from .._interpreter._code import find
from .._proxies._handle import Handle

_PLAIN = frozenset((
    type(None), bool, int, float, complex, str, bytes, bytearray, tuple, list, dict, set, frozenset, range,
))  # fmt: skip


def join():
    """From now on."""
    own = sys.getsizeof

    def getsizeof(object, *default, **named):
        kind = type(object)
        if kind in _PLAIN or issubclass(kind, Handle):
            return find("sys.getsizeof")(object, *default, **named)
        return own(object, *default, **named)

    getsizeof.__doc__ = own.__doc__
    sys.getsizeof = getsizeof
