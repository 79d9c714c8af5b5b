"""One set of context variables for both sides: what is set within `contextvars.copy_context().run(f)`, or in a
task of the host's asyncio, is set there alone, also where a package of Python's has set it.

Each context of the host has one of Python's, which is made, and entered, when the host calls Python in it:
many are made, and left again, without that.
"""

import contextvars
import os
from _thread import get_ident

from .._abi import _memory
from .._abi._memory import not_entered
from .._callables import _callbacks
from .._interpreter import _session
from .._interpreter._code import Part

_SOURCE = '''
import contextvars
import ctypes

enter_it, exit_it = ctypes.pythonapi.PyContext_Enter, ctypes.pythonapi.PyContext_Exit
enter_it.argtypes = exit_it.argtypes = [ctypes.py_object]
current = contextvars.copy_context

def enter(context, begins_as):
    if context is None:
        begins_as = contextvars.Context() if begins_as is None else begins_as
        context = current() if begins_as is True else begins_as.copy()
    enter_it(context)
    return context

def leave(context):
    exit_it(context)
'''

_python = Part(_SOURCE)
_AS_CURRENT = True  # for a context that the host has made before there was a Python

# For the package itself, which runs functions of the host where Python's context is the right one already.
own_run, own_copy = contextvars.Context.run, contextvars.Context.copy
_current = getattr(own_run, "__globals__", {}).get("get_context")  # where the module is written in Python


class _Run:
    __slots__ = ("context", "thread")

    def __init__(self, context):
        self.context, self.thread = context, get_ident()


def copied():
    """A copy of the current one, for the package itself."""
    return own_copy(_current()) if _current is not None else contextvars.copy_context()


def join(contextvars):
    """From now on, with the host's module."""
    if _current is None:
        return
    kind = contextvars.Context
    begin = kind.__init__

    def __init__(self):
        begin(self)
        self._emb_begins_as = None

    def run(self, callable, *args, **kwargs):
        if self._is_entered or not _session.running():
            return own_run(self, callable, *args, **kwargs)
        this = _Run(self)
        not_entered.append(this)
        try:
            return own_run(self, callable, *args, **kwargs)
        finally:
            _end(this)

    def copy(self):
        made = own_copy(self)
        if _session.running():
            made._emb_begins_as = _as_it_is(self)
        return made

    kind._emb_python = None  # Python's, which has been entered once
    kind._emb_begins_as = _AS_CURRENT  # and before, what that is to be a copy of: None if it is empty
    kind._emb_seen = None  # what it was when the host had called Python so often
    for each in __init__, run, copy:
        each.__doc__, each.__qualname__ = getattr(kind, each.__name__).__doc__, "Context." + each.__name__
        setattr(kind, each.__name__, each)


def _end(this):
    if this in not_entered:
        not_entered.remove(this)
    elif _session.running():
        _python("leave")(this.context._emb_python)


def _enter():
    """The host calls Python: the contexts in which this thread runs are entered."""
    thread = get_ident()
    these = [one for one in list(not_entered) if one.thread == thread]
    for one in these:
        not_entered.remove(one)  # before this calls Python, too
    try:
        while these:
            context = these[0].context
            context._emb_python = _python("enter")(context._emb_python, context._emb_begins_as)
            del these[0]
    except BaseException:
        not_entered.extend(these)
        raise


def _as_it_is(context):
    """Python's for a copy to begin as."""
    if context is not _current():
        theirs = context._emb_python
        return context._emb_begins_as if theirs is None else theirs.copy()
    if context._emb_python is None and any(one.context is context for one in not_entered):
        return context._emb_begins_as
    seen = context._emb_seen
    if seen is None or seen[0] != _memory.crossings or _callbacks.runs():
        now = _python("current")()
        seen = context._emb_seen = _memory.crossings, now
    return seen[1]


def _in_child():
    """After a fork, whose other threads are no more."""
    not_entered[:] = [one for one in not_entered if one.thread == get_ident()]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
_memory.enter_contexts = _enter
