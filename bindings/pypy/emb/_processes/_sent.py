"""Plain classes and objects of the host in other processes, which are Pythons of their own.

cloudpickle (and so joblib) sends a class of the program by value: its functions are read (see _twins).
What stands in Python for a class of the host is sent as the class that it would be if Python had
made it of the same source, and an object with what the host's own pickle would keep of it.  What
comes back is again of the host's class.
"""

import abc
import inspect
import pickle
import types

from .._exported import _host_classes
from .._exported._fields import given_to
from .._interpreter import _stdlib
from .._interpreter._code import Part, find
from .._interpreter._there import python
from .._proxies._object import Object
from ._states import states

_WATCH = '''
import importlib.machinery
import sys

# Where cloudpickle is, also as a part of older versions of joblib.
MODULES = [
    package + name for package in ("", "joblib.externals.")
    for name in ("cloudpickle.cloudpickle", "cloudpickle.cloudpickle_fast")
]

class Watch:
    "Stands among the finders, and extends cloudpickle when it is imported."
    def find_spec(self, name, path=None, target=None):
        if name not in MODULES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None:
            load = spec.loader.exec_module
            def exec_module(module):
                load(module)
                extend(module)
            spec.loader.exec_module = exec_module
        return spec

def join():
    sys.meta_path.insert(0, Watch())
    for name in MODULES:
        if name in sys.modules:
            extend(sys.modules[name])
'''

_SOURCE = '''
import abc
import dataclasses
import functools
import operator
import sys
import typing

NAMES = (
    "CloudPickler", "_class_setstate", "_make_skeleton_class", "_get_or_create_tracker_id",
    "_is_registered_pickle_by_value",
)

def extend(module):
    if not all(hasattr(module, name) for name in NAMES):
        return
    reduce, fill = module.CloudPickler.reducer_override, module._class_setstate
    by_value = module._is_registered_pickle_by_value
    module._is_registered_pickle_by_value = lambda one: hasattr(type(one), "_emb_program") or by_value(one)
    def reducer_override(self, value):
        return reduced(module, value) if issubclass(type(value), HostType) else reduce(self, value)
    @functools.wraps(fill)
    def _class_setstate(cls, state):
        # One that comes back is here already, and the host's.
        return cls if issubclass(type(cls), HostType) or id(cls) in made_for_host else fill(cls, state)
    module.CloudPickler.reducer_override = reducer_override
    module._class_setstate = _class_setstate

def reduced(module, cls):
    shared, abstract, members, reduces, data = host_parts(host_class(cls))
    if shared is not None:
        return operator.attrgetter(shared.__qualname__), (sys.modules[shared.__module__],)
    members = dict(members, __qualname__=cls.__qualname__)
    if not reduces:
        members["__reduce_ex__"] = reduce_there
    bases = tuple(base for base in cls.__bases__ if base is not HostObject)
    made = (
        abc.ABCMeta if abstract else type, cls.__name__, bases, {"__module__": cls.__module__},
        module._get_or_create_tracker_id(cls), None,
    )
    fill, state = module._class_setstate, (members, {})
    if data is not None:
        fill, state = fill_dataclass, (fill, state, *data)
    return module._make_skeleton_class, made, state, None, None, fill

def fill_dataclass(cls, state):
    "There, the decorator makes its functions again."
    fill, state, fields, parameters = state
    fill(cls, state)
    if "__dataclass_fields__" in cls.__dict__:
        return cls  # sent once before
    annotations = dict(cls.__dict__.get("__annotations__", {}))
    kinds = {"_FIELD": object, "_FIELD_CLASSVAR": typing.ClassVar, "_FIELD_INITVAR": dataclasses.InitVar}
    cls.__annotations__ = {name: kinds[kind] for name, kind, given in fields}
    for name, kind, given in fields:
        if given is not None:
            setattr(cls, name, dataclasses.field(**given))
    dataclasses.dataclass(**parameters)(cls)
    cls.__annotations__ = annotations
    for name, kind, given in fields:
        cls.__dataclass_fields__[name].type = annotations[name]
    return cls

def reduce_there(self, protocol):
    made, arguments, *rest = object.__reduce_ex__(self, 4)
    return (revived, arguments, *rest)
'''

_PURE = '''
import pickle
import types

pickler = pickle._Pickler
save, save_global = pickler.save, pickler.save_global

def save_as_python_s(self, value, save_persistent_id=True):
    """What a pickler written in Python, as that of dill, does with functions, it does with those of the host, too;
    classes it would read as Python's, and these are found where they are."""
    own = save_global
    if type(value) in callables:
        own = self.dispatch.get(types.FunctionType, save_global)
    elif issubclass(type(value), HostType):
        return save_global(self, value) if id(value) not in self.memo else save(self, value)
    if own is save_global or id(value) in self.memo or save_persistent_id and self.persistent_id(value) is not None:
        return save(self, value, save_persistent_id)
    self.framer.commit_frame()
    own(self, value)

def join():
    pickler.save = save_as_python_s
'''

_OF_ITSELF = frozenset(
    "__dict__ __weakref__ __module__ __qualname__ __slots__ _abc_impl __dataclass_fields__"
    " __dataclass_params__ __match_args__ __classcell__".split()
)


def _class_parts(host):
    """What Python's class is (None, unless both have it), whether it is abstract, what is in it,
    whether it says itself how it is pickled, and what makes it a dataclass, or None."""
    kind = host._emb_kind
    if type(kind) not in (type, abc.ABCMeta):
        raise pickle.PicklingError(
            "cannot send %r to another process: its class is %r" % (kind, type(kind))
        )
    members, data = Object({}), _dataclass_parts(kind)
    fields = () if data is None else [name for name, _kind, given in data[0] if given is not None]
    for name, value in vars(kind).items():
        if name in _OF_ITSELF or name in fields or name.startswith("_abc_"):
            continue
        if data is not None and _is_generated(value):
            continue
        if not isinstance(value, (types.MemberDescriptorType, types.GetSetDescriptorType)):
            members[name] = _member(value)
    reduces = any(
        "__reduce__" in vars(one) or "__reduce_ex__" in vars(one) for one in kind.__mro__[:-1]
    )
    shared = _stdlib.attribute(kind.__module__, kind.__qualname__)
    return shared, type(kind) is abc.ABCMeta, members, reduces, data


def _is_generated(value):
    """Whether the decorator of dataclasses has made it."""
    code = getattr(inspect.unwrap(value), "__code__", None) if callable(value) else None
    return code is not None and code.co_filename == "<string>"


_OF_DATACLASSES = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")


def _dataclass_parts(kind):
    """The fields that a dataclass has itself: the name, which kind of field, and what is given to
    `field`, None where it is none; and what is given to the decorator.  None for any other class."""
    if "__dataclass_fields__" not in vars(kind):
        return None
    fields = []
    for name in vars(kind).get("__annotations__", ()):
        field = kind.__dataclass_fields__.get(name)
        if field is None:
            continue
        of_kind, given = field._field_type.name, None
        if of_kind != "_FIELD_CLASSVAR":
            given = given_to(field)
        fields.append((name, of_kind, given))
    parameters = kind.__dataclass_params__
    return tuple(fields), {each: getattr(parameters, each) for each in _OF_DATACLASSES}


def _member(value):
    if isinstance(value, (staticmethod, classmethod)):
        return find(type(value).__name__)(value.__func__)
    if type(value) is property:
        return find("property")(value.fget, value.fset, value.fdel, value.__doc__)
    return value


def _given():
    host_classes = _host_classes.host_classes
    return {
        "HostType": host_classes("HostType"),
        "HostObject": host_classes("HostObject"),
        "host_class": host_classes("host_class"),
        "dict_of": host_classes("dict_of"),
        "made_for_host": python("made"),
        "host_parts": _class_parts,
        "revived": states("revived"),
    }


_python = Part(_SOURCE, _given)
_pure = Part(
    _PURE, lambda: {"callables": python("callables"), "HostType": _host_classes.host_classes("HostType")}
)
_watch = Part(_WATCH, lambda: {"extend": lambda module: _python("extend")(module)})


def join():
    """When Python gets the first function: cloudpickle may find classes in what it uses."""
    _watch("join")()
    _pure("join")()
