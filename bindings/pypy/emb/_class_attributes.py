"""Attributes of the host's classes that Python's have: what is inherited, and values."""

from ._calls import getattribute
from ._code import find
from ._there import python


class Inherited:
    """An attribute of one of Python's classes, as `super()` finds it in the stand-in."""

    def __init__(self, name):
        self.name = name
        self.base = None  # the proxy of the class

    def __get__(self, instance, owner):
        base = self.base or find("object")
        if instance is None:
            return python("of_class")(base, owner, self.name)
        return python("inherited")(base, instance, self.name)


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


def hosts_own(instance, name, value):
    """The host's own object for the value that Python has of an attribute, if there is one."""
    known = instance.__dict__.get("_emb_kept")
    if known is not None:
        kept = known.get(name)
        if kept is not None and kept.stands_for(value):
            return kept.value
    return value
