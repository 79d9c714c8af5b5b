"""Abstract classes: what one side has registered with one, the other side's `isinstance` knows.

Classes are registered when the other side first meets them, with those of the library that both have
(numbers, collections.abc, io); an abstract class of the program is asked itself (see _host_classes).
"""

import abc
import collections.abc
import io
import numbers

from .._interpreter import _session

_MODULES = {"numbers": numbers, "collections.abc": collections.abc, "io": io}


def _named(name):
    module, _, attribute = name.rpartition(".")
    return getattr(_MODULES[module], attribute)


def of_the_library(module, name):
    """The host's abstract class for Python's of that name; None for any other class."""
    return getattr(_MODULES[module], name, None) if module in _MODULES and _session.apart() else None


def register(host, names):
    """The host's class is one of these: what `registered_with` in _there tells of Python's."""
    if _session.apart():  # or they are the same classes
        for name in names:
            _named(name).register(host)


def registered_with(kind, names):
    """Which of these a class of the host is one of, and does not derive from."""
    found = []
    for name in names if _session.apart() else ():
        abstract = _named(name)
        if issubclass(kind, abstract) and abstract not in kind.__mro__:
            if not any(issubclass(_named(one), abstract) for one in found):
                found.append(name)
    return tuple(found)


def is_abstract(kind):
    """Whether the class itself is to be asked what is registered with it."""
    return isinstance(kind, abc.ABCMeta) and _session.apart()
