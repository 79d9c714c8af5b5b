"""The bases of all proxies: what has a number that stands for a Python object."""

import sys

if sys.implementation.name == "pypy":
    from __pypy__.bufferable import bufferable
else:
    bufferable = object  # `__buffer__` is asked for of any object, from 3.12 on

RELEASED = -1  # the handle of a proxy that has none any more


class Handle:
    """What passes as the object that `_emb_handle` stands for."""

    __slots__ = ()


class Owner(Handle):
    """The usual one."""

    # See _lifetime for the batch (in CPython a part that frees the handle).
    __slots__ = ("_emb_handle", "_emb_batch", "__weakref__")


if bufferable is object:
    Exporter = Owner
else:

    class Exporter(bufferable, Handle):
        """One whose `__buffer__` PyPy asks for memory.

        PyPy lays these out in another way, so they are made by their own `__new__`, and what writes
        into them has to be their own.
        """

        __slots__ = ("_emb_handle", "_emb_batch", "__weakref__")


def new_of(host):
    """What makes objects of a class of proxies, as quick as there is."""
    return bufferable.__new__ if issubclass(host, Exporter) else object.__new__
