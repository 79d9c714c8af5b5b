"""Operators of numpy's scalars that the host computes, wherever numpy would give the same to the last bit.

Those are between two float64, int64 or bool, or one of them and a number of the host.  What
might differ, an overflow, an underflow or a division by zero, which numpy warns about, is
left to numpy.
"""

import math
import operator

from .._abi._kinds import HIGHEST, LOWEST
from . import _operators
from ._object import Object
from ._operands import is_no_array
from ._scalar import BOOL, FLOAT64, INT64, Scalar, bool_, float64, int64, make_bool, make_float, make_int

_PLAIN = INT64, FLOAT64  # which stand for an int, and a float, of Python
_EXACT = 1 << 53  # integers up to here are doubles too
_TINY = 1e-300  # results between these two are neither an overflow nor an underflow
_HUGE = 1e300
_BITS = 63  # of an int64, without its sign
_OUT_OF_RANGE = math.nan  # of doubles and of integers: what is computed where numpy is to say what comes of it


def _double(value):
    """A number that numpy would take for the same double beside a float64; None for others."""
    kind = type(value)
    if kind is float:
        return value
    if kind is float64:
        return value._emb_value
    if kind is int and -_EXACT <= value <= _EXACT:
        return float(value)
    if kind is int64 and -_EXACT <= value._emb_value <= _EXACT:
        return float(value._emb_value)
    return None


def _integer(value):
    """The same beside an int64."""
    kind = type(value)
    if kind is int and LOWEST <= value <= HIGHEST:
        return value
    if kind is int64:
        return value._emb_value
    return None


def _truth(value):
    """The same beside a bool."""
    kind = type(value)
    if kind is bool:
        return value
    if kind is bool_:
        return value._emb_value
    return None


# --- what is computed: of two doubles, and of two integers


def _quotient(left, right):
    return left / right if right else _OUT_OF_RANGE


def _floor(left, right):
    return left // right if right else _OUT_OF_RANGE


def _remainder(left, right):
    return left % right if right else _OUT_OF_RANGE


def _power(left, right):
    try:
        return math.pow(left, right)  # PyPy's `**` squares otherwise than C does
    except (ValueError, OverflowError):
        return _OUT_OF_RANGE


def _integer_power(left, right):
    return left**right if 0 <= right <= _BITS else _OUT_OF_RANGE


def _left_shift(left, right):
    return left << right if 0 <= right <= _BITS else _OUT_OF_RANGE


def _right_shift(left, right):
    return left >> right if 0 <= right <= _BITS else _OUT_OF_RANGE


# --- methods


def _arithmetic(compute, doubles, integers, is_never_rounded_to_zero, fallback, reflected):
    """`compute` is the operator, of anything; `integers` None where the result of two is a float64."""

    def method(self, other):
        if integers is not None and self._emb_number == INT64:
            right = _integer(other)
            if right is not None:
                left = self._emb_value
                result = integers(right, left) if reflected else integers(left, right)
                return make_int(result) if LOWEST <= result <= HIGHEST else fallback(self, other)
        left, right = _double(self), _double(other)
        if left is not None and right is not None:
            if reflected:
                left, right = right, left
            result = doubles(left, right)
            if _TINY < result < _HUGE or -_HUGE < result < -_TINY:
                return make_float(result)
            if result == 0.0 and (is_never_rounded_to_zero or left == 0.0 or right == 0.0):
                return make_float(result)
        elif self._emb_number in _PLAIN and is_no_array(other):
            return compute(other, self._emb_value) if reflected else compute(self._emb_value, other)
        return fallback(self, other)

    return method


def _bitwise(compute, of_bools, fallback, reflected):
    """`of_bools`: whether the result of two bools is one, too."""

    def method(self, other):
        if self._emb_number == INT64:
            right = _integer(other)
            if right is not None:
                left = self._emb_value
                result = compute(right, left) if reflected else compute(left, right)
                if LOWEST <= result <= HIGHEST:
                    return make_int(result)
        elif of_bools and self._emb_number == BOOL:
            right = _truth(other)
            if right is not None:
                return make_bool(compute(self._emb_value, right))
        return fallback(self, other)

    return method


def _comparison(compute, fallback):
    def method(self, other):
        left, right = _integer(self), _integer(other)
        if left is None or right is None:
            left, right = _double(self), _double(other)
        if left is None or right is None:
            return fallback(self, other)
        return make_bool(compute(left, right))

    return method


def _with_modulus(power):
    """The method of three operands, of which the last may be left out."""

    def method(self, other, modulus=None):
        return power(self, other) if modulus is None else Object.__pow__(self, other, modulus)

    return method


def _negative(self):
    if self._emb_number == FLOAT64:
        return make_float(-self._emb_value)
    if self._emb_number == INT64 and self._emb_value != LOWEST:
        return make_int(-self._emb_value)
    return Object.__neg__(self)


def _absolute(self):
    if self._emb_number == FLOAT64:
        return make_float(abs(self._emb_value))
    if self._emb_number == INT64 and self._emb_value != LOWEST:
        return make_int(abs(self._emb_value))
    return Object.__abs__(self)


def _inverted(self):
    if self._emb_number == BOOL:
        return make_bool(not self._emb_value)
    if self._emb_number == INT64:
        return make_int(~self._emb_value)
    return Object.__invert__(self)


def _define(name, method):
    method.__name__ = name
    method.__qualname__ = "Scalar." + name
    setattr(Scalar, name, method)


def _define_both(name, make, *how):
    """The operator, with the scalar on its left and on its right."""
    forward = make(*how, getattr(Object, "__%s__" % name), False)
    _define("__%s__" % name, _with_modulus(forward) if name == "pow" else forward)
    _define("__r%s__" % name, make(*how, getattr(Object, "__r%s__" % name), True))
    setattr(Scalar, "__i%s__" % name, getattr(Scalar, "__%s__" % name))  # a number cannot change itself


_define_both("add", _arithmetic, operator.add, operator.add, operator.add, True)
_define_both("sub", _arithmetic, operator.sub, operator.sub, operator.sub, True)
_define_both("mul", _arithmetic, operator.mul, operator.mul, operator.mul, False)
_define_both("truediv", _arithmetic, operator.truediv, _quotient, None, False)
_define_both("floordiv", _arithmetic, operator.floordiv, _floor, _floor, False)
_define_both("mod", _arithmetic, operator.mod, _remainder, _remainder, True)
_define_both("pow", _arithmetic, operator.pow, _power, _integer_power, False)
_define_both("and", _bitwise, operator.and_, True)
_define_both("or", _bitwise, operator.or_, True)
_define_both("xor", _bitwise, operator.xor, True)
_define_both("lshift", _bitwise, _left_shift, False)
_define_both("rshift", _bitwise, _right_shift, False)
for _name in _operators.COMPARISONS:
    _full = "__%s__" % _name
    _define(_full, _comparison(getattr(operator, _name), getattr(Object, _full)))
_define("__neg__", _negative)
_define("__abs__", _absolute)
_define("__invert__", _inverted)
