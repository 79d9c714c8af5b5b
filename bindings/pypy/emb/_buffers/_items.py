"""Arrays whose items the host reads and writes itself, at the speed of its JIT."""

import math

from .._abi._library import backend
from . import _array
from ._host_memory import contiguous_strides
from ._view import C_TYPES, View

_NAMES = {
    "b1": "bool",
    "f4": "float32", "f8": "float64",
    "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64",
    "u1": "uint8", "u2": "uint16", "u4": "uint32", "u8": "uint64",
}  # fmt: skip
_CODES = {name: code for code, name in _NAMES.items()}
_CODES.update({code: code for code in _NAMES}, float="f8", int="i8", bool="b1", d="f8", f="f4")


class Array:
    """The numbers of a numpy array, for loops in the host: `a = emb.Array(x)`.

    shape, strides (in bytes), dtype ("float64"), ndim, size, readonly    what they are
    a[i], a[i, j], a[i, j] = number     numbers of the host; negative indices too
    a[1:], a[:, 0], a[i]                Arrays on the same memory
    len(a), for item in a, a.tolist()   as for a numpy array
    a[:] = 0, a[1:3] = (1.0, 2.0)       fill, copy
    a.address                           of the first item

    Nothing is copied, in either direction: passed to Python, it is an ndarray on the same
    memory.  That stays valid, and in place, as long as the Array or anything made from it
    lives.  Arithmetic is numpy's: `np.add(a, 1)`.
    """

    __slots__ = (
        "shape",
        "strides",
        "dtype",
        "readonly",
        "address",
        "_items",
        "_length",
        "_steps",
        "_owner",
    )

    def __init__(self, source, writable=False):
        view = source if isinstance(source, View) else View(source, writable)
        code = view.code()
        if code not in _NAMES:
            raise TypeError(
                "items of format %r are no plain numbers; see emb.View and emb.view" % view.format
            )
        self._set(view.address, code, view.shape, view.strides, view.readonly, view)

    def _set(self, address, code, shape, strides, readonly, owner):
        itemsize = int(code[1:])
        if any(step % itemsize for step in strides):
            raise BufferError(
                "strides %r are no multiples of %d bytes; copy it with numpy.ascontiguousarray"
                % (strides, itemsize)
            )
        self.address, self.shape, self.strides = address, shape, strides
        self.dtype, self.readonly = _NAMES[code], readonly
        self._owner = owner
        self._items = backend.items(address, C_TYPES[code])
        self._steps = tuple(step // itemsize for step in strides)
        self._length = shape[0] if shape else 0

    @property
    def ndim(self):
        return len(self.shape)

    @property
    def size(self):
        size = 1
        for length in self.shape:
            size *= length
        return size

    @property
    def __array_interface__(self):
        code = _CODES[self.dtype]
        return {
            "version": 3,
            "shape": self.shape,
            "strides": self.strides,
            "typestr": ("|" if code[1:] == "1" else "<") + code,
            "data": (self.address, self.readonly),
        }

    def __repr__(self):
        return "<emb.Array of %s, shape %r%s>" % (
            self.dtype,
            self.shape,
            ", read-only" if self.readonly else "",
        )

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of an array without dimensions")
        return self._length

    # --- single items: what loops do

    def __getitem__(self, key):
        steps = self._steps
        if type(key) is int and len(steps) == 1:
            return self._items[self._at(key, 0) * steps[0]]
        if type(key) is tuple and len(key) == 2 == len(steps):
            row, column = key
            if type(row) is int and type(column) is int:
                return self._items[self._at(row, 0) * steps[0] + self._at(column, 1) * steps[1]]
        return self._select(key)

    def __setitem__(self, key, value):
        if self.readonly:
            raise ValueError("the array is read-only")
        steps = self._steps
        if type(key) is int and len(steps) == 1:
            self._items[self._at(key, 0) * steps[0]] = value
        elif type(key) is tuple and len(key) == 2 == len(steps) and (
            type(key[0]) is int and type(key[1]) is int
        ):  # fmt: skip
            at = self._at(key[0], 0) * steps[0] + self._at(key[1], 1) * steps[1]
            self._items[at] = value
        else:
            self._assign(self._part(key), value)

    def _at(self, index, axis):
        length = self.shape[axis]
        if index < 0:
            index += length
        if 0 <= index < length:
            return index
        raise IndexError("index %d is outside of axis %d, which has %d" % (index, axis, length))

    # --- parts

    def _select(self, key):
        part = self._part(key)
        return part if part.shape or Ellipsis in _tuple(key) else part._items[0]

    def _part(self, key):
        """The Array of what `key` selects; without dimensions for a single item."""
        keys = self._expanded(_tuple(key))
        address, shape, strides = self.address, [], []
        for axis, one in enumerate(keys):
            if isinstance(one, slice):
                start, stop, step = one.indices(self.shape[axis])
                length = len(range(start, stop, step))
                shape.append(length)
                strides.append(self.strides[axis] * step)
                address += self.strides[axis] * start if length else 0
            else:
                address += self.strides[axis] * self._at(one.__index__(), axis)
        part = Array.__new__(Array)
        code = _CODES[self.dtype]
        part._set(address, code, tuple(shape), tuple(strides), self.readonly, self._owner)
        return part

    def _expanded(self, keys):
        """The keys with `...` written out, one for each dimension."""
        given = sum(1 for one in keys if one is not Ellipsis)
        missing = len(self.shape) - given
        if missing < 0:
            raise IndexError("%d indices for %d dimensions" % (given, len(self.shape)))
        full = []
        for one in keys if Ellipsis in keys else keys + (Ellipsis,):
            if one is Ellipsis:
                full += [slice(None)] * missing
                missing = 0
            elif isinstance(one, slice) or hasattr(type(one), "__index__"):
                full.append(one)
            else:
                raise TypeError(
                    "an index is an int or a slice, not %s; for others ask numpy: "
                    "numpy.asarray(a)[...]" % type(one).__name__
                )
        return full

    @staticmethod
    def _assign(part, value):
        if not part.shape:
            part._items[0] = value
        elif isinstance(value, (int, float, bool)):
            _fill(part, value)
        elif len(value) != part.shape[0]:
            raise ValueError("%d items cannot be put where %d are" % (len(value), part.shape[0]))
        else:
            # Through a list, because the two may overlap.
            for index, item in enumerate(list(value) if part.ndim == 1 else _copied(value)):
                part[index] = item

    def __iter__(self):
        if len(self.shape) == 1:
            return _walk(self, self._items, self._length, self._steps[0])
        return map(self.__getitem__, range(len(self)))

    def tolist(self):
        """Numbers of the host, in lists for each dimension."""
        if not self.shape:
            return self._items[0]
        return list(self) if len(self.shape) == 1 else [row.tolist() for row in self]


Array.__module__ = "emb"


def _walk(_owner, items, length, step):
    at = 0
    for _ in range(length):
        yield items[at]
        at += step


def _tuple(key):
    return key if type(key) is tuple else (key,)


def _copied(rows):
    return [row.tolist() if isinstance(row, Array) else list(row) for row in rows]


def _fill(part, value):
    if part.ndim == 1:
        items, step, at = part._items, part._steps[0], 0
        for _ in range(part._length):
            items[at] = value
            at += step
    else:
        for row in part:
            _fill(row, value)


def zeros(shape, dtype="float64"):
    """An Array of zeros on memory of the host that never moves.

    For what is filled here and read there: unlike array.array and bytearray it cannot be
    resized, so Python may hold it as long as it likes.  dtype is a name of numpy ("int32").
    """
    shape = _array.lengths(shape)
    code = _CODES.get(dtype) if isinstance(dtype, str) else None
    if code is None:
        raise ValueError("dtype is %r; it can be one of %s" % (dtype, ", ".join(_CODES)))
    nbytes = int(code[1:]) * math.prod(shape)
    owner, _area, address = backend.area(max(nbytes, 16))
    made = Array.__new__(Array)
    made._set(address, code, shape, contiguous_strides(shape, int(code[1:])), False, owner)
    return made
