"""numpy's scalars, which cross by value: no object is made for them until one is needed.

A `Scalar` is an `emb.Object` in every respect.  What only needs the number (arithmetic of
float64 and int64, comparisons, truth, hash, conversions) is done by the host, under its
JIT, wherever numpy would give the same to the last bit; what might differ (a division by
zero, an overflow, which numpy warns about) is left to numpy.
"""

import operator

from . import _convert, _lifetime, _operators
from ._calls import box
from ._handle import Owner
from ._object import Object
from ._protocols import METHODS

BOOL, INT64, FLOAT32, FLOAT64 = 0, 7, 11, 12

_EXACT = 1 << 53  # integers up to here are doubles too
_LOWEST = -0x8000000000000000
_HIGHEST = 0x7FFFFFFFFFFFFFFF
_TINY = 1e-300  # results between these two are neither an overflow nor an underflow
_HUGE = 1e300

_new = object.__new__
_get_handle = Owner._emb_handle.__get__


class Scalar(Object, Owner):
    """A bool, an int or a float of numpy."""

    __slots__ = ("_emb_number", "_emb_value")  # numpy.dtype.num, and the host's number

    @property
    def _emb_handle(self):
        """The handle of the numpy scalar itself, made when something needs it."""
        handle = _get_handle(self)
        if not handle:
            handle = box(self)
            _lifetime.own(self, handle)
        return handle

    if not _lifetime.TRACING:

        def __del__(self, _get=_get_handle, _free=_lifetime.release):
            _free(_get(self))

    def __bool__(self):
        return self._emb_value != 0

    def __hash__(self):
        return hash(self._emb_value)

    def __float__(self):
        return float(self._emb_value)

    def __int__(self):
        return int(self._emb_value)

    def __index__(self):
        if BOOL < self._emb_number < FLOAT32:
            return self._emb_value
        return METHODS["__index__"](self)

    def __format__(self, spec):
        # Only float64 is formatted as a number of Python is.
        if self._emb_number == FLOAT64 and spec:
            return format(self._emb_value, spec)
        return Object.__format__(self, spec)

    for _name in "__complex__ __round__ __trunc__ __floor__ __ceil__ __getitem__".split():
        locals()[_name] = METHODS[_name]

    def __neg__(self):
        if self._emb_number == FLOAT64:
            return make(FLOAT64, -self._emb_value)
        return Object.__neg__(self)

    def __abs__(self):
        if self._emb_number == FLOAT64:
            return make(FLOAT64, abs(self._emb_value))
        return Object.__abs__(self)


_set_handle = Owner._emb_handle.__set__
_set_number = Scalar._emb_number.__set__
_set_value = Scalar._emb_value.__set__


def make(number, value):
    scalar = _new(Scalar)
    _set_handle(scalar, 0)
    _set_number(scalar, number)
    _set_value(scalar, value)
    return scalar


def _from_value(number, words, reals, at):
    """The Scalar of an EMB_SCALAR; see emb.h for its types."""
    if number > 10:
        return make(number, reals[at + 1])
    value = words[at + 1]
    if number == BOOL:
        return make(number, value != 0)
    if value < 0 and number % 2 == 0:
        value += 0x10000000000000000
    return make(number, value)


def _double(value):
    """A number that numpy would take for the same double beside a float64; None for others."""
    kind = type(value)
    if kind is float:
        return value
    if kind is Scalar and value._emb_number == FLOAT64:
        return value._emb_value
    if kind is int and -_EXACT <= value <= _EXACT:
        return float(value)
    return None


def _integer(value):
    """The same beside an int64."""
    kind = type(value)
    if kind is int and _LOWEST <= value <= _HIGHEST:
        return value
    if kind is Scalar and value._emb_number == INT64:
        return value._emb_value
    return None


def _arithmetic(compute, exact_zero, integers, fallback, reflected):
    def method(self, other):
        if self._emb_number == FLOAT64:
            left, right = self._emb_value, _double(other)
            if right is not None:
                if reflected:
                    left, right = right, left
                if exact_zero or right != 0.0:
                    result = compute(left, right)
                    if _TINY < result < _HUGE or -_HUGE < result < -_TINY:
                        return make(FLOAT64, result)
                    if exact_zero and result == 0.0:
                        return make(FLOAT64, result)
        elif integers and self._emb_number == INT64:
            left, right = self._emb_value, _integer(other)
            if right is not None:
                result = compute(right, left) if reflected else compute(left, right)
                if _LOWEST <= result <= _HIGHEST:
                    return make(INT64, result)
        return fallback(self, other)

    return method


def _comparison(compute, fallback):
    def method(self, other):
        if self._emb_number == FLOAT64:
            right = _double(other)
        elif self._emb_number == INT64:
            right = _integer(other)
        else:
            right = None
        if right is None:
            return fallback(self, other)
        return make(BOOL, compute(self._emb_value, right))

    return method


def _define(name, method):
    method.__name__ = name
    method.__qualname__ = "Scalar." + name
    setattr(Scalar, name, method)


# Sums and differences are never rounded to zero, products and quotients may be.
for _name, _exact_zero, _integers in (
    ("add", True, True),
    ("sub", True, True),
    ("mul", False, True),
    ("truediv", False, False),
):
    _compute = getattr(operator, _name)
    for _prefix in ("", "r"):
        _full = "__%s%s__" % (_prefix, _name)
        _fallback = getattr(Object, _full)
        _define(_full, _arithmetic(_compute, _exact_zero, _integers, _fallback, bool(_prefix)))
    # A number cannot change itself.
    _define("__i%s__" % _name, getattr(Scalar, "__%s__" % _name))
for _name in _operators.COMPARISONS:
    _full = "__%s__" % _name
    _define(_full, _comparison(getattr(operator, _name), getattr(Object, _full)))

_convert.Scalar = Scalar
_convert.scalar = _from_value
