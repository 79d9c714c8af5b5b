"""Memory of the host as arrays of the embedded Python, without a copy.

An array keeps the host object alive until Python's last reference to its memory is
gone; then libemb calls `_released`, exactly once.  Where the host locks exported
buffers (CPython), the object cannot be resized meanwhile.  PyPy has no such lock: an
array.array or bytearray that is resized moves its storage, and Python would go on with
the old one.  That is looked for, and warned about, whenever memory is shared again.
"""

import array
import itertools
import sys

try:
    from __pypy__ import strategy
except ImportError:

    def strategy(_numbers):
        return ""


from .._abi import _convert, _declarations, _memory
from .._abi._error import NotRunning, failure
from .._abi._kinds import FLOATS, INTS, OBJECT
from .._abi._library import backend, functions
from .._abi._memory import finish, give, take
from .._abi._names import name
from .._interpreter import _session
from .._interpreter._code import find
from .._proxies import _object
from . import _lending
from ._host_memory import Fields, Memory

_READONLY = _declarations.CONSTANTS["EMB_ARRAY_READONLY"]
_MEMORYVIEW = _declarations.CONSTANTS["EMB_ARRAY_MEMORYVIEW"]
_STRATEGIES = {"FloatListStrategy": FLOATS, "IntegerListStrategy": INTS}
_CHECKED = 32  # how many of the latest shared objects are checked for having moved, in turn

_MOVES = sys.implementation.name != "cpython"
_array_from_ptr = functions.emb_array_from_ptr

_shared = {}  # token -> the Memory that Python looks at, which keeps it
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


def share_handle(memory, dtype, readonly=False, flags=0):
    """The handle of a new array, or memoryview, for the caller to release; dtype as text."""
    _session.ensure()
    token = next(_tokens)
    if _MOVES:
        _warn_of_moved(token)
    ndim = len(memory.shape)
    dtype_entry = name(dtype)
    frame = take()
    try:
        # Shape and strides, then (behind them) the handle: at least one slot of 16 bytes.
        words, _reals, at, address = frame.slots(ndim + 1)
        for i in range(ndim):
            words[at + i] = memory.shape[i]
            words[at + ndim + i] = memory.strides[i]
        _shared[token] = memory
        status = _array_from_ptr(
            memory.address,
            dtype_entry[0],
            dtype_entry[1],
            ndim,
            address,
            address + 8 * ndim,
            flags | (_READONLY if readonly or memory.readonly else 0),
            _callback,
            token,
            address + 16 * ndim,
        )
        if status:
            raise failure(status)  # `_released` was called all the same
        return words[at + 2 * ndim]
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _settle():
    """Has dropped what was released without Python's lock, which waits for a thread that takes it."""
    with _session.gil():
        pass


def borrowed(source):
    """How many arrays of Python look at the memory of a host object.

    While it is not 0, the object must not be resized.  Call `emb.collect()` before, to
    have the proxies counted out that are garbage.
    """
    _settle()
    return sum(1 for one in lent() if one is source)


def lent():
    """The host objects that Python looks at, one for each array."""
    return [memory.source for memory in list(_shared.values())] + _lending.lent()


def _as_dict(fields):
    formats = [_as_dict(one) if isinstance(one, Fields) else one for one in fields.formats]
    return dict(fields._replace(formats=formats)._asdict())


def _warn_of_moved(token):
    """Looks at what was shared last, and at one of those before it."""
    for earlier in (token - 1, token - 2 - token % _CHECKED):
        memory = _shared.get(earlier)
        if memory is not None and memory.source is not None and memory.moved():
            _lending.warn_of_moved(memory.source)


# --- what is passed as an argument


if _MOVES:
    _lend, _lend_array = _lending.lend, _lending.lend_array
else:
    # Exported buffers are locked, and so must be let go when they are no longer needed.

    def _lend(frame, words, at, memory):
        """Writes a Memory, whose dtype is text, at words[at]: an array that is let go after the
        call."""
        flags = _MEMORYVIEW if type(memory.source) in _lending.OF_BYTES else 0
        handle = share_handle(memory, memory.dtype, False, flags)
        frame.loan(handle)
        words[at] = OBJECT
        words[at + 1] = handle

    def _lend_array(frame, words, at, source):
        """The same for an array.array; False for those of text."""
        dtype = _lending.dtypes.get(source.typecode)
        if dtype is None:
            return False
        address, count = source.buffer_info()
        itemsize = source.itemsize
        # The view is the lock.
        memory = Memory(
            memoryview(source), address, count * itemsize, dtype, itemsize, (count,), (itemsize,),
            False, source,
        )  # fmt: skip
        _lend(frame, words, at, memory)
        return True

    def _settle_after_call():
        try:
            _settle()
        except NotRunning:
            pass  # the call has ended Python, and so all that waits

    _memory.settle = _settle_after_call


def _pack_numbers(frame, words, at, numbers):
    """Writes a list of floats or ints at words[at]; False for other lists."""
    # How PyPy stores a list tells what is in it; elsewhere items are passed one by one.
    kind = _STRATEGIES.get(strategy(numbers))
    if kind is None:
        return False
    data = array.array("d" if kind == FLOATS else "q", numbers)
    address, count = data.buffer_info()
    frame.keep(data)
    words[at] = kind | count << 32
    words[at + 1] = address
    return True


_convert.Memory = Memory
_convert.lend = _lend
_convert.lend_array = _lend_array
_convert.pack_numbers = _pack_numbers
