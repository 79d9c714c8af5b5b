"""Plain classes and objects of the host in other processes, which are Pythons of their own.

cloudpickle (and so joblib) sends a class of the program by value: its functions are read (see _twins).
What stands in Python for a class of the host is sent as the class that it would be if Python had
made it of the same source, and an object with what the host's own pickle would keep of it.  What
comes back is again of the host's class.
"""

import abc
import copyreg
import dataclasses
import inspect
import pickle
import types

from . import _host_classes, _stdlib
from ._code import Part, find
from ._handle import Handle
from ._object import Object
from ._there import python

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

NAMES = ("CloudPickler", "_class_setstate", "_make_skeleton_class", "_get_or_create_tracker_id")

def extend(module):
    if not all(hasattr(module, name) for name in NAMES):
        return
    reduce, fill = module.CloudPickler.reducer_override, module._class_setstate
    def reducer_override(self, value):
        return reduced(module, value) if type(value) is HostType else reduce(self, value)
    @functools.wraps(fill)
    def _class_setstate(cls, state):
        # One that comes back is here already, and the host's.
        return cls if type(cls) is HostType or id(cls) in made_for_host else fill(cls, state)
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

def revived(cls, *arguments):
    "Used on both sides."
    new = getattr(type(cls), "_emb_revived", None)
    return cls.__new__(cls, *arguments) if new is None else new(cls, arguments)

revived.__name__ = revived.__qualname__ = NAME

def reduce_there(self, protocol):
    made, arguments, *rest = object.__reduce_ex__(self, 4)
    return (revived, arguments, *rest)

def of_object(value):
    made, arguments, *rest = host_reduced(value)
    return (made or revived, arguments, *rest)

def of_class(cls, arguments):
    return host_revived(host_class(cls), arguments)

HostType._emb_revived = of_class
HostObject.__reduce_ex__ = lambda self, protocol: of_object(self)
HostObject.__setstate__ = lambda self, state: host_set_state(self, state)
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


_OF_FIELDS = ("init", "repr", "hash", "compare", "metadata", "kw_only")
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
            given = {each: getattr(field, each) for each in _OF_FIELDS if hasattr(field, each)}
            given["metadata"] = dict(given["metadata"])
            for each in ("default", "default_factory"):
                if getattr(field, each) is not dataclasses.MISSING:
                    given[each] = getattr(field, each)
        fields.append((name, of_kind, given))
    parameters = kind.__dataclass_params__
    return tuple(fields), {each: getattr(parameters, each) for each in _OF_DATACLASSES}


def _member(value):
    if isinstance(value, (staticmethod, classmethod)):
        return find(type(value).__name__)(value.__func__)
    if type(value) is property:
        return find("property")(value.fget, value.fset, value.fdel, value.__doc__)
    return value


def _reduced(host):
    """What the host's pickle keeps of an object; instead of `copyreg.__newobj__` None."""
    if isinstance(host, types.ModuleType):
        return find("importlib.import_module"), (host.__name__,)
    parts = host.__reduce_ex__(4)
    if isinstance(parts, str):
        raise pickle.PicklingError("cannot send %r to another process: it is a global" % host)
    made, arguments, *rest = parts
    rest = [list(one) if hasattr(one, "__next__") else one for one in rest]
    rest = [find("iter")(one) if i and one is not None else one for i, one in enumerate(rest)]
    return (None if made is copyreg.__newobj__ else made, arguments, *rest)


def _revived(host, arguments):
    kind = host._emb_kind
    return kind.__new__(kind, *map(_own, arguments))


def _set_state(host, state):
    state = _own(state)
    if hasattr(host, "__setstate__"):
        host.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    for each in (attributes, slots):
        for name, value in (each or {}).items():
            object.__setattr__(host, name, value)


def _own(value):
    """The host's containers for those that Python has made anew."""
    if type(value) is tuple:
        return tuple(map(_own, value))
    kind = type(value)
    if not issubclass(kind, Handle) or kind.__module__ != "builtins":
        return value
    if kind.__name__ == "dict":
        return {_own(key): _own(one) for key, one in value.items()}
    if kind.__name__ in ("list", "set"):
        made = list if kind.__name__ == "list" else set
        return made(map(_own, value))
    return value


def _given():
    host_classes = _host_classes.host_classes
    return {
        "NAME": _NAME,
        "HostType": host_classes("HostType"),
        "HostObject": host_classes("HostObject"),
        "host_class": host_classes("host_class"),
        "dict_of": host_classes("dict_of"),
        "made_for_host": python("made"),
        "host_parts": _class_parts,
        "host_reduced": _reduced,
        "host_revived": _revived,
        "host_set_state": _set_state,
    }


_NAME = "_emb_revived"
_python = Part(_SOURCE, _given)
_watch = Part(_WATCH, lambda: {"extend": lambda module: _python("extend")(module)})


def of_main(name):
    """What Python's pickle looks for in `__main__`, and is ours; None for any other name."""
    return _python("revived") if name == _NAME else None


def join():
    """When Python gets the first function: cloudpickle may find classes in what it uses."""
    _watch("join")()
