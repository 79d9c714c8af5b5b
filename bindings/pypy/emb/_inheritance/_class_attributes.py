"""Attributes of the host's classes that Python's have: what is inherited, and values."""

import threading

from .._abi._calls import call_for_object
from .._abi._crossings import getattribute, setattribute
from .._interpreter._code import Part, find
from .._interpreter._there import python
from .._proxies._object import wrap
from .._proxies._static import mro_of, space_of
from . import _classes

_SOURCE = '''
import functools
import types

given = {}  # id() of a class that the host has made -> the members that it gave

def class_statement(name, bases, keywords, module, qualname, members):
    "What makes the class when it is called; without a frame of its own."
    resolved = types.resolve_bases(bases)
    meta, namespace, keywords = types.prepare_class(name, resolved, dict(keywords))
    namespace["__module__"] = module or "__main__"
    namespace["__qualname__"] = qualname
    for each, value in members.items():  # one by one, as a class body does it, for whoever looks at each
        namespace[each] = value
    if resolved is not bases:
        namespace["__orig_bases__"] = bases
    return functools.partial(meta, name, resolved, namespace, **keywords)

def know(cls, members):
    made[id(cls)], given[id(cls)] = cls, dict(members)

def changed(cls, known):
    "What Python has put into a class of the host, or in the place of something, and has taken out."
    own, before = cls.__dict__, given.get(id(cls), {})
    put = [name for name in own if name not in known]
    taken = [name for name in before if name not in own]
    for name, value in before.items():
        if name in own and own[name] is not value and name not in BY_TYPE:
            before[name] = own[name]
            put.append(name)
    for name in taken:
        del before[name]
    return tuple(put), tuple(taken)

# Of these functions `type` makes class methods, and a static one.
BY_TYPE = "__init_subclass__", "__class_getitem__", "__new__"

def know_member(cls, name):
    given.setdefault(id(cls), {})[name] = cls.__dict__.get(name)
'''
_python = Part(_SOURCE, lambda: {"made": python("made")})


class Inherited:
    """An attribute of one of Python's classes, as `super()` finds it in the stand-in."""

    def __init__(self, name):
        self.name = name
        self.base = None  # the proxy of the class

    def __get__(self, instance, owner):
        base = find("object") if self.base is None else self.base
        if instance is None:
            in_python_s_hands.add(owner)  # a class method may put something into it
            return python("of_class")(base, owner, self.name)
        return python("inherited")(base, instance, self.name)


class Added(Inherited):
    """What Python has put into a class of the host."""

    def __init__(self, name, base):
        self.name, self.base = name, base


class SubclassHook:
    """`__init_subclass__` of a class, which Python calls as soon as there is its new class.

    The host's own call comes before, while the thread is among `quiet`, and does nothing.
    """

    quiet = set()

    def __init__(self, function):
        self._function = function  # the host's, or what finds Python's

    def __get__(self, instance, owner):
        if threading.get_ident() in self.quiet:
            return _nothing
        return self._function.__get__(None, owner)


def _nothing():
    pass


class ClassValue:
    """A class attribute that Python's class holds."""

    def __init__(self, name):
        self.name = name
        self.kept = None

    def __get__(self, instance, owner):
        if instance is None:
            value = getattribute(owner._emb_python._emb_handle, self.name)
        else:
            value = hosts_own(instance, self.name, getattribute(instance._emb_handle, self.name))
        kept = self.kept
        return kept.value if kept is not None and kept.stands_for(value) else value


def value_of_class(name, value):
    """What the host's class has for a value that Python's class holds."""
    lacks = value is None and name[:2] == "__"  # `__hash__ = None`
    return None if lacks else ClassValue(name)


class Default:
    """A value that a plain class among the bases has for an attribute, for instances that have none."""

    def __init__(self, name):
        self._name = name

    def __get__(self, instance, owner):
        if instance is not None:
            own = python("own_value")(instance, self._name)
            if own:
                return hosts_own(instance, self._name, own[0])
        for base in mro_of(owner):
            value = space_of(base).get(self._name, self)
            if type(value) is not Default:
                return value
        raise AttributeError("%r object has no attribute %r" % (owner.__name__, self._name))


def notice(host):
    """What Python has done to a new class, or to one that it had in its hands, counts for the host's, too:
    what a metaclass or `__init_subclass__` has put there, wrapped or taken out."""
    own = space_of(host)
    here = frozenset(name for name, one in list(own.items()) if type(one) is not Default)
    put, taken = _python("changed")(host._emb_python, tuple(here))
    for each in put:
        if each not in _classes.LEFT_OUT and type(own.get(each)) not in (ClassValue, Added):
            type.__setattr__(host, each, Added(each, host._emb_python))
    for each in taken:
        if each not in _classes.LEFT_OUT and each in own:
            type.__delattr__(host, each)


def make_python_class(*statement):
    """Python's class for a class statement of the host."""
    # Called from here: the frame that a metaclass, or a warning, looks for is the program's.
    make = _python("class_statement")(*statement)
    made = wrap(call_for_object(make._emb_handle, ()))
    _python("know")(made, statement[-1])
    return made


def set_member(host, name, value):
    """The program gives the class an attribute."""
    # From here, as above: a metaclass may look who sets it.
    setattribute(host._emb_python._emb_handle, name, value)
    _python("know_member")(host._emb_python, name)


in_python_s_hands = set()  # classes of the host into which Python may have put something


def look_at_these():
    while in_python_s_hands:
        host = in_python_s_hands.pop()
        if "_emb_python" in space_of(host) and "_emb_stands_for" not in space_of(host):
            notice(host)


def hosts_own(instance, name, value):
    """The host's own object for the value that Python has of an attribute, if there is one."""
    known = _classes.own_dict(instance).get("_emb_kept")
    if known is not None:
        kept = known.get(name)
        if kept is not None and kept.stands_for(value):
            return kept.value
    return value
