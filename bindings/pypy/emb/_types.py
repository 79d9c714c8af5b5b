"""`type(x)` of a proxy: a class of the host for each class of Python, with its name.

They add to emb.Object the protocols that Python's class has.  Called, such a class makes
Python's objects; its attributes are those of Python's class; who derives from it derives
from Python's (see _classes).
"""

from . import _arrivals, _heirs, _lifetime, _object, _session, _standard, _weighing
from ._calls import call, getattribute
from ._classes import PythonClass, stand_in
from ._code import Borrowed, find
from ._handle import Exporter, Handle, Owner
from ._heirs import BUILTIN, make_class, maker
from ._object import Object, ObjectType
from ._protocols import METHODS, Indexed
from ._there import python

_KEPT = 2000  # classes that are told apart; more are made only where classes come and go

_get_handle = Owner._emb_handle.__get__
_protocols = tuple(METHODS)
# Special names of a proxy of a class that the host itself asks for.
_OF_THE_PROXY = frozenset(
    "__class__ __copy__ __deepcopy__ __reduce__ __reduce_ex__ __mro_entries__ __signature__".split()
)
_BASES = ("__bases__", "__mro__")

# Set by _shown: proxy of a class -> the host's class for a builtin one, else as it is.
host_builtin = None


class Type(ObjectType):
    """The class of these classes."""

    _emb_derives = True
    _emb_hash = None

    def __new__(mcls, name, bases, namespace, _emb_python=None, **keywords):
        if _emb_python is None:
            bases = [stand_in(one._emb_python) if isinstance(one, Type) else one for one in bases]
            return PythonClass(name, tuple(bases), namespace, **keywords)
        made = type.__new__(mcls, name, bases, namespace)
        type.__setattr__(made, "_emb_python", _emb_python)
        return made

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)

    @property
    def __module__(cls):
        module = cls.__dict__["__module__"]
        return module if type(module) is str else module.text

    def __repr__(cls):
        module = cls.__module__
        prefix = "" if module == "builtins" else module + "."
        return "<class '%s%s'>" % (prefix, cls.__qualname__)

    def __call__(cls, *args, **kwargs):
        return call(cls._emb_python._emb_handle, args, kwargs)

    def __getattr__(cls, name):
        if name.startswith("_emb_"):
            raise AttributeError(name)
        return getattribute(cls._emb_python._emb_handle, name)

    @property
    def __mro__(cls):
        # Python's, from the class itself on: what stands behind it here is nobody's business.
        return (cls,) + tuple(
            map(host_builtin, getattribute(cls._emb_python._emb_handle, "__mro__")[1:])
        )

    @property
    def __bases__(cls):
        return tuple(map(host_builtin, getattribute(cls._emb_python._emb_handle, "__bases__")))

    def __hash__(cls):
        # They equal the proxies of their classes.
        known = cls._emb_hash
        if known is None:
            known = hash(cls._emb_python)
            type.__setattr__(cls, "_emb_hash", known)
        return known

    def __instancecheck__(cls, instance):
        if not isinstance(type(instance), type(cls)) and not issubclass(type(instance), Handle):
            return False
        return find("isinstance")(instance, cls._emb_python)


_heirs.Type = Type


class _Module:
    """`f.__module__` of a function is the function's; `type(f).__module__` is the class's."""

    def __init__(self, text):
        self.text = text

    def __get__(self, instance, owner):
        if instance is None:
            return self.text
        return getattribute(instance._emb_handle, "__module__")


class Class(Object, Owner):
    """The base of proxies of classes: `C.__len__` is what C has for its instances."""

    __slots__ = ()

    def __getattribute__(self, name):
        if name[:2] == "__" and name not in _OF_THE_PROXY:
            value = getattribute(_get_handle(self), name)
            # The host's issubclass() and abstract classes look through these.
            return tuple(map(host_builtin, value)) if name in _BASES else value
        return object.__getattribute__(self, name)

    __getitem__ = METHODS["__getitem__"]  # list[int]


bases = {"type": Class}  # what `class_of` calls it -> base of the host's class
methods = None  # set by _methods: names of methods -> what the host's class has of these names
_typed = []  # numbers of the classes that have one
_busy = []  # the number of the class that is being looked at


def _first(handle, kind):
    """The first object of a class makes the host's class for it."""
    if _busy:
        return _object.wrap(handle)  # one of those that take part in the making
    _busy.append(kind)
    try:
        become = _maker_for(handle, kind)
    finally:
        _busy.pop()
    return _object.wrap(handle) if become is None else become(handle)


@_lifetime.lasting
def _maker_for(handle, kind):
    """What makes proxies of the objects of a class, the first of which is here."""
    (
        there, name, module, base, has, lacks, overridden, fixed, single, memory, own_module, indexed
    ) = python("class_of")(Borrowed(handle), _protocols)
    if not isinstance(there, Handle):
        return None  # its class is one of the host
    if len(_typed) >= _KEPT:
        for one in _typed:
            _arrivals.forget_class(one)
        _typed.clear()
    parent = bases.get(base, Object)
    body = methods(fixed)
    body.update({name: METHODS[name] for name in has})
    body = {name: value for name, value in body.items() if name not in parent.__dict__}
    body["__hash__"] = Object.__hash__  # abstract classes look for it in the class itself
    body.update(dict.fromkeys(lacks))
    body.update(__slots__=(), __module__=module, __doc__=Object.__dict__["__doc__"])
    body["_emb_weighs"] = memory
    if own_module:
        body["__module__"] = _Module(module)
    parents = (parent, Indexed) if indexed else (parent,)
    if parent is Object:
        parents += (Exporter if "__buffer__" in body else Owner,)
    host = Type(name, parents, body, _emb_python=there)
    become = _object.maker(host)
    if base in BUILTIN:
        become = maker(make_class(there, name, base, overridden), base, become)
    elif single and base != "method":
        become = _standard.restoring(module, name, _arrivals.one_each(become))
    _arrivals.know_class(kind, become)
    _typed.append(kind)
    return become


_arrivals.first = _first
_weighing.getattribute = getattribute
_session.on_shutdown(_typed.clear)
