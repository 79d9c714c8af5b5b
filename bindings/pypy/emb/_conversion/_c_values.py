"""Classes and values of ctypes, which both Pythons have: the same C type, on the same memory.

`a.ctypes.data_as(POINTER(c_double))` is a pointer of the host's ctypes, for the C functions that
the program has loaded; and a pointer, structure or C function of the program is one of Python's
ctypes over there.  Who has made a value keeps it until the other has dropped it.
"""

import ctypes
import sys
import weakref

from .._abi._calls import call_for_object
from .._abi._crossings import number
from .._abi._library import functions
from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._code import Part
from .._proxies import _object
from .._proxies._arrivals import mirrors
from .._proxies._handle import Handle

_SOURCE = '''
import ctypes
import types

KINDS = (
    ctypes._SimpleCData, ctypes._Pointer, ctypes.Array, ctypes.Structure, ctypes.Union,
    ctypes._CFuncPtr,
)

def parts(cls):
    """What a class of ctypes is made of: its name, that of the one of which it is the other order of bytes,
    and by which name that has it, or of what it is, and how many; the one that it is derived from, and which
    functions that convert it has; () for others."""
    if not issubclass(cls, KINDS) or cls is ctypes.py_object:
        return ()
    if getattr(ctypes, cls.__name__, None) is cls:
        return (cls.__name__,) if cls not in KINDS else ()
    native = getattr(cls, NATIVE, None)
    if native is not None and native is not cls:
        return (native.__name__, SWAPPED)
    of = getattr(cls, "_type_", None)
    if issubclass(cls, ctypes.Array):
        return (of, cls._length_) if of * cls._length_ is cls else ()
    if issubclass(cls, ctypes._Pointer):
        return (of, None) if ctypes.POINTER(of) is cls else ()
    own = tuple(name for name in CONVERSIONS if type(getattr(cls, name, None)) in PYTHONS)
    return (cls.__base__, own) if own and issubclass(cls, ctypes._SimpleCData) else ()

# What a class may say of arguments and results of C functions, in code of Python.
CONVERSIONS = "from_param", "_check_retval_"
PYTHONS = types.FunctionType, types.MethodType

def checked(cls, address):
    return cls.from_buffer_copy(ctypes.string_at(address, ctypes.sizeof(cls)))._check_retval_()

def named(name):
    return getattr(ctypes, name)

def swapped(name):
    return getattr(getattr(ctypes, name), SWAPPED)

def array(of, count):
    return of * count

def pointer(of):
    return ctypes.POINTER(of)

def at(cls, address, keeper):
    value = cls.from_address(address)
    value._emb_keeper = keeper
    return value

def prototype(result, arguments):
    return ctypes.CFUNCTYPE(result, *arguments)

def function(address, result, arguments, keeper):
    class _FuncPtr(ctypes._CFuncPtr):
        _flags_, _restype_ = 1, result
    value = _FuncPtr(address)
    if arguments is not None:
        value.argtypes = arguments
    value._emb_keeper = keeper
    return value

def record(name, bases, module, options):
    return type(bases[0])(name, bases, dict(options, __module__=module))

def fill(record, fields):
    record._fields_ = fields

def place(value):
    return ctypes.addressof(value), getattr(value, "_emb_keeper", None)
'''

# By these, numbers of both orders of bytes know one another.
_NATIVE, _SWAPPED = "__ctype_le__", "__ctype_be__"
if sys.byteorder == "big":
    _NATIVE, _SWAPPED = _SWAPPED, _NATIVE

_python = Part(_SOURCE, lambda: {"NATIVE": _NATIVE, "SWAPPED": _SWAPPED})
_identity = functions.emb_object_identity
_object_free = functions.emb_object_free
_made = weakref.WeakKeyDictionary()  # the host's class -> proxy of Python's

_Pointer, _CFuncPtr = ctypes._Pointer, ctypes._CFuncPtr
_RECORDS = (ctypes.Structure, ctypes.Union)
_KINDS = (ctypes._SimpleCData, _Pointer, ctypes.Array, _CFuncPtr) + _RECORDS
_OPTIONS = ("_pack_", "_anonymous_", "_align_", "_layout_")
METACLASSES = (
    "PyCSimpleType", "PyCPointerType", "PyCArrayType", "PyCFuncPtrType", "PyCStructType", "UnionType",
)  # fmt: skip
# What numbers and arrays of numbers are over there is an array, see _host_memory.
_NO_NUMBERS = "zZPO"


class _Keeper:
    """What Python's value keeps of the host, which is found again through it."""

    __slots__ = ("value", "__weakref__")

    _emb_signature = "()"
    __name__ = "keeper"

    def __init__(self, value):
        self.value = value

    def __call__(self):
        return self.value


def is_of_ctypes(kind):
    """Whether it is a class of the host's ctypes, or one that is derived from it."""
    return isinstance(kind, type) and issubclass(kind, _KINDS)


# --- from the host to Python


def python_class(kind):
    """The proxy of Python's class for one of the host's ctypes; None for any other class."""
    if not is_of_ctypes(kind) or kind in _KINDS or kind is ctypes.py_object:
        return None
    made = _made.get(kind)
    if made is None:
        made = _make(kind)
        if made is not None:
            _remember(kind, made)
            if issubclass(kind, _RECORDS) and not _is_its_own(kind):
                _python("fill")(made, _fields(kind))
    return made


def _remember(kind, made):
    _made[kind] = made
    mirrors[number(_identity, made._emb_handle)] = kind


def _is_its_own(kind):
    """Whether it is one of those that ctypes has by name."""
    return vars(ctypes).get(kind.__name__) is kind


@lasting
def _make(kind):
    if _is_its_own(kind):
        return _there("named", kind.__name__)
    native = getattr(kind, _NATIVE, kind)
    if native is not kind:
        return _there("swapped", native.__name__)
    of = getattr(kind, "_type_", None)
    if issubclass(kind, _RECORDS):
        bases = [python_class(one) or _there("named", one.__name__) for one in kind.__bases__]
        options = {name: value for name, value in vars(kind).items() if name in _OPTIONS}
        if not isinstance(vars(kind).get("_fields_"), (list, tuple)):
            return None  # nobody knows yet what is in it
        return _there("record", kind.__name__, tuple(bases), kind.__module__, options)
    if issubclass(kind, _CFuncPtr):
        return _make_prototype(kind)
    of = python_class(of) if isinstance(of, type) else None
    if of is None:
        return None
    if issubclass(kind, ctypes.Array):
        return _there("array", of, kind._length_)
    return _there("pointer", of) if ctypes.POINTER(kind._type_) is kind else None


def _there(function, *args):
    """The proxy of what it gives, which would come as a class or a value of the host's."""
    return _object.wrap(call_for_object(_python(function)._emb_handle, args))


def _fields(kind):
    fields = []
    for field in kind._fields_:
        there = python_class(field[1])
        if there is None:
            raise TypeError("field %r of %s has a type of the host alone" % (field[0], kind.__name__))
        fields.append((field[0], there) + tuple(field[2:]))
    return fields


def _make_prototype(kind):
    types = [getattr(kind, "_restype_", None), *(getattr(kind, "_argtypes_", None) or ())]
    if getattr(kind, "_argtypes_", None) is None or getattr(kind, "_flags_", 0) != 1:
        return None
    types = [one if one is None else python_class(one) or one for one in types]
    return _there("prototype", types[0], types[1:])


def to_python(value):
    """Python's value (a proxy) on the same memory for one of the host's ctypes; None for others."""
    kind = type(value)
    if not issubclass(kind, _KINDS):
        return None
    known = getattr(value, "_emb_proxy", None)
    if known is not None:
        return known
    if issubclass(kind, _CFuncPtr):
        return _function(value)
    if _is_numeric(kind):
        return None
    made = python_class(kind)
    if made is None:
        return None
    return _there("at", made, ctypes.addressof(value), _Keeper(value))


def _is_numeric(kind):
    while issubclass(kind, ctypes.Array):
        kind = kind._type_
    code = getattr(kind, "_type_", None)
    return isinstance(code, str) and code not in _NO_NUMBERS


def _function(value):
    if getattr(value, "errcheck", None) is not None:
        return None
    result, arguments = value.restype, value.argtypes
    address = ctypes.cast(value, ctypes.c_void_p).value
    arguments = arguments and list(arguments)
    return _there("function", address, result, arguments, _Keeper(value))


# --- from Python to the host


def host_class(proxy):
    """The class of the host's ctypes for Python's behind a proxy; None where it has none."""
    known = mirrors.get(number(_identity, proxy._emb_handle))
    if is_of_ctypes(known):
        return known
    parts = _python("parts")(proxy)
    is_derived = len(parts) == 2 and type(parts[1]) is tuple
    host = _derived(proxy, *parts) if is_derived else _of_parts(*parts)
    if host is not None:
        _remember(host, _object.another(proxy))
    return host


def _of_parts(of=None, count=None):
    if isinstance(of, str):
        native = getattr(ctypes, of, None)
        return native if count is None else getattr(native, count, None)
    if issubclass(type(of), Handle) or not is_of_ctypes(of):
        return None
    return ctypes.POINTER(of) if count is None else of * count


def _derived(proxy, base, conversions):
    """A class of the host for one that code of Python has derived, such as numpy's `ndpointer`."""
    if issubclass(type(base), Handle):
        base = host_class(base)
    if not is_of_ctypes(base):
        return None
    proxy = _object.another(proxy)

    class Meta(type(base)):
        def __getattr__(cls, name):
            return getattr(proxy, name)

    body = {"__module__": proxy.__module__, "__doc__": proxy.__doc__}
    if "from_param" in conversions:
        body["from_param"] = lambda value: proxy.from_param(value)
    if "_check_retval_" in conversions:
        body["_check_retval_"] = lambda self: _python("checked")(proxy, ctypes.addressof(self))
    return Meta(proxy.__name__, (base,), body)


def restoring(proxy, make):
    """What makes values of the host's ctypes of those of a class, or proxies, as `make`, of those
    of classes that it does not have."""
    found = []  # the host's class, looked for when the first value has been told of

    def become(handle):
        value = make(handle)
        if not found:
            found.append(host_class(proxy))
        address, keeper = _python("place")(value)
        if keeper is not None:
            return keeper.value
        if found[0] is None:
            return value
        own = found[0].from_address(address)
        own._emb_proxy = value
        return own

    return become


def arriving(make):
    """The same for the classes themselves."""

    def become(handle):
        found = make(handle)
        if not issubclass(type(found), Handle):
            return found  # known already
        host = host_class(found)
        return found if host is None else host

    return become


_session.after_shutdown(_made.clear)
