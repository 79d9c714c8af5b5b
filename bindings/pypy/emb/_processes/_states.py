"""What a pickle of Python keeps of a plain object of the host: what the host's own would.

It is read by others, too: by a process of Python's that has imported the program's file, or was sent
its classes (see _sent).  There the object is one of Python's own; here it is again the host's.
"""

import copyreg
import pickle
import types

from .._exported import _host_classes
from .._interpreter._code import Part, find
from .._proxies._handle import Handle

_SOURCE = '''
import copyreg

def revived(cls, *arguments):
    "Used on both sides."
    new = getattr(type(cls), "_emb_revived", None)
    return cls.__new__(cls, *arguments) if new is None else new(cls, arguments)

revived.__name__ = revived.__qualname__ = NAME

def reduced(value):
    made, arguments, *rest = host_reduced(value)
    if (
        made is None and len(arguments) == 1 and not hasattr(type(value), "_emb_base")
        and value.__class__ is type(value) and rest and (rest[0] or not host_has_own_state(value))
    ):
        # The usual case is one that any Python can read.
        return (copyreg.__newobj__, (type(value),), rest[0] or {}, *rest[1:])
    return (made or revived, arguments, *rest)

def of_class(cls, arguments):
    return host_revived(host_class(cls), arguments)

HostType._emb_revived = of_class
'''


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


def _set_state(value, state):
    state = _own(state)
    if hasattr(value, "__setstate__"):
        value.__setstate__(state)
        return
    attributes, slots = state if isinstance(state, tuple) else (state, None)
    for each in (attributes, slots):
        for name, one in (each or {}).items():
            object.__setattr__(value, name, one)


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
        "NAME": NAME,
        "HostType": host_classes("HostType"),
        "host_class": host_classes("host_class"),
        "host_reduced": _reduced,
        "host_has_own_state": lambda host: hasattr(host, "__setstate__"),
        "host_revived": _revived,
        "set_state": _set_state,
    }


NAME = "_emb_revived"
states = Part(_SOURCE, _given)
_host_classes.states = states


def of_main(name):
    """What Python's pickle looks for in `__main__`, and is ours; None for any other name."""
    return states("revived") if name == NAME else None
