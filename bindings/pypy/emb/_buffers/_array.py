"""`array` and `from_ptr`: what the user asks to be shared, and as what."""

import ctypes
import struct
import sys

from .._interpreter import _session
from .._interpreter._code import find
from .._proxies._handle import Handle
from ._host_memory import Memory, contiguous_strides, describe, describe_bytes
from ._share import share


def array(obj, dtype=None, shape=None, strides=None, readonly=False):
    """A numpy array on the memory of `obj`, without a copy.

    obj: array.array, bytearray, memoryview, mmap, a ctypes or cffi array, cffi buffer,
    or any other exporter of a buffer; it is kept alive as long as Python needs it.
    dtype, shape (elements) and strides (bytes) describe the memory otherwise than it
    does itself; dtype is a string or a numpy dtype.  Without numpy, a memoryview.

    Raises TypeError for objects without memory to share, ValueError for shapes that
    reach beyond it, BufferError for memory that has no address.
    """
    _session.ensure()
    memory = describe(obj) if dtype is None else describe_bytes(obj)
    if memory is None:
        raise TypeError(
            "%s has no memory to share; to copy values, pass it to numpy.array"
            % type(obj).__name__
        )
    if dtype is not None:
        memory = _reinterpret(memory, dtype)
    if shape is not None or strides is not None:
        memory = _reshape(memory, shape, strides)
    return share(memory, readonly)


def _itemsize(dtype):
    if isinstance(dtype, str) and len(dtype) == 1 and dtype in "bBhHiIlLqQfd?":
        return struct.calcsize(dtype)
    return find("numpy.dtype")(dtype).itemsize


def _reinterpret(memory, dtype):
    itemsize = _itemsize(dtype)
    if itemsize < 1 or memory.nbytes % itemsize:
        raise ValueError(
            "%d bytes are no whole number of elements of %d bytes" % (memory.nbytes, itemsize)
        )
    return memory._replace(
        dtype=dtype if isinstance(dtype, (str, Handle)) else find("numpy.dtype")(dtype),
        itemsize=itemsize,
        shape=(memory.nbytes // itemsize,),
        strides=(itemsize,),
    )


def _reshape(memory, shape, strides):
    shape = memory.shape if shape is None else lengths(shape)
    if strides is None:
        strides = contiguous_strides(shape, memory.itemsize)
    else:
        strides = tuple(int(step) for step in strides)
    if len(strides) != len(shape):
        raise ValueError("%d strides for %d dimensions" % (len(strides), len(shape)))
    low, high = 0, memory.itemsize
    for length, step in zip(shape, strides):
        low += min(0, (length - 1) * step)
        high += max(0, (length - 1) * step)
    if 0 not in shape and (low < 0 or high > memory.nbytes):
        raise ValueError(
            "shape %r with strides %r needs the bytes %d to %d of %d"
            % (shape, strides, low, high, memory.nbytes)
        )
    return memory._replace(shape=shape, strides=strides)


def lengths(shape):
    shape = (shape,) if isinstance(shape, int) else tuple(int(length) for length in shape)
    if any(length < 0 for length in shape):
        raise ValueError("negative length in shape %r" % (shape,))
    return shape


def from_ptr(address, dtype, shape, strides=None, readonly=False, owner=None):
    """A numpy array on memory at `address` (int, or a pointer of ctypes or cffi).

    The memory is not checked and must stay valid; `owner`, any host object, is kept
    until Python has dropped the array.  dtype, shape, strides as for `array`.
    """
    _session.ensure()
    shape = lengths(shape)
    itemsize = _itemsize(dtype)
    kept = (owner, address)
    address = address_of(address)
    if not address and 0 not in shape:
        raise ValueError("the address is NULL")
    strides = strides or contiguous_strides(shape, itemsize)
    strides = tuple(strides)
    if len(strides) != len(shape):
        raise ValueError("%d strides for %d dimensions" % (len(strides), len(shape)))
    if not isinstance(dtype, (str, Handle)):
        dtype = find("numpy.dtype")(dtype)
    return share(Memory(kept, address, 0, dtype, itemsize, shape, strides, False, None), readonly)


def address_of(pointer):
    if isinstance(pointer, int):
        return pointer
    cffi = sys.modules.get("_cffi_backend")
    if cffi is not None and isinstance(pointer, cffi.FFI.CData):
        return int(cffi.cast(cffi.FFI().typeof("intptr_t"), pointer))
    try:
        if isinstance(pointer, (str, bytes)):
            raise TypeError("text")
        return ctypes.cast(pointer, ctypes.c_void_p).value or 0
    except (TypeError, ctypes.ArgumentError):
        raise TypeError("%s is no address" % type(pointer).__name__) from None
