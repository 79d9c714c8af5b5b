"""Attributes of the host's classes that Python's have: what is inherited, and values."""

import threading

from . import _classes
from ._code import find
from ._crossings import getattribute
from ._static import mro_of, space_of
from ._there import python


class Inherited:
    """An attribute of one of Python's classes, as `super()` finds it in the stand-in."""

    def __init__(self, name):
        self.name = name
        self.base = None  # the proxy of the class

    def __get__(self, instance, owner):
        base = self.base or find("object")
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


def notice(host, known):
    """What Python has put into a new class, or one that it had in its hands, is in the host's, too."""
    here = frozenset(name for name, one in list(space_of(host).items()) if type(one) is not Default)
    for each in python("added")(host._emb_python, tuple(here.intersection(known))):
        if each not in _classes.LEFT_OUT and each not in here:
            type.__setattr__(host, each, Added(each, host._emb_python))


in_python_s_hands = set()  # classes of the host into which Python may have put something


def look_at_these():
    while in_python_s_hands:
        host = in_python_s_hands.pop()
        if "_emb_python" in space_of(host) and "_emb_stands_for" not in space_of(host):
            notice(host, space_of(host))


def hosts_own(instance, name, value):
    """The host's own object for the value that Python has of an attribute, if there is one."""
    known = _classes.own_dict(instance).get("_emb_kept")
    if known is not None:
        kept = known.get(name)
        if kept is not None and kept.stands_for(value):
            return kept.value
    return value
