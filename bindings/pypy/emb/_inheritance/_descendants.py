"""Classes of Python's that derive from the host's: `class W(cls)` in a decorator, `type(name, (cls,), {})`.

What they make is Python's.  So where the host's class is a plain one, they derive from what stands for it among
the bases of others (see _mix_ins).  And each is a class of the host with the same bases, as if a class
statement of the program had made it: its objects are instances, and what is the host's of them runs there.
"""

import threading

from .._abi._crossings import getattribute, number
from .._abi._library import functions
from .._exported import _host_classes
from .._garbage._lifetime import lasting
from .._interpreter._code import find
from .._interpreter._session import after_shutdown
from .._interpreter._there import python
from .._proxies import _types
from .._proxies._arrivals import mirrors
from .._proxies._static import abstract, mro_of, space_of, static
from . import _classes, _metas, _stand_ins
from ._class_attributes import Added, Inherited, SubclassHook
from ._mix_ins import class_of

_joints = {}  # host's plain class -> the host's class for that of Python's which has its methods
_NAMES = ("__name__", "__qualname__", "__module__", "__doc__")


class _Beyond:
    """`__init_subclass__` of the plain class behind a joint."""

    def __get__(self, instance, owner):
        joint = next(one for one in mro_of(owner) if "_emb_joins" in space_of(one))
        return super(joint, owner).__init_subclass__


class _Hook(SubclassHook):
    """That of a joint: of Python's classes it tells when they are made, and not when the host's are for them."""

    quiet = set()


def joint(kind):
    """The host's class that has for its bases a plain one and that of Python's objects; TypeError where there
    can be none."""
    if kind not in _joints:
        _joints.setdefault(kind, _join(kind))
    return _joints[kind]


@lasting
def _join(kind):
    of_python = _stand_ins.stand_in(find("object"))
    space = {
        "__module__": kind.__module__, "__qualname__": kind.__qualname__, "_emb_joins": True,
        "__dict__": space_of(_classes.Instance)["__dict__"], "__init_subclass__": _Hook(_Beyond()),
    }  # fmt: skip
    host = _stand_ins.unnoticed(_metas.joined(type(kind)), kind.__name__, (of_python,), space)
    # Only now, or `__init_subclass__` of the program's class would be told.
    type.__setattr__(host, "__bases__", (kind, of_python))
    there = class_of(kind)
    for name in "_emb_python", "_emb_makes":
        type.__setattr__(host, name, there)
    if abstract(kind):
        python("ask_for")(there, tuple(abstract(kind)))
    _classes.watch_hooks(host)
    _classes.put_defaults(host)
    return host


def _base(kind):
    """Python's class to derive from in the place of what stands for the host's, and whether that wants to be
    told of what does; None where the objects can only be the host's."""
    try:
        joint(kind)
    except TypeError:
        return None
    return class_of(kind), static(kind, "__init_subclass__") is not space_of(object)["__init_subclass__"]


def _told(cls, **keywords):
    """There is a new class, of which `__init_subclass__` of the host's is told."""
    _Beyond().__get__(None, cls)(**keywords)
    # It is looked at again when it comes with the name, and all the rest, that a decorator gives it.
    mirrors.pop(number(functions.emb_object_identity, cls._emb_python._emb_handle), None)


@lasting
def _arrived(proxy):
    """The host's class for one of Python's (a proxy) that derives from the host's."""
    thread = threading.get_ident()
    inside = thread in _Hook.quiet  # there are others among its bases
    _Hook.quiet.add(thread)
    try:
        host = _stand_ins.stand_in(proxy)
    finally:
        if not inside:
            _Hook.quiet.discard(thread)
    for name, value in list(space_of(host).items()):
        if type(value) is Inherited:
            type.__setattr__(host, name, Added(name, proxy))
    if "_emb_stands_for" in space_of(host):
        type.__delattr__(host, "_emb_stands_for")  # it is one of its own
    _classes.adopt_class(host, proxy)
    _classes.notice(host)
    for name in _NAMES:
        type.__setattr__(host, name, getattribute(proxy._emb_handle, name))
    return host


_stand_ins.joint = joint
_types.descendant = _arrived
_host_classes.base_of_descendants, _host_classes.descendant = _base, _told
after_shutdown(_joints.clear)
