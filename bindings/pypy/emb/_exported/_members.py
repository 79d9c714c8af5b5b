"""What is in a host's class statement, as members of a Python class; signatures of both sides."""

import functools
import inspect
import types

from .._abi._convert import Unconvertible
from .._callables._signature import parameters_of
from .._inheritance import _classes
from .._interpreter import _stdlib
from .._interpreter._code import find
from .._interpreter._there import python
from .._proxies import _object
from .._proxies._handle import Handle
from ._descriptors import descriptor, is_descriptor

_KEPT_OUT = frozenset(
    "__module__ __qualname__ __classcell__ __dict__ __weakref__ __slots__"
    " __doc__ __subclasshook__ __getattribute__ __firstlineno__ __orig_bases__"
    " __abstractmethods__ _abc_impl __del__ __static_attributes__".split()
)


def members_of(namespace):
    """What of a class body stays in the host, and what goes into Python's class."""
    own, mirrored = {}, {}
    for name, value in namespace.items():
        if name in _KEPT_OUT:
            own[name] = value
            if name == "__doc__":
                mirrored[name] = value
            continue
        if name == "__annotations__":
            own[name] = mirrored[name] = value
            continue
        counterpart = member(name, value)
        if counterpart is not None:
            own[name] = value
            mirrored[name] = counterpart
        else:
            mirrored[name] = value
    return own, mirrored


def member(name, value, first=None):
    """Python's counterpart of a descriptor; None for other values.  What is called gets `first` of its first
    argument, which is the instance."""
    first = first or _classes.as_instance
    if isinstance(value, types.FunctionType):
        if name == "__new__":
            return _builtin("staticmethod", _method(value, _classes.as_class))
        if name in ("__class_getitem__", "__init_subclass__"):
            return _builtin("classmethod", _method(value, _classes.as_class))
        return _method(value, first)
    if isinstance(value, staticmethod):
        return _builtin("staticmethod", value.__func__)  # which is itself, wherever it is found
    if isinstance(value, classmethod):
        return _builtin("classmethod", _method(value.__func__, _classes.as_class))
    if isinstance(value, property):
        accessors = [
            one and _method(one, first)
            for one in (value.fget, value.fset, value.fdel)
        ]
        return _builtin("property", *accessors, value.__doc__)
    if isinstance(value, functools.cached_property):
        return _builtin("functools.cached_property", _method(value.func, first))
    return descriptor(name, value) if is_descriptor(value) else None


def _builtin(name, *args):
    return find(name)(*args)


def _method(function, first):
    """A Python function that calls the host's, or what passes as one; `first` is done to its first argument."""
    if not isinstance(function, types.FunctionType) and isinstance(function, Handle):
        return function

    def call(*args, **kwargs):
        if not args:
            return function(**kwargs)  # of the class, and its first argument has a name, too
        return function(first(args[0]), *args[1:], **kwargs)

    call._emb_read_as = getattr(function, "_emb_read_as", function)
    is_function = isinstance(function, types.FunctionType)
    if is_function and function.__code__.co_flags & _GIVES_AT_ONCE:
        return call  # around it, no function of Python's would be of its kind
    name = getattr(function, "__name__", "method")
    return python("method")(
        call, name, getattr(function, "__qualname__", name),
        getattr(function, "__doc__", None), parameters_of(function), function,
        getattr(function, "__module__", None), _annotations_of(function), _attributes_of(function),
        _stdlib.file_there(function) if is_function else None,
    )  # fmt: skip


# What coroutine functions, generator functions and those of asynchronous generators have: a call runs nothing.
_GIVES_AT_ONCE = inspect.CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def _annotations_of(function):
    """A dict of Python's (a proxy); None where there are none that Python can have."""
    notes = getattr(function, "__annotations__", None)
    try:
        return _object.Object(dict(notes)) if notes else None
    except (Unconvertible, ValueError):
        return None


def _attributes_of(function):
    """A dict of Python's (a proxy) with what has been set on a function, as decorators do; or None."""
    own = getattr(function, "__dict__", None)
    if not own:
        return None
    return _object.possible({name: value for name, value in own.items() if name not in _OF_FUNCTIONS})


_OF_FUNCTIONS = ("__wrapped__", "__isabstractmethod__")


class _Signature(inspect.Signature):
    """The signature of a proxy, which reads as Python writes it."""

    __slots__ = ("_text",)

    def __str__(self):
        # Of what inspect makes of one, as for `self` being bound, there is no text yet.
        return getattr(self, "_text", None) or inspect.Signature.__str__(self)


def _signature_of(proxy):
    try:
        text, parameters, returns = python("signature_of")(proxy)
    except (TypeError, ValueError):
        raise AttributeError("__signature__") from None
    signature = _Signature(
        [
            inspect.Parameter(name, inspect._ParameterKind(kind), default=value, annotation=note)
            for name, kind, (value, note) in [
                (name, kind, [one[0] if one else inspect.Parameter.empty for one in (value, note)])
                for name, kind, value, note in parameters
            ]
        ],
        return_annotation=returns[0] if returns else inspect.Signature.empty,
        __validate_parameters__=False,
    )
    signature._text = text
    return signature


_Signature.__name__ = _Signature.__qualname__ = "Signature"
_object.signature_of = _signature_of
