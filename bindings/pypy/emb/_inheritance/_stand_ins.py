"""Stand-ins for Python's classes in the host, which the program's derive from: with what each has, it asks
Python's.
"""

from .._abi._convert import Unconvertible
from .._abi._crossings import number
from .._abi._library import functions
from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._code import find, proxy_of_class
from .._interpreter._there import python
from .._proxies import _object
from .._proxies._handle import Handle
from .._proxies._static import mro_of, space_of
from . import _classes, _common_bases
from ._class_attributes import Inherited, SubclassHook
from ._classes import LEFT_OUT, AbstractClass, PythonClass, as_instance

joint: object  # set by _descendants: plain class of the host -> the host's for that of Python's with its methods
class_shown: object  # set by _seen: (proxy of a class, names in it) -> the `__class__` that its stand-in has, or None

_identity = functions.emb_object_identity
_stand_ins = {}  # id() of a Python class -> its stand-in


def stand_in(proxy):
    """The host's class for one of Python's (a proxy), to be derived from."""
    if isinstance(proxy, PythonClass):
        return proxy
    if not issubclass(type(proxy), Handle):
        return joint(proxy)
    address = number(_identity, proxy._emb_handle)
    host = _stand_ins.get(address)
    if host is None:
        host = _stand_ins.setdefault(address, _make_stand_in(_object.another(proxy)))
    return host


@lasting
def _make_stand_in(proxy):
    name, module, bases, names, lacks = python("describe")(proxy)
    namespace = {"__module__": module, "__new__": _new_instance}
    common = _common_bases.of(module, name)
    for each in names if common is None else _common_bases.names_of(common).union(names):
        if each not in LEFT_OUT:
            namespace[each] = Inherited(each)
            namespace[each].base = proxy
    if "__init_subclass__" in namespace:
        namespace["__init_subclass__"] = SubclassHook(namespace["__init_subclass__"])
    namespace.update(dict.fromkeys(set(lacks) - LEFT_OUT))
    shown = class_shown(proxy, names)
    if shown is not None:
        namespace["__class__"] = shown
    bases = tuple([stand_in(proxy_of_class(base)) for base in bases]) or (_classes.Instance,)
    if common is not None and not any([issubclass(one, common) for one in bases]):
        bases += (common,)
    metas = [type(one) for one in bases]
    meta = next((one for one in metas if all([issubclass(one, other) for other in metas])), PythonClass)
    host = unnoticed(meta, name, bases, namespace)
    for each in "_emb_python", "_emb_makes", "_emb_stands_for":
        type.__setattr__(host, each, proxy)
    return host


def unnoticed(meta, name, bases, namespace):
    """A new class of the host, of which no metaclass of the program is told."""
    make = AbstractClass if issubclass(meta, AbstractClass) else PythonClass
    return make.__new__(meta, name, bases, namespace, _emb_stand_in=True)


def _new_instance(cls, *args, **kwargs):
    """`super().__new__(cls)` in a method of the host."""
    for base in mro_of(cls):
        if space_of(base).get("__new__") is _stand_in_new:
            return as_instance(python("new")(base._emb_python, cls, args, kwargs))
    raise TypeError("%s has no base class in Python" % cls.__name__)


_stand_in_new = _new_instance = staticmethod(_new_instance)


def _mro_entries(self, bases):
    try:
        if not find("isinstance")(self, find("type")):
            raise TypeError("%r is no class of the embedded Python" % self)
    except Unconvertible:
        pass
    return (stand_in(self),)


_classes.stand_in, _object.mro_entries = stand_in, _mro_entries
_session.after_shutdown(_stand_ins.clear)
