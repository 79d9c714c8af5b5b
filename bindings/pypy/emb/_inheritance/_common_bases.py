"""Classes that the standard library has on both sides (Thread, TestCase, logging.Handler): what derives from
Python's is to the host of the host's, too, for `isinstance`, `issubclass` and who asks these.

So the host's class for Python's derives from it, with all that it has hidden: nothing of the host's runs.
"""

import sys

from .._interpreter._stdlib import is_standard
from .._proxies._static import is_written_in_python, space_of

_OF_THE_CLASS = ("__dict__", "__weakref__", "__module__", "__doc__", "__slots__")


def of(module, name):
    """The host's class of that name, if its instances have room for anything; or None."""
    if not isinstance(module, str) or module not in sys.modules or not is_standard(module):
        return None
    found = vars(sys.modules[module]).get(name)
    if type(found) is not type or found.__module__ != module or found is object:
        return None
    return found if all(map(_has_room, found.__mro__[:-1])) else None


def _has_room(kind):
    return type(kind) is type and "__slots__" not in space_of(kind) and is_written_in_python(kind)


def names_of(kind):
    """What it has, and its own bases."""
    names = set().union(*[space_of(one) for one in kind.__mro__[:-1]])
    return names.difference(_OF_THE_CLASS)
