"""The backend on ctypes: works in every Python that has it."""

import array
import ctypes
import struct
import sys
import types

from . import _declarations

_TYPES = {
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64,
    "intptr_t": ctypes.c_ssize_t,
}

_POINTED = {
    "int8_t": ctypes.c_int8,
    "uint8_t": ctypes.c_uint8,
    "int16_t": ctypes.c_int16,
    "uint16_t": ctypes.c_uint16,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
    "_Bool": ctypes.c_bool,
    "char": ctypes.c_char,
}

_CALLBACKS = {
    one.name: ctypes.CFUNCTYPE(
        _TYPES[one.result] if one.result else None, *[_TYPES[each] for each in one.parameters]
    )
    for one in _declarations.CALLBACKS.values()
}


class _PyBuffer(ctypes.Structure):
    """CPython's Py_buffer."""

    _fields_ = [
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_char_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    ]


def _read_only_address(view):
    """The address of read-only memory, which from_buffer refuses."""
    if sys.implementation.name != "cpython":
        raise BufferError(
            "ctypes of this Python gives no address of read-only memory; "
            "use EMB_BACKEND=cffi, or share a writable bytearray"
        )
    buffer = _PyBuffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(view), ctypes.byref(buffer), 0)
    address = buffer.buf or 0
    # The caller keeps the memoryview, which holds the export: this second one may go.
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return address


class _Reals:
    """64-bit integers seen as doubles: what PyPy's JIT makes quicker than a memoryview."""

    def __init__(self, words):
        self._words = words

    def __getitem__(self, index):
        return struct.unpack("d", struct.pack("q", self._words[index]))[0]

    def __setitem__(self, index, value):
        self._words[index] = struct.unpack("q", struct.pack("d", value))[0]


def _near_the_limit(entry):
    """CPython's ctypes calls for each argument, and says that there was no room for it so."""
    if sys.implementation.name != "cpython":
        return entry

    def function(*arguments):
        try:
            return entry(*arguments)
        except ctypes.ArgumentError as error:
            if "RecursionError" in str(error):
                raise RecursionError("maximum recursion depth exceeded") from None
            raise

    return function


_cast = _near_the_limit(ctypes.cast)


class Backend:
    """See _library for what each method promises."""

    name = "ctypes"

    def __init__(self, path):
        self._library = ctypes.CDLL(path)
        self.functions = types.SimpleNamespace()
        for function in _declarations.FUNCTIONS.values():
            entry = getattr(self._library, function.name)
            entry.restype = _TYPES[function.result]
            entry.argtypes = [_TYPES[one] for one in function.parameters]
            setattr(self.functions, function.name, _near_the_limit(entry))

    @staticmethod
    def block(slots):
        # An array.array: PyPy's JIT knows it, but not the items of ctypes arrays.
        words = array.array("q", bytes(16 * slots))
        if sys.implementation.name == "pypy":
            reals = _Reals(words)
        else:
            reals = memoryview(words).cast("B").cast("d")
        return words, words, reals, words.buffer_info()[0]

    @staticmethod
    def pointer_to(words):
        return words

    @staticmethod
    def put_address(pointer, source):
        pointer[0] = source.buffer_info()[0]

    @staticmethod
    def area(nbytes):
        area = bytearray(nbytes)
        owner = (ctypes.c_char * nbytes).from_buffer(area)
        return (area, owner), area, ctypes.addressof(owner)

    @staticmethod
    def peek(address, slots):
        return (
            (ctypes.c_int64 * (2 * slots)).from_address(address),
            (ctypes.c_double * (2 * slots)).from_address(address),
        )

    read_bytes = staticmethod(_near_the_limit(ctypes.string_at))

    @staticmethod
    def hold(data):
        owner = ctypes.create_string_buffer(data, len(data))
        return owner, ctypes.addressof(owner)

    @staticmethod
    def buffer_address(obj):
        view = memoryview(obj)
        if not view.c_contiguous:
            raise BufferError("the memory is not contiguous")
        if view.nbytes == 0:
            return view, 0, 0, view.readonly
        if view.readonly:
            return view, _read_only_address(view), view.nbytes, True
        owner = (ctypes.c_char * view.nbytes).from_buffer(view)
        return (owner, view), ctypes.addressof(owner), view.nbytes, False

    @staticmethod
    def open_memory(address, nbytes, owner):
        if sys.implementation.name == "pypy":
            # Its memoryviews do not keep the ctypes array behind them; those of cffi do.
            from ._cffi import open_memory

            return open_memory(address, nbytes, owner)
        memory = (ctypes.c_ubyte * nbytes).from_address(address)
        memory._emb_owner = owner
        return memory

    @staticmethod
    def items(address, ctype):
        return _cast(address, ctypes.POINTER(_POINTED[ctype]))

    @staticmethod
    def pointer(address, ctype, owner):
        pointer = _cast(address, ctypes.POINTER(_POINTED[ctype]))
        pointer._emb_owner = owner
        return pointer

    @staticmethod
    def callback(kind, function, failed=None):
        owner = _CALLBACKS[kind](function)
        return owner, _cast(owner, ctypes.c_void_p).value
