"""What Python finds on a function of the host: the attributes that the host's function has.

Python's callable (EMB_CALLBACK_FUNCTION) says that it is a function, is called in one step and
becomes a method in a class.  Every attribute is the host function's, read there when it is
asked for, and written there: so a decorator of Python that leaves a mark on a function, or
`functools.wraps`, does on both sides what it is meant to do.
"""

import inspect
import types

from .._abi._crossings import number
from .._abi._library import functions
from .._containers._shared_items import shared
from .._interpreter._code import Borrowed, Part, find
from .._interpreter._there import python
from .._processes import _by_value, _sent
from .._proxies import _arrivals
from .._proxies._handle import Handle
from . import _callbacks
from ._frames import Variables
from ._signature import parameters_of
from ._twins import closure_of, code_of, globals_of
from ._weakly import outlived

_identity = functions.emb_object_identity
meet_module: object = lambda name: None  # set by _program: of the function that is looked for there

_SOURCE = '''
from collections.abc import MutableMapping
from sys import modules
from weakref import getweakrefcount

class Attributes(dict):
    "The dict of a function: what is put there, the host's function has."
    def __init__(self, there):
        dict.__init__(self, there.copy())
        self.__there = there
    def __setitem__(self, name, value):
        self.__there[name] = value
        dict.__setitem__(self, name, value)
    def __delitem__(self, name):
        del self.__there[name]
        dict.__delitem__(self, name)
    def __reduce_ex__(self, protocol):
        return dict, (dict(self),)
    clear, pop, popitem = MutableMapping.clear, MutableMapping.pop, MutableMapping.popitem
    setdefault, update = MutableMapping.setdefault, MutableMapping.update

# Names and documentation: as with any function, C code (numba) keeps pointers into them.
TEXTS = {}
FUNCTION = type(lambda: None)

def member(function):
    "What pickle keeps of one that a class has a method for, which is found where its name says."
    owner, _, name = function.__qualname__.rpartition(".")
    found = modules.get(function.__module__) if owner else None
    for part in owner.split("."):
        found = getattr(found, part, None)
    method = getattr(found, name, None)
    while type(method) is FUNCTION and method.__code__.co_filename == member.__code__.co_filename:
        method = getattr(method, "__wrapped__", None)  # ours, around the next
        if method is function:
            return getattr, (found, name)
    if method is not function and type(method) is type(function) and host_is_of(method, function):
        return getattr, (found, name)

def complete(kind):
    "Gives the type of such callables what they ask of the host."
    def __getattr__(self, name):
        value = host_get(self, name)
        if name == "__dict__":
            return Attributes(value)
        return TEXTS.setdefault(value, value) if type(value) is str else value
    def __setattr__(self, name, value):
        host_set(self, name, value)
    def __delattr__(self, name):
        host_delete(self, name)
    def __dir__(self):
        return list(host_dir(self))
    def __repr__(self):
        return host_repr(self)
    def __new__(cls, *args, **kwargs):
        return FUNCTION(*args, **kwargs)  # of changed code, as `type(function)(code, ...)`
    def __reduce_ex__(self, protocol):
        host_meet(self.__module__)
        return member(self) or self.__qualname__
    def __copy__(self):
        return self
    def __deepcopy__(self, memo):
        return self
    def __signature__(self):
        found = host_parameters(self)
        if found is None:
            raise AttributeError("__signature__")
        return signature(*found)
    def __del__(self):
        if getweakrefcount(self) > 1:
            host_outlived(self)
    for one in (
        __new__, __getattr__, __setattr__, __delattr__, __dir__, __repr__, __reduce_ex__, __copy__,
        __deepcopy__, __del__,
    ):
        setattr(kind, one.__name__, one)
    kind.__signature__ = property(__signature__)
'''


def _parameters(function):
    """Of the signature, what `signature` in _there takes: also annotations and what is returned."""
    function = _unbound(_read(function))
    found = parameters_of(function, annotated=True)
    if found is None:
        return None
    returns = inspect.signature(function).return_annotation
    return found, () if returns is inspect.Signature.empty else (returns,)


class _Bound:
    """What code that f2py has made counts arguments in, for all callables but Python's own functions:
    it takes off one, which would be `self`."""

    def __init__(self, function):
        self.__defaults__, self.__code__ = function.__defaults__, self
        self.co_argcount = function.__code__.co_argcount + 1


# What Python does with functions itself.
_KEPT_HERE = frozenset(("__builtins__", "__get__", "__call__"))
_MADE = {
    "__code__": code_of,
    "__globals__": globals_of,
    "__closure__": closure_of,
    "im_func": _Bound,
    "__dict__": lambda function: Variables(vars(function)),  # not a copy: what is put there stays
}


def _get(function, name):
    if name in _KEPT_HERE or isinstance(function, Handle):
        raise AttributeError("%r object has no attribute %r" % ("function", name))
    if name == "__code__" and getattr(function, "_emb_read_as", function) is None:
        raise TypeError("cannot read, or send to another process, what is no function in a class")
    function, made = _read(function), _MADE.get(name)
    return shared(getattr(function, name)) if made is None else made(_unbound(function))


def _read(function):
    """What only hands on a call, as around a method, is read as what it calls: by itself, in another
    process (see _twins), the one does what the other does."""
    return getattr(function, "_emb_read_as", None) or function


def _unbound(function):
    """What a method calls: Python's method binds it there."""
    return function.__func__ if type(function) is types.MethodType else function


def _set(function, name, value):
    if name in ("__annotations__", "__kwdefaults__") and isinstance(value, Handle):
        value = dict(value)  # no other will do
    setattr(_read(function), name, value)


def _delete(function, name):
    delattr(_read(function), name)


def _repr(function):
    return repr(_read(function))


def _dir(function):
    return [name for name in dir(_read(function)) if name not in _KEPT_HERE]


_python = Part(
    _SOURCE,
    lambda: {
        "host_get": _get,
        "host_set": _set,
        "host_delete": _delete,
        "host_dir": _dir,
        "host_is_of": lambda method, function: _read(method) is function,
        "host_meet": lambda name: meet_module(name),
        "host_outlived": outlived,
        "host_repr": _repr,
        "host_parameters": _parameters,
        "signature": python("signature"),
    },
)


def _first(handle):
    """The first callable of a class is there: the class is completed, and watched for."""
    kind = find("type")(Borrowed(handle))
    _arrivals.watch(number(_identity, kind._emb_handle))
    if find("issubclass")(kind, find("types.BuiltinFunctionType")):
        _by_value.join(Borrowed(handle))
        return
    python("callables").add(kind)
    if not find("hasattr")(kind, "__getattr__"):
        _python("complete")(kind)
    _sent.join()


_callbacks.first_of_its_class = _first
