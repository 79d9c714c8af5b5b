"""Describes memory of the host: where it is, what is in it, and what keeps it there."""

import array
import collections
import ctypes
import re
import sys

from .._abi._library import backend


class Memory(
    collections.namedtuple(
        "Memory", "owner address nbytes dtype itemsize shape strides readonly source"
    )
):
    """A piece of host memory.

    owner     keeps the memory alive, and locked where the host locks
    address   of the first element; nbytes from there on, counting whole elements
    dtype     as numpy writes it ("<f8"), a Fields for structs, or a proxy of a dtype
    shape, strides   tuples of int, strides in bytes
    source    the host object it was taken from, None if only an address was given
    """

    __slots__ = ()

    def moved(self):
        """Whether an array.array or bytearray has got other storage since."""
        if not self.nbytes:
            return False
        if type(self.source) is array.array:
            return self.source.buffer_info()[0] != self.address
        if not isinstance(self.source, (array.array, bytearray)) or not self.source:
            return False
        return backend.buffer_address(self.source)[1] != self.address


Fields = collections.namedtuple("Fields", "names formats offsets itemsize")

_KINDS = {}
for _letters, _kind in (
    ("bhilqn", "i"),
    ("BHILQNP", "u"),
    ("efdg", "f"),
    ("F", "c"),
    ("D", "c"),
    ("?", "b"),
    ("c", "S"),
    ("s", "S"),
    ("uw", "U"),
):
    for _letter in _letters:
        _KINDS[_letter] = _kind


def dtype_of_format(format, itemsize):
    """The dtype for a format of the struct module; None for those without one.

    The size comes from the itemsize, not from the letter: "<l" is 8 bytes in ctypes'
    buffers and 4 in the struct module.
    """
    match = re.fullmatch(r"([@=<>!^]?)(\d*)(Z[fdg]|[a-zA-Z?])", format or "B")
    if match is None:
        return None
    order, count, letter = match.groups()
    kind = "c" if letter[0] == "Z" else _KINDS.get(letter)
    if kind is None or (count and letter != "s"):
        return None
    if kind == "U":
        return "<U1" if itemsize == 4 else None
    if itemsize == 1 or kind == "S":
        return "|%s%d" % (kind, itemsize)
    big = order in (">", "!") or (order in ("", "@", "=", "^") and sys.byteorder == "big")
    return "%s%s%d" % (">" if big else "<", kind, itemsize)


def describe(source):
    """The Memory of an object that has some to share, None of any other object.

    array.array, bytearray, memoryview, mmap, ctypes and cffi arrays, cffi buffers, and
    whatever else exports a buffer or __array_interface__.  Raises BufferError for
    memory that cannot be described.
    """
    if getattr(type(source), "__array_interface__", None) is not None:
        interface = source.__array_interface__
        # Of another object's memory, or of elements that are no numbers, numpy asks by itself.
        if type(interface.get("data")) is tuple and interface["typestr"][1] not in "OV":
            return _from_interface(source, interface)
        return None
    if _is_cdata(source):
        return _from_cdata(source)
    try:
        view = memoryview(source)
    except TypeError:
        return None
    if isinstance(source, ctypes.Array):
        dtype = _dtype_of_ctype(type(source))
    else:
        dtype = dtype_of_format(view.format, view.itemsize)
    if dtype is None:
        raise BufferError(
            "elements of format %r have no dtype; say which: emb.array(obj, dtype=...)"
            % view.format
        )
    return _from_view(source, view, dtype)


def describe_or_copy(source):
    """As `describe`; of a memoryview whose memory has no address, a copy that Python only reads."""
    try:
        return describe(source)
    except BufferError:
        dtype = dtype_of_format(source.format, source.itemsize) if type(source) is memoryview else None
        if dtype is None:
            raise
        copy = describe(bytearray(source.tobytes()))
        strides = contiguous_strides(source.shape, source.itemsize)
        return copy._replace(
            dtype=dtype, itemsize=source.itemsize, shape=tuple(source.shape), strides=strides, readonly=True
        )


def describe_bytes(source):
    """As `describe`, but as bytes: for those who bring their own dtype."""
    if not _is_cdata(source) and getattr(type(source), "__array_interface__", None) is None:
        try:
            view = memoryview(source)
        except TypeError:
            return None
        if view.c_contiguous:
            owner, address, nbytes, readonly = backend.buffer_address(source)
            return Memory(owner, address, nbytes, "|u1", 1, (nbytes,), (1,), readonly, source)
    return describe(source)


def _from_view(source, view, dtype):
    shape, strides = tuple(view.shape), tuple(view.strides)
    try:
        owner, address, readonly = _place(source, view)
    except (TypeError, ValueError) as error:
        raise BufferError(str(error)) from None  # of PyPy: there is none of the memory of its BytesIO
    # `view` too is kept: where the host locks exported buffers, it is the lock.
    return Memory(
        (owner, view), address, view.nbytes, dtype, view.itemsize, shape, strides, readonly, source
    )


def _place(source, view):
    """What keeps the memory, its address, and whether it is only to be read."""
    if view.c_contiguous:
        owner, address, _nbytes, readonly = backend.buffer_address(source)
        return owner, address, readonly
    if view.ndim != 1:
        raise BufferError(
            "a memoryview of several dimensions with gaps gives no address; pass a "
            "contiguous copy, or emb.from_ptr() with strides"
        )
    if view.readonly and sys.implementation.name == "pypy":
        raise BufferError("a read-only memoryview with gaps gives no address on PyPy")
    if view.readonly:
        owner, address, _nbytes, readonly = backend.buffer_address(view[:1])
        return owner, address, readonly
    # Not the backend: cffi on PyPy gives the address of a copy here.
    owner = (ctypes.c_char * view.itemsize).from_buffer(view[:1])
    return owner, ctypes.addressof(owner), False


def _from_interface(source, interface):
    address, readonly = interface["data"]
    shape = tuple(interface["shape"])
    dtype = interface["typestr"]
    itemsize = int(re.search(r"\d+", dtype).group())
    if dtype[1] == "U":
        itemsize *= 4
    strides = interface.get("strides") or contiguous_strides(shape, itemsize)
    count = itemsize
    for length in shape:
        count *= length
    return Memory(source, address, count, dtype, itemsize, shape, strides, readonly, source)


def _dtype_of_ctype(ctype):
    """dtype or Fields of a ctypes type, of its elements if it is an array."""
    while issubclass(ctype, ctypes.Array):
        ctype = ctype._type_
    itemsize = ctypes.sizeof(ctype)
    if issubclass(ctype, ctypes.Structure):
        names, formats, offsets = [], [], []
        for field in ctype._fields_:
            dtype = _dtype_of_ctype(field[1])
            if dtype is None or issubclass(field[1], ctypes.Array) or len(field) > 2:
                return None
            names.append(field[0])
            formats.append(dtype)
            offsets.append(getattr(ctype, field[0]).offset)
        return Fields(names, formats, offsets, itemsize)
    code = getattr(ctype, "_type_", None)
    if not isinstance(code, str):
        return None
    if ctype.__name__.endswith("_be"):
        code = ">" + code
    return dtype_of_format(code, itemsize)


def _is_cdata(source):
    # cffi need not be the backend for the host's script to use it.
    module = sys.modules.get("_cffi_backend")
    return module is not None and isinstance(source, module.FFI.CData)


def is_c_function(source):
    """Whether it is a C function of ctypes or cffi: to be called, though it has memory too."""
    if _is_cdata(source):
        return sys.modules["_cffi_backend"].typeof(source).kind == "function"
    return isinstance(source, ctypes._CFuncPtr)


_C_KINDS = {"float": "f", "double": "f", "long double": "f", "_Bool": "b", "char": "S"}


def _from_cdata(source):
    cffi = sys.modules["_cffi_backend"]
    ctype = cffi.typeof(source)
    if ctype.kind != "array":
        raise BufferError(
            "a cdata %r does not know its length; pass an array, ffi.buffer(pointer, nbytes), "
            "or emb.from_ptr(pointer, dtype, shape)" % ctype
        )
    nbytes = cffi.sizeof(source)
    shape = [len(source)]
    item = ctype.item
    while item.kind == "array":
        shape.append(item.length)
        item = item.item
    itemsize = cffi.sizeof(item)
    kind = _C_KINDS.get(item.cname)
    if kind is None and item.kind == "primitive":
        kind = "i" if int(cffi.cast(item, -1)) < 0 else "u"
        if "complex" in item.cname.lower():
            kind = "c"
    if kind is None:
        raise BufferError("elements of C type %r have no dtype" % item.cname)
    dtype = "%s%s%d" % ("|" if itemsize == 1 else "<", kind, itemsize)
    address = int(cffi.cast(cffi.FFI().typeof("intptr_t"), source))
    strides = contiguous_strides(shape, itemsize)
    return Memory(source, address, nbytes, dtype, itemsize, tuple(shape), strides, False, source)


def contiguous_strides(shape, itemsize):
    """Strides in bytes of an array in C order."""
    strides = []
    step = itemsize
    for length in reversed(shape):
        strides.append(step)
        step *= length
    return tuple(reversed(strides))
