"""Memory of the embedded Python, looked at by the host without a copy."""

import struct

try:
    from __pypy__ import newmemoryview
except ImportError:
    newmemoryview = None  # a memoryview has formats that it knows, and no other

from .._abi import _declarations
from .._abi._error import failure
from .._abi._library import backend, functions
from .._proxies import _object, _protocols
from .._proxies._handle import Handle
from ._host_memory import contiguous_strides, dtype_of_format
from ._view_words import SIZE, SLOTS

_STRUCT = _declarations.STRUCTS["emb_view"]
_WRITABLE = _declarations.CONSTANTS["EMB_VIEW_WRITABLE"]
_COPY = (
    _declarations.CONSTANTS["EMB_VIEW_COPY"] | _declarations.CONSTANTS["EMB_VIEW_CONTIGUOUS"]
)

# Of the flags that an exporter of a buffer is asked with.
_FOR_WRITING, _WITH_STRIDES = 0x1, 0x10

_CAST_LETTERS = {
    "i1": "b", "i2": "h", "i4": "i", "i8": "q",
    "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
    "f4": "f", "f8": "d", "b1": "?",
}  # fmt: skip
C_TYPES = {
    "i1": "int8_t", "i2": "int16_t", "i4": "int32_t", "i8": "int64_t",
    "u1": "uint8_t", "u2": "uint16_t", "u4": "uint32_t", "u8": "uint64_t",
    "f4": "float", "f8": "double", "b1": "_Bool",
}  # fmt: skip


class View:
    """What an exporter of a buffer says about its memory.

    address, nbytes, itemsize    in bytes
    shape, strides               tuples of int; strides in bytes, negative ones too
    format                       as the struct module writes it
    readonly                     bool
    copied                       whether it is a copy, which is the host's alone

    Nothing is copied unless copy=True allows it: for memory with gaps, and for what has
    no memory, of which numpy makes an array.
    The memory stays valid and in place as long as the View, or anything made from it,
    lives: Python cannot resize the object meanwhile.
    """

    __slots__ = (
        "address",
        "nbytes",
        "itemsize",
        "shape",
        "strides",
        "format",
        "readonly",
        "copied",
        "_owner",
    )

    def __init__(self, proxy, writable=False, copy=False):
        if not isinstance(proxy, Handle):
            raise TypeError("a view is of an emb.Object, not of %s" % type(proxy).__name__)
        _block, words, _reals, address = backend.block(SLOTS)
        words[0] = SIZE
        flags = (_WRITABLE if writable else 0) | (_COPY if copy else 0)
        status = functions.emb_array_view(proxy._emb_handle, flags, address)
        if status:
            raise failure(status)
        values = struct.unpack(_STRUCT.format, backend.read_bytes(address, SIZE))
        raw = dict(zip(_STRUCT.fields, values))
        self._owner = _object.wrap(raw["owner"])
        ndim = raw["ndim"]
        self.address = raw["data"] or 0
        self.nbytes = raw["nbytes"]
        self.itemsize = raw["itemsize"]
        self.shape = _numbers(raw["shape"], ndim)
        if raw["strides"]:
            self.strides = _numbers(raw["strides"], ndim)
        else:
            self.strides = contiguous_strides(self.shape, self.itemsize)
        self.format = _c_text(raw["format"]) or "B"
        self.readonly = bool(raw["readonly"])
        self.copied = bool(raw["copied"])

    def __repr__(self):
        return "<emb.View of %r elements of format %r, strides %r%s>" % (
            self.shape,
            self.format,
            self.strides,
            ", read-only" if self.readonly else "",
        )

    def code(self):
        """'f8' and the like, or None; only elements in the byte order of this machine."""
        dtype = dtype_of_format(self.format, self.itemsize)
        if self.format[:2] in ("M8", "m8"):
            return "i8"  # times are counted from some moment on
        return None if dtype is None or dtype[0] == ">" else dtype[1:]

    def memoryview(self):
        """A memoryview of the same shape on the same memory.

        Plain numbers keep their format.  Complex ones get a last dimension of 2, all
        other elements one of their bytes; a single element without dimensions has the
        shape (1,).  A memoryview made in Python cannot have
        gaps, except in one dimension: BufferError asks for a contiguous copy.
        """
        code = self.code()
        letter, extra = _CAST_LETTERS.get(code), ()
        if letter is not None and self.format in ("l", "L"):
            letter = self.format
        if letter is None and code in ("c8", "c16"):
            letter, extra = {"c8": "f", "c16": "d"}[code], (2,)
        elif letter is None:
            letter, extra = "B", (self.itemsize,)
        if 0 in self.shape:
            return self._finish(memoryview(b"" if self.readonly else bytearray()).cast(letter))
        if self.strides == contiguous_strides(self.shape, self.itemsize):
            view = memoryview(backend.open_memory(self.address, self.nbytes, self)).cast("B")
            # Without dimensions, PyPy 7.3's memoryview.tolist ends the process.
            shape = (self.shape or (1,)) + extra
            if len(shape) == 1:
                return self._finish(view.cast(letter))
            return self._finish(view.cast(letter, shape))
        step = self.strides[0]
        if len(self.shape) != 1 or extra or step == 0 or step % self.itemsize:
            raise BufferError(
                "a memoryview cannot have the strides %r; copy it with "
                "emb.view(x, copy=True), or use emb.View and emb.pointer" % (self.strides,)
            )
        span = (self.shape[0] - 1) * abs(step) + self.itemsize
        start = self.address + min(0, (self.shape[0] - 1) * step)
        view = memoryview(backend.open_memory(start, span, self)).cast("B").cast(letter)
        return self._finish(view[:: step // self.itemsize])

    def _finish(self, view):
        return view.toreadonly() if self.readonly and not view.readonly else view

    def pointer(self):
        """A pointer to the first element, which keeps the memory: see `emb.pointer`."""
        return backend.pointer(self.address, C_TYPES.get(self.code(), "char"), self)


View.__module__ = "emb"


def exported(proxy, flags):
    """What the host looks at for `memoryview(proxy)`, `file.write(proxy)` and the like.

    `flags` are those of the buffer protocol.  Formats that the host does not know are kept.
    """
    found = View(proxy, bool(flags & _FOR_WRITING))
    contiguous = found.strides == contiguous_strides(found.shape, found.itemsize)
    if not contiguous and not flags & _WITH_STRIDES:
        raise ValueError("%s is not C-contiguous" % type(proxy).__name__)
    if not contiguous and len(found.shape) > 1 and not flags & _FOR_WRITING:
        # A memoryview cannot have such gaps: it is one of a copy, in which nobody can write.
        return View(proxy, copy=True).memoryview().toreadonly()
    # Of one dimension PyPy 7.3 makes memoryviews that cannot be copied.
    if newmemoryview and contiguous and len(found.shape) > 1 and 0 not in found.shape:
        memory = memoryview(backend.open_memory(found.address, found.nbytes, found))
        return found._finish(newmemoryview(memory, found.itemsize, found.format, found.shape))
    return found.memoryview()


def view(proxy, writable=False, copy=False):
    """A memoryview on the memory of a numpy array, or of any exporter of a buffer.

    Nothing is copied; the memory lives as long as the memoryview.  It is read-only if
    the array is; with writable=True that is an error.  With copy=True it may be of a
    copy, where it has to be: see View, and View.memoryview for elements other than plain
    numbers.
    """
    return View(proxy, writable, copy).memoryview()


def pointer(proxy, writable=False):
    """A C pointer to the first element of an array, which keeps the memory alive.

    Of the backend's kind: a cffi cdata ("double *") or a ctypes pointer.  Elements that
    are no plain numbers give a "char *".  Not bounds-checked; only the pointer itself
    keeps the memory, not what is computed from it.
    """
    return View(proxy, writable).pointer()


def _numbers(address, count):
    if not count:
        return ()
    words, _reals = backend.peek(address, (count + 1) // 2)
    return tuple(words[i] for i in range(count))


def _c_text(address):
    """The NUL-terminated ASCII text at an address."""
    text = b""
    while address:
        byte = backend.read_bytes(address + len(text), 1)
        if byte == b"\0":
            break
        text += byte
    return text.decode("ascii", "replace")


_protocols.exported = exported
