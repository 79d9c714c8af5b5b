"""The operators of the proxy, made from one table.

Each is one crossing.  Comparisons give what Python gives: an array for arrays.  An
operand without a counterpart in Python makes the operator NotImplemented, so that the
other operand is asked and the host raises its usual TypeError.
"""

from .._abi import _declarations
from .._abi._crossings import number, operate, operate_unary
from .._abi._library import functions

_C = _declarations.CONSTANTS
_IN_PLACE = _C["EMB_OP_IN_PLACE"]

_BINARY = {
    "add": "ADD",
    "sub": "SUBTRACT",
    "mul": "MULTIPLY",
    "truediv": "TRUE_DIVIDE",
    "floordiv": "FLOOR_DIVIDE",
    "mod": "REMAINDER",
    "lshift": "LSHIFT",
    "rshift": "RSHIFT",
    "and": "AND",
    "xor": "XOR",
    "or": "OR",
    "matmul": "MATMUL",
    "divmod": "DIVMOD",
    "pow": "POWER",
}
COMPARISONS = {"lt": "LT", "le": "LE", "eq": "EQ", "ne": "NE", "gt": "GT", "ge": "GE"}
NAMES = []  # of methods that take another operand
_UNARY = {"neg": "NEGATIVE", "pos": "POSITIVE", "abs": "ABSOLUTE", "invert": "INVERT"}

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free


class Operators:
    """The operators; a base of the proxy class, filled below."""

    __slots__ = ()


def _forward(op):
    def operator(self, other):
        return operate(op, self, other)

    return operator


def _reflected(op):
    def operator(self, other):
        return operate(op, other, self)

    return operator


def _in_place(op):
    op |= _IN_PLACE

    def operator(self, other):
        result = operate(op, self, other)
        # An object that changed itself stays the same proxy: `b = a; a += 1; a is b`.
        if issubclass(type(result), Operators):
            if number(_identity, result._emb_handle) == number(_identity, self._emb_handle):
                return self
        return result

    return operator


def _alone(op):
    def operator(self):
        return operate_unary(op, self)

    return operator


def _define(name, function):
    function.__name__ = name
    function.__qualname__ = "Object." + name
    setattr(Operators, name, function)


for _name, _constant in _BINARY.items():
    _op = _C["EMB_OP_" + _constant]
    _define("__%s__" % _name, _forward(_op))
    _define("__r%s__" % _name, _reflected(_op))
    NAMES += "__%s__" % _name, "__r%s__" % _name
    if _name != "divmod":
        _define("__i%s__" % _name, _in_place(_op))
for _name, _constant in COMPARISONS.items():
    _define("__%s__" % _name, _forward(_C["EMB_OP_" + _constant]))
    NAMES.append("__%s__" % _name)
for _name, _constant in _UNARY.items():
    _define("__%s__" % _name, _alone(_C["EMB_OP_" + _constant]))
