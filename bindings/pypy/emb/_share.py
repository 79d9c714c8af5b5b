"""Memory of the host as arrays of the embedded Python, without a copy.

An array keeps the host object alive until Python's last reference to its memory is
gone; then libemb calls `_released`, exactly once.  Where the host locks exported
buffers (CPython), the object cannot be resized meanwhile.  PyPy has no such lock: an
array.array or bytearray that is resized moves its storage, and Python would go on with
the old one.  That is looked for, and warned about, whenever memory is shared again.
"""

import itertools
import sys
import warnings

from . import _declarations, _object, _session
from ._code import find
from ._error import failure
from ._host_memory import Fields
from ._library import backend, functions
from ._memory import name

_READONLY = _declarations.CONSTANTS["EMB_ARRAY_READONLY"]
_CHECKED = 32  # how many of the latest shared objects are checked for having moved

_shared = {}  # token -> what keeps the memory that Python looks at
_tokens = itertools.count(1)


def _released(token):
    """libemb: Python has dropped the memory.  On any thread, even before `_share` returns."""
    _shared.pop(token, None)


# For ever: Python may hold arrays as long as it runs.
_callback_owner, _callback = backend.callback("emb_release", _released)


def share(memory, readonly=False):
    """The proxy of a new array on a Memory (see _host_memory), which is kept."""
    dtype = memory.dtype
    if isinstance(dtype, str):
        return _object.wrap(share_handle(memory, dtype, readonly))
    # A dtype that is more than a string: share items of its size, and look at them anew.
    if isinstance(dtype, Fields):
        dtype = find("numpy.dtype")(_as_dict(dtype))
    raw = _object.wrap(share_handle(memory, "|V%d" % memory.itemsize, readonly))
    return raw.view(dtype)


def share_handle(memory, dtype, readonly=False):
    """The handle of a new array, for the caller to release; dtype as text."""
    _session.ensure()
    if sys.implementation.name != "cpython":
        _warn_of_moved()
    ndim = len(memory.shape)
    # Shape and strides, then (behind them) the handle: at least one slot of 16 bytes.
    _owner, words, _reals, address = backend.block(ndim + 1)
    for i in range(ndim):
        words[i] = memory.shape[i]
        words[ndim + i] = memory.strides[i]
    dtype_entry = name(dtype)
    token = next(_tokens)
    _shared[token] = memory
    status = functions.emb_array_from_ptr(
        memory.address,
        dtype_entry[0],
        dtype_entry[1],
        ndim,
        address,
        address + 8 * ndim,
        _READONLY if readonly or memory.readonly else 0,
        _callback,
        token,
        address + 16 * ndim,
    )
    if status:
        raise failure(status)  # `_released` was called all the same
    return words[2 * ndim]


def borrowed(source):
    """How many arrays of Python look at the memory of a host object.

    While it is not 0, the object must not be resized.  Call `emb.collect()` before, to
    have the proxies counted out that are garbage.
    """
    # What was released waits for a thread that takes Python's lock.
    if functions.emb_gil_acquire() == 0:
        functions.emb_gil_release()
    return sum(1 for memory in list(_shared.values()) if memory.source is source)


def _as_dict(fields):
    formats = [_as_dict(one) if isinstance(one, Fields) else one for one in fields.formats]
    return dict(fields._replace(formats=formats)._asdict())


def _warn_of_moved():
    for memory in list(_shared.values())[-_CHECKED:]:
        if memory.source is not None and memory.nbytes and memory.moved():
            warnings.warn(
                "an %s was resized while Python looks at its memory; the memory has moved, "
                "and Python's array is invalid" % type(memory.source).__name__,
                RuntimeWarning,
                stacklevel=4,
            )
