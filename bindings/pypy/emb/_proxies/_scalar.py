"""numpy's scalars, which cross by value: no object is made for them until one is needed.

A `Scalar` is an `emb.Object` in every respect.  What only needs the number (truth, hash,
conversions, most operators, see _arithmetic) is done by the host, under its JIT.

Each of numpy's types has a class of its own here; a float64 is a float of the host, as
numpy's is one of Python.
"""

import copyreg
import numbers

from .._abi import _convert, _reading
from .._abi._calls import call_for_object, call_method
from .._abi._crossings import box, getattribute, number
from .._abi._library import functions
from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._there import python
from . import _types
from ._arrivals import mirrors
from ._handle import RELEASED, bufferable
from ._object import Object, wrap
from ._protocols import METHODS, Indexed
from ._type import Type

BOOL, INT64, FLOAT32, FLOAT64 = 0, 7, 11, 12
_NAMES = (
    "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 longlong ulonglong float32 float64".split()
)
_CHARACTERS = "?bBhHiIlLqQfd"

_new = bufferable.__new__
_new_float = float.__new__
_pythons = {}  # numpy.dtype.num -> proxy of numpy's class


class ScalarType(Type):
    """The class of these classes, which are there before numpy is."""

    def __new__(mcls, name, bases, namespace, **keywords):
        if "_emb_number" in namespace:
            return type.__new__(mcls, name, bases, namespace)
        return Type.__new__(mcls, name, bases, namespace, **keywords)

    @property
    def _emb_python(cls):
        known = _pythons.get(cls._emb_number)
        if known is None:
            known = _pythons.setdefault(cls._emb_number, _find_python(cls))
        return known


ScalarType.__name__ = ScalarType.__qualname__ = "type"
ScalarType.__module__ = "builtins"
copyreg.pickle(ScalarType, copyreg.dispatch_table[Type])


class Scalar(Object, Indexed):
    """A bool, an int or a float of numpy.

    `_emb_number` is its numpy.dtype.num, `_emb_value` the host's number, and `_emb_made` the proxy of
    the object, once there is one.
    """

    __slots__ = ()
    _emb_weighs = False

    __class__ = property(type)

    @property
    def _emb_owner(self):
        """The proxy of the numpy scalar itself, made when something needs it."""
        made = getattr(self, "_emb_made", None)
        if made is None or made._emb_handle == RELEASED:
            made = wrap(box(self))
            object.__setattr__(self, "_emb_made", made)
        return made

    @property
    def _emb_handle(self):
        return self._emb_owner._emb_handle

    def __bool__(self):
        return self._emb_value != 0

    def __hash__(self):
        return hash(self._emb_value)

    def __float__(self):
        return float(self._emb_value)

    def __int__(self):
        return int(self._emb_value)

    def __format__(self, spec):
        # Only float64 is formatted as a number of Python is.
        if self._emb_number == FLOAT64 and spec:
            return format(self._emb_value, spec)
        return Object.__format__(self, spec)

    __getitem__ = METHODS["__getitem__"]

    def __copy__(self):
        if self._emb_number == FLOAT64:
            return make_float(self._emb_value)
        if self._emb_number == BOOL:
            return self
        scalar = _new(type(self))
        _set_value(scalar, self._emb_value)
        return scalar

    def __deepcopy__(self, memo):
        return self.__copy__()


class _Number(Scalar, bufferable):
    """Of the types that no type of the host is like."""

    __slots__ = ("_emb_value", "_emb_made")

    __buffer__ = METHODS["__buffer__"]


_set_value = _Number._emb_value.__set__


@numbers.Real.register
class _Single(_Number):
    __slots__ = ()

    __round__ = METHODS["__round__"]


@numbers.Integral.register
class _Integer(_Number):
    __slots__ = ()

    __round__ = METHODS["__round__"]

    def __index__(self):
        return self._emb_value


def _make_class(name, number, base=_Number):
    # Abstract classes look for `__hash__` in the class itself.
    body = {"__slots__": (), "__module__": "numpy", "__hash__": Scalar.__hash__}
    return ScalarType(name, (base,), dict(body, _emb_number=number))


class _Float(Scalar, float):
    __slots__ = ("_emb_made",)

    _emb_value = property(float.__float__)
    __buffer__ = METHODS["__buffer__"]  # PyPy asks any object for it, but for those with a buffer of theirs
    __round__ = METHODS["__round__"]

    # These of a float would give floats.
    real = property(lambda self: getattribute(self._emb_handle, "real"))
    imag = property(lambda self: getattribute(self._emb_handle, "imag"))

    def __bytes__(self):
        return call_method(self._emb_handle, "tobytes", (), {})

    def conjugate(self):
        return call_method(self._emb_handle, "conjugate", (), {})


_classes = [
    _make_class(name, number, _Integer if BOOL < number < FLOAT32 else _Single if number else _Number)
    for number, name in enumerate(_NAMES[:-1])
]
float64 = _make_class("float64", FLOAT64, _Float)
bool_, int64 = _classes[BOOL], _classes[INT64]
_classes.append(float64)


def make_float(value):
    return _new_float(float64, value)


def make_int(value):
    scalar = _new(int64)
    _set_value(scalar, value)
    return scalar


def _only(value):
    scalar = _new(bool_)
    _set_value(scalar, value)
    return scalar


# There are two of them, as in numpy: `mask is np.ma.nomask`.
_false, _true = _only(False), _only(True)


def make_bool(value):
    return _true if value else _false


def _from_value(number, words, reals, at):
    """The Scalar of an EMB_SCALAR; see emb.h for its types."""
    if number == FLOAT64:
        return make_float(reals[at + 1])
    if number == INT64:
        return make_int(words[at + 1])
    if number == BOOL:
        return make_bool(words[at + 1] != 0)
    scalar = _new(_classes[number])
    if number > 10:
        value = reals[at + 1]
    else:
        value = words[at + 1]
        if value < 0 and number % 2 == 0:
            value += 0x10000000000000000
    _set_value(scalar, value)
    return scalar


def _class_of(which, proxy):
    """The class for numpy's, which is there already."""
    _pythons[which] = proxy
    return _classes[which]


@lasting
def _find_python(cls):
    find_class = python("scalar_class")._emb_handle
    handle = call_for_object(find_class, (_CHARACTERS[cls._emb_number],))
    mirrors[number(functions.emb_object_identity, handle)] = cls
    return wrap(handle)


_types.scalar_class = _class_of
_session.after_shutdown(_pythons.clear)
_convert.Scalar = Scalar
_reading.scalar = _from_value
