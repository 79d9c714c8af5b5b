"""Classes of the host that derive from classes of the embedded Python.

`class F(Formatter)` makes two classes: Python's, whose methods call those of the host,
and the host's, a proxy class with the host's functions in it.  For each of Python's base
classes there is a stand-in in the host, with the same bases, so that `super()` goes on
where Python's own would.

An instance is one object, Python's; the host's is a proxy of a better class, and the same
proxy as long as somebody in the host holds it.  Attributes live in Python's object, where
code of both sides sees them; functions, properties and other descriptors are the host's.
"""

import abc
import threading
import types
import typing

from .._abi._calls import call
from .._abi._convert import Unconvertible
from .._abi._crossings import box, delattribute, getattribute, number
from .._abi._library import functions
from .._conversion import _typing
from .._exported._descriptors import behind, in_front
from .._exported._members import members_of
from .._garbage import _lifetime
from .._garbage._lifetime import lasting
from .._interpreter._code import find
from .._interpreter._there import python
from .._proxies import _object, _type
from .._proxies._arrivals import class_number, examine, mirrors, special, watch
from .._proxies._handle import Handle, new_of
from .._proxies._object import Object
from .._proxies._static import abstract, mro_of, static, space_of
from .._proxies._type import Type
from . import _class_attributes
from ._class_attributes import (
    Added, ClassValue, SubclassHook, in_python_s_hands, look_at_these, notice, set_member, value_of_class
)

_identity = functions.emb_object_identity

# Set by _kept.
keep_of_class = None  # (value, class, name) -> what tells whether a class attribute is still it
kept_of = None  # id() of Python's object -> what is remembered for it
keep_of_instance = None  # the same for an attribute of an instance, which remembers it
meet_module: object = lambda name: None  # set by _program: of the class that Python gets to see
# Set by _meta_members.
with_metaclass: object  # (metaclass, bases, keywords) -> the keywords of a class statement for Python
maker: object  # proxy of a class -> what makes its objects, past the metaclass of the program
# Set by _instances.
Instance: type  # the base of all stand-ins
watch_hooks: object  # (class of the host): notes what it does about attributes of instances
telling: object  # member of a class -> the same, which tells Python what it sets by `object.__setattr__`
own_dict: object  # instance -> the dict of what the host alone holds of it
stand_in: object  # set by _stand_ins: proxy of one of Python's classes -> the host's, to be derived from
# Set by _mix_ins.
put_defaults: object  # (class of the host): sees to the attributes that plain classes among its bases have
class_of_mix_in: object  # plain class of the host -> Python's with its methods
in_python: object  # base -> what stands for it where an object cannot be one of both sides
explained: object  # (TypeError, name, bases) -> an error that says what to do

_making = []  # host classes whose counterparts Python makes just now

# What the host's own machinery needs, or what makes no sense one by one.
LEFT_OUT = frozenset(
    "__class__ __new__ __getattribute__ __getattr__ __setattr__ __delattr__ __dict__ __weakref__"
    " __doc__ __module__ __qualname__ __subclasshook__ __slots__"
    " __reduce_ex__ __sizeof__ __dir__ __abstractmethods__ __orig_bases__"
    " __parameters__ __annotations__ __class_getitem__ __del__ __init__subclass__ _abc_impl"
    " __static_attributes__ __firstlineno__ __signature__ __copy__ __deepcopy__".split()
)

make_python_class = lasting(_class_attributes.make_python_class)


def _is_common(host):
    """Whether it stands for a class of Python's, and behind it there is the host's of the same name."""
    space = space_of(host)
    if "_emb_stands_for" not in space:
        return "_emb_joins" in space
    return host.__name__ == "object" or not isinstance(host.__bases__[-1], PythonClass)


def _make_host_class(mcls, name, bases, namespace):
    """The host's class, of which only Python will tell `__init_subclass__`."""
    thread = threading.get_ident()
    SubclassHook.quiet.add(thread)
    try:
        return type.__new__(mcls, name, bases, namespace)
    except TypeError as error:
        raise explained(error, name, bases) from None
    finally:
        SubclassHook.quiet.discard(thread)


def _class_method(function):
    return function if isinstance(function, classmethod) else classmethod(function)


class PythonClass(Type):
    """The class of host classes that stand for, or derive from, Python's."""

    _emb_abstract = ()  # names of methods that have to be defined
    _emb_is_new = False  # whether it has had no instance yet
    _emb_is_protocol = False  # whether one of Python's, of which also others can be instances
    __getattribute__ = type.__getattribute__
    __class__ = property(type)
    __eq__, __ne__, __repr__ = type.__eq__, type.__ne__, type.__repr__

    def __new__(mcls, name, bases, namespace, **keywords):
        if keywords.pop("_emb_stand_in", False):
            return _make_host_class(mcls, name, bases, namespace)
        if mcls is PythonClass and any([type(one) is abc.ABCMeta for one in bases]):
            return AbstractClass(name, bases, namespace, **keywords)
        bases = tuple([stand_in(one) if isinstance(one, Type) else in_python(one) for one in bases])
        if not any([isinstance(one, PythonClass) for one in bases]):
            bases += (stand_in(find("object")),)  # it is the metaclass that is Python's
        namespace = {each: telling(value) for each, value in namespace.items()}
        own, mirrored = members_of(namespace)
        own = {each: in_front(each, value) for each, value in own.items()}
        for each, value in mirrored.items():
            if each not in own:
                own[each] = value_of_class(each, value)
        meet_module(namespace.get("__module__"))
        slots = own.pop("__slots__", None)  # Python's object has them, like all attributes
        if "__init_subclass__" in own:
            own["__init_subclass__"] = SubclassHook(_class_method(own["__init_subclass__"]))
        if not all(isinstance(one, PythonClass) for one in bases):
            own.setdefault("__dict__", space_of(Instance)["__dict__"])  # or it would be that of a mix-in
        host = _make_host_class(mcls, name, bases, own)
        if slots is not None:
            type.__setattr__(host, "__slots__", slots)
        watch_hooks(host)
        _making.append(host)
        try:
            python_bases = _python_bases(bases, namespace)
            keywords = keywords if mcls in _PLAIN else with_metaclass(mcls, python_bases, keywords)
            made = make_python_class(
                name, python_bases, keywords,
                namespace.get("__module__"), namespace.get("__qualname__", name),
                mirrored if slots is None else dict(mirrored, __slots__=slots),
            )  # fmt: skip
        finally:
            _making.remove(host)
        if "_emb_python" not in space_of(host):
            adopt_class(host, made)
        if "metaclass" in keywords:
            type.__setattr__(host, "_emb_makes", maker(host._emb_python))
        for each, value in mirrored.items():
            if isinstance(space_of(host)[each], ClassValue):
                space_of(host)[each].kept = keep_of_class(value, host._emb_python, each)
        notice(host)
        if "__annotations__" in namespace:
            _complete_annotations(host)
        put_defaults(host)
        if find("getattr")(host._emb_python, "_is_protocol", False) is True:
            type.__setattr__(host, "_emb_is_protocol", True)
        _tell_what_is_abstract(host)
        type.__setattr__(host, "_emb_is_new", True)
        return host

    def __init__(cls, name, bases, namespace, **keywords):
        type.__init__(cls, name, bases, namespace)

    @property
    def _emb_handle(cls):
        in_python_s_hands.add(cls)  # a decorator may put something into it
        return cls._emb_python._emb_handle

    @property
    def __signature__(cls):
        return _object.signature_of(cls._emb_python)

    @property
    def __dict__(cls):
        # With what stands in Python's class, for class decorators that look for it here.
        found = {}
        for name, value in list(space_of(cls).items()):
            if name[:5] != "_emb_":
                is_value = type(value) in (Added, ClassValue)
                found[name] = value.__get__(None, cls) if is_value else behind(value)
        if "_emb_stands_for" in space_of(cls):
            notes = python("own_annotations")(cls._emb_python)
            if notes:
                found["__annotations__"] = dict(notes)
        return types.MappingProxyType(found)

    @property
    def __mro__(cls):
        ours = mro_of(Instance)[:-1]
        return tuple([one for one in mro_of(cls) if one not in ours and not _is_common(one)])

    def __call__(cls, *args, **kwargs):
        if cls._emb_abstract:
            raise TypeError(
                "Can't instantiate abstract class %s with abstract method%s %s"
                % (cls.__name__, "s"[: len(cls._emb_abstract) > 1], ", ".join(cls._emb_abstract))
            )
        if cls._emb_is_new:
            type.__setattr__(cls, "_emb_is_new", False)
            in_python_s_hands.add(cls)  # `__new__` may put something into it
        return as_instance(call(cls._emb_makes._emb_handle, args, kwargs))

    def __instancecheck__(cls, instance):
        kind = type(instance)
        if issubclass(kind, Instance) and not cls._emb_is_protocol:
            return cls in mro_of(kind)
        if not (issubclass(kind, Object) or cls._emb_is_protocol):
            return False
        try:
            return cls._emb_asks("isinstance", "__instancecheck__", instance)
        except Unconvertible:
            return False

    def __getitem__(cls, key):
        own = static(cls, "__class_getitem__")
        if own is None or own is space_of(typing.Generic)["__class_getitem__"]:
            return Type.__getitem__(cls, key)
        return own.__get__(None, cls)(key)

    def __subclasscheck__(cls, subclass):
        if isinstance(subclass, PythonClass) or not isinstance(subclass, Handle):
            return isinstance(subclass, type) and cls in type.mro(subclass)
        if cls is Instance:
            return False
        return cls._emb_asks("issubclass", "__subclasscheck__", subclass)

    def __hash__(cls):
        # A stand-in equals the proxy of its class: a table finds what was put there for either.
        proxy = space_of(cls).get("_emb_stands_for")
        return type.__hash__(cls) if proxy is None else hash(proxy)

    def __getattr__(cls, name):
        if name.startswith("_emb_"):
            raise AttributeError(name)
        return getattribute(cls._emb_python._emb_handle, name)

    def __setattr__(cls, name, value):
        if name.startswith("_emb_") or name in LEFT_OUT or name.startswith("_abc_"):
            type.__setattr__(cls, name, value)
            return
        value = telling(value)
        own, mirrored = members_of({name: value})
        set_member(cls, name, mirrored[name])
        if name not in own:
            own[name] = value_of_class(name, value)
            if own[name] is not None:
                own[name].kept = keep_of_class(value, cls._emb_python, name)
        else:
            own[name] = in_front(name, own[name])
        type.__setattr__(cls, name, own[name])

    def __delattr__(cls, name):
        delattribute(cls._emb_python._emb_handle, name)
        if name in space_of(cls):
            type.__delattr__(cls, name)

    def __dir__(cls):
        return list(cls._emb_asks("dir", "__dir__"))

    def _emb_asks(cls, function, method, *args):
        """What Python's function says of the class, past a metaclass of the program, which may call this."""
        if type(cls) in _PLAIN:
            return find(function)(*args, cls._emb_python)
        return python("beyond")(cls._emb_python, method, *args)


class AbstractClass(PythonClass):
    """The class of those that have an abstract class of the host among their bases, or are one: others can
    be registered with it, and `__subclasshook__` is asked."""

    def __new__(mcls, name, bases, namespace, **keywords):
        host = PythonClass.__new__(mcls, name, bases, namespace, **keywords)
        abc._abc_init(host)
        return host

    def __instancecheck__(cls, instance):
        if PythonClass.__instancecheck__(cls, instance):
            return True
        kind, shown = type(instance), instance.__class__
        return issubclass(kind, cls) or shown is not kind and issubclass(shown, cls)

    def __subclasscheck__(cls, subclass):
        return PythonClass.__subclasscheck__(cls, subclass) or abc.ABCMeta.__subclasscheck__(cls, subclass)


_PLAIN = (PythonClass, AbstractClass)  # no metaclasses of the program

for _kind, _name in zip(_PLAIN, ("type", "ABCMeta")):
    _kind.__name__ = _kind.__qualname__ = _name
    _kind.__module__ = "builtins" if _name == "type" else "abc"


def _tell_what_is_abstract(host):
    """To both sides, what each asks for, of a new class."""
    asked = abstract(host)
    type.__setattr__(host, "_emb_abstract", asked)
    if asked:
        python("ask_for")(host._emb_python, tuple(asked))
    in_all = python("abstract_in")(host._emb_python)
    if in_all is not None:
        type.__setattr__(host, "__abstractmethods__", frozenset(in_all))


def _complete_annotations(host):
    """Those of a TypedDict of Python's are also its bases'."""
    theirs = getattribute(host._emb_python._emb_handle, "__dict__").get("__annotations__")
    own = space_of(host)["__annotations__"]
    if theirs is not None and len(theirs) > len(own):
        type.__setattr__(host, "__annotations__", {name: own.get(name, theirs[name]) for name in theirs})


def adopt_class(host, made):
    type.__setattr__(host, "_emb_python", made)
    type.__setattr__(host, "_emb_makes", made)
    mirror_class(made, host)
    _expect_instances(class_number(number(_identity, made._emb_handle)))


def _expect_instances(kind):
    """Objects of the class with this number are instances, also where nobody in the host holds
    them any more, or held them yet; unless the class is gone, and another has its place."""
    special[kind] = lambda handle: as_instance(examine(handle, kind))


def mirror_class(made, host):
    """Python's class (a proxy) is found again as the host's, its instances as themselves."""
    address = number(_identity, made._emb_handle)
    mirrors[address] = host
    watch(address)
    watch(python("class_id")(made))


def _python_bases(bases, namespace):
    """What Python's class is to be derived from: `Generic[T]` of Python, too."""
    given = namespace.get("__orig_bases__", bases)
    generic = [_typing.translate(one) for one in given if getattr(one, "__origin__", None) is typing.Generic]
    bases = [_python_base(base) for base in bases if base is not typing.Generic or not generic]
    for one in given:
        if issubclass(type(one), Object) and not isinstance(one, type):
            bases = _unresolved(bases, one, given)
    return tuple(bases + generic)


def _unresolved(bases, one, given):
    """The bases with what a class statement names, such as `Base[int]`, in the place of what that stands for."""
    entries = [_python_base(stand_in(each)) for each in one.__mro_entries__(given)]
    place = next((at for at, base in enumerate(bases) if base in entries), None)
    if place is None:
        return bases
    return bases[:place] + [one] + [base for base in bases[place:] if base not in entries]


def _python_base(base):
    if isinstance(base, PythonClass):
        return base._emb_python
    return class_of_mix_in(base)


def as_instance(proxy):
    """The instance of the host's class for a proxy of a Python object of such a class."""
    if not issubclass(type(proxy), Object) or isinstance(type(proxy), PythonClass):
        return proxy
    kind = as_class(call(find("type")._emb_handle, (proxy,), None))  # whatever it shows as its class
    if not isinstance(kind, PythonClass):
        return proxy
    address = number(_identity, proxy._emb_handle)
    instance = mirrors.get(address)
    if instance is None:
        if in_python_s_hands:
            look_at_these()
        instance = new_of(kind)(kind)
        _lifetime.own_of(kind)(instance, box(proxy))
        known = kept_of(address)
        if known is not None:
            own_dict(instance)["_emb_kept"] = known
        mirrors[address] = instance
        _expect_instances(class_number(python("class_id")(instance)))
    return instance


def as_class(kind):
    """The host's class for Python's class, or for the nearest of its bases that has one."""
    if not issubclass(type(kind), Object):
        return kind
    for host in _making:
        if "_emb_python" not in space_of(host) and python("named")(kind) == (
            host.__module__, host.__qualname__,
        ):  # fmt: skip
            adopt_class(host, kind)
            return host
    for base in kind.__mro__:
        if isinstance(base, PythonClass):
            return base
    return kind


def _derive(name, bases, namespace, keywords):
    return PythonClass(name, bases, namespace, **keywords)


_type.derive = _derive
