"""What else may be passed to Python: memory, classes, values of the standard library.

`simplify` gives for each something that `pack` knows: a plain value, or a proxy of an
object that was made for the call.  What is none of these passes as itself (_host_objects).
"""

import builtins
import collections
import datetime
import decimal
import enum
import fractions
import functools
import importlib
import os
import pathlib
import sys
import types

from .._abi import _convert
from .._abi._calls import call_for_object
from .._buffers._host_memory import describe, describe_or_copy, is_c_function
from .._buffers._share import share
from .._callables import _callbacks
from .._containers import _filled_later, _shared_items  # noqa: F401
from .._containers._turns import is_at_it
from .._errors._handled import trace_there
from .._errors._raised import python_class, to_python
from .._exported import _derived, _host_objects, _members
from .._exported._host_objects import handle_of_object
from .._exported._passed_again import loaned, passed, passed_object
from .._garbage import _lifetime
from .._inheritance import _classes, _instances, _seen  # noqa: F401
from .._interpreter import _session, _stdlib
from .._interpreter._code import find
from .._interpreter._there import python
from .._loops import _awaiting
from .._processes import _pickling  # noqa: F401
from .._proxies import _object, _shown, _types
from .._proxies._handle import Handle
from .._proxies._heirs import Heir
from . import _c_values, _collections, _described, _enums, _standard, _typing

# Copied the way pickle does it: their class is called again, over there.
# Others say so by their `__fspath__`, in Python too (and mocks of anything have one).
_PATHS = (os.DirEntry, pathlib.PurePath)
_REBUILT = (
    range,
    set,
    frozenset,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    datetime.tzinfo,
    decimal.Decimal,
    fractions.Fraction,
    pathlib.PurePath,
)
# Classes and functions of these modules are passed as those of the same name.
_SHARED_MODULES = frozenset(
    "builtins cmath collections datetime decimal fractions functools itertools math operator"
    " pathlib typing".split()
)
# What the standard library derives from these travels as what it is made of, if there is no more to it.
BASES = (int, float, complex, str, bytes, tuple, list, dict)
# A generator over there asks for each item when it is wanted: there may be no end of them.
_ONE_PASS = (zip, map, filter, enumerate, reversed)
_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}
COLLECTIONS = (collections.deque, *_VIEWS)
# Classes of both Pythons whose names are only found in `types`.
_NAMELESS = {
    getattr(types, name): name
    for name in (
        "AsyncGeneratorType", "BuiltinFunctionType", "CellType", "CodeType", "CoroutineType",
        "FrameType", "FunctionType", "GeneratorType", "MappingProxyType", "MethodType", "ModuleType",
        "TracebackType",
    )
    if hasattr(types, name)
}  # fmt: skip
_FUNCTIONS = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    type(len),
    type(str.upper),
    type(dict.__init__),
    type(iter(()).__next__),
    functools.partial,
)

_OF_A_PROGRAM = 1 << 9  # in the flags of classes that Python code has made
_plain = set()  # classes all of whose objects are plain objects of the host
# What is no plain object of the host.
_OF_THEIR_OWN = (
    Handle, Heir, BASES, _REBUILT, COLLECTIONS, type, enum.Enum, BaseException, os.PathLike, types.ModuleType,
)  # fmt: skip


def simplify(frame, value):
    """A plain value or a proxy for any other host object."""
    kind = type(value)  # what only says that it is of another class, as mocks do, is not
    if kind is type:  # `dtype=float`
        known = _shown.python_classes.get(value)
        if known is not None:
            return known
    if kind in _plain:
        return passed_object(frame, value)
    if issubclass(kind, Heir):
        return value._emb_proxy
    if kind is str:
        # Lone surrogates have no UTF-8, but Python can hold them too.
        of_text = value.encode("utf-8", "surrogatepass"), "utf-8", "surrogatepass"
        return _object.wrap(call_for_object(find("str")._emb_handle, of_text))
    if value is NotImplemented:
        return find("NotImplemented")
    if issubclass(kind, _FUNCTIONS):
        return _function(frame, value)
    described = _typing.translate(value)
    if described is not None:
        return described
    if issubclass(kind, type):
        return _class(value)
    if _collections.is_collection(kind):
        make = _collections.collected if is_at_it() else _shared_items.shared
        return make(value)
    if issubclass(kind, tuple) and _collections.is_named(kind):
        return _collections.named(kind, value)
    own = _derived.base_of(kind)
    if own is not None:
        return _derived.passed(frame, value, own)
    if issubclass(kind, enum.Enum):
        member = _enums.member(value)
        if member is not None:
            return member
    if issubclass(kind, BASES):
        return _derived.plain(next(base for base in BASES if issubclass(kind, base)), value)
    same = _standard.same(kind, value)
    if same is not None:
        return same
    if issubclass(kind, _REBUILT):
        rebuilt = _rebuild(value)
        if rebuilt is not None:
            return rebuilt
    of_ctypes = _c_values.to_python(value)
    if of_ctypes is not None:
        return of_ctypes
    if is_c_function(value):
        return passed(frame, value)
    memory = describe_or_copy(value)
    if memory is not None:
        return memory if isinstance(memory.dtype, str) else share(memory)
    if kind is types.CoroutineType:
        return _awaiting.to_python(value)
    if kind is types.AsyncGeneratorType:
        return _awaiting.generator_to_python(value)
    for of_a_dict, name in _VIEWS.items():
        if issubclass(kind, of_a_dict):  # an OrderedDict has views of its own
            return _view(name, value)
    if issubclass(kind, collections.deque):
        return list(value)
    if kind is types.GeneratorType:
        return python("of_generator")(_awaiting.Steps(value), value.__name__, value.__qualname__)
    if issubclass(kind, _ONE_PASS) or _is_builtin_iterator(kind):
        return python("lazily")(value.__next__, getattr(value, "close", None))
    if issubclass(kind, BaseException):
        return to_python(value)
    if kind is types.TracebackType:
        return trace_there(value)
    if issubclass(kind, _PATHS):
        return os.fspath(value)
    if kind is types.ModuleType:
        shared = _stdlib.module(value)
        if shared is not None:
            return shared
    if issubclass(kind, (classmethod, staticmethod, property)):
        return _members.member("", value)
    if getattr(kind, "_emb_signature", None) is not None:
        return passed(frame, value)  # one of this package's own
    passed_value = passed_object(frame, value)
    if _are_plain(kind):
        _plain.add(kind)
    return passed_value


def _are_plain(kind):
    """Whether all objects of the class of one that has proved to be a plain object are."""
    if not kind.__flags__ & _OF_A_PROGRAM or _stdlib.is_standard(kind.__module__):
        return False
    own = [one.__dict__ for one in kind.__mro__[:-1]]
    return not any("__class__" in names or "__array_interface__" in names for names in own)


def _function(frame, value):
    there = by_name(value)
    if there is None:
        there = _method(frame, value)
    return passed(frame, value) if there is None else there


def _method(frame, value):
    """Python's bound method for one of a class, of a plain object of the host, or of one whose class derives
    from Python's; None for what is none."""
    if type(value) is not types.MethodType or type(value.__func__) is not types.FunctionType:
        return None
    instance = value.__self__
    kind = type(instance)
    if issubclass(kind, type) or issubclass(kind, _classes.Instance):
        of_object = instance if isinstance(instance, Handle) else _class(instance)
    elif issubclass(kind, _OF_THEIR_OWN) or getattr(kind, "_emb_signature", None) or describe(instance):
        return None
    else:
        of_object = loaned(frame, handle_of_object(instance))
    of_method = loaned(frame, _callbacks.handle_of(value, as_method=True))
    if not _types.methods_passed:
        _types.methods_passed = True
    return _object.wrap_light(call_for_object(find("types.MethodType")._emb_handle, (of_method, of_object)))


def _view(name, value):
    """A view of a dict as that of one like it."""
    if name == "items":
        like = dict(value)
    else:
        like = dict.fromkeys(value) if name == "keys" else dict(enumerate(value))
    return python("call_method")(like, name)


def _is_builtin_iterator(kind):
    return hasattr(kind, "__next__") and kind.__module__ in _SHARED_MODULES


def by_name(value):
    """The object of the same name in the embedded Python's standard library, or None."""
    module = getattr(value, "__module__", None)
    if not isinstance(module, str):
        return _of_builtin_class(value)
    module = module.lstrip("_")
    public = module.partition(".")[0]  # where users find it, whatever file defines it
    if public not in _SHARED_MODULES:
        return None
    name = getattr(value, "__qualname__", "")
    # Not by getattr: `collections` warns of who asks it for what has moved.
    if vars(sys.modules.get(public, sys)).get(name or " ") is value:
        module = public
    try:
        here = importlib.import_module(module)
    except ImportError:
        return None
    if not name or vars(here).get(name) is not value:
        return _described.new_type(value)
    try:
        return find(name if module == "builtins" else "%s.%s" % (module, name))
    except (AttributeError, ImportError):
        return None  # another version of Python, which has no such thing


def _of_builtin_class(value):
    """Python's `str.upper` for the host's, which says of itself what it is called."""
    owner, _, name = getattr(value, "__qualname__", "").rpartition(".")
    kind = vars(builtins).get(owner)
    if not isinstance(kind, type) or kind.__dict__.get(name) is not value:
        return None
    try:
        return find("getattr")(find(owner), name, None)
    except AttributeError:
        return None  # PyPy has more of them


def _class(kind):
    if isinstance(kind, (_classes.PythonClass, _types.Type)):
        return kind._emb_python
    known = _shown.python_classes.get(kind)
    if known is None:
        known = _c_values.python_class(kind)
    if known is not None:
        return known
    if issubclass(kind, BaseException):
        return python_class(kind)
    described = _described.typed_dict(kind)
    if described is not None:
        return described
    if issubclass(kind, tuple) and _collections.is_named(kind):
        return _collections.named_class(kind)
    if issubclass(kind, enum.Enum):
        made = _enums.python_class(kind)
        if made is not None:
            return made
    if kind in _NAMELESS:
        return find("types." + _NAMELESS[kind])
    there = by_name(kind)
    if there is None:
        there = _stdlib.attribute(kind.__module__, kind.__qualname__)
    elif kind.__module__ == "builtins":
        _shown.python_classes[kind] = there
    return _host_objects.python_class(kind) if there is None else there


def _rebuild(value):
    """The same value over there; None for those that are the program's own kind of it."""
    module = type(value).__module__ or ""  # a class may say that it has none
    if module.split(".")[0].lstrip("_") not in _SHARED_MODULES:
        return None
    reduced = value.__reduce_ex__(4)
    rebuilt = by_name(reduced[0])
    if rebuilt is None:
        return None
    return _object.wrap(call_for_object(rebuilt._emb_handle, reduced[1]))


_convert.simplify = simplify
_lifetime.at_full_collections.append(_plain.clear)
_session.after_shutdown(_plain.clear)
