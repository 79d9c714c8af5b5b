"""One context of decimal arithmetic a thread: `decimal.getcontext().prec = 6` of a program counts for what
Python computes, too.

Each of the host's that is, or was, the current one has one of Python's, which is told when something is set
in it.
"""

import types
from _thread import get_ident

from .._abi._convert import Unconvertible
from .._interpreter import _session
from .._interpreter._code import Part

_SOURCE = '''
import decimal

def current(attributes):
    context = decimal.getcontext()
    traps = tuple(signal.__name__ for signal, trapped in context.traps.items() if trapped)
    return context, traps, *[getattr(context, name) for name in attributes]

def context_like(context, is_new, values, traps):
    if context is None:
        context = decimal.Context() if is_new else decimal.getcontext()
    for name, value in values.items():
        setattr(context, name, value)
    for signal in context.traps:
        context.traps[signal] = signal.__name__ in traps
    if is_new:
        decimal.setcontext(context)
    return context
'''
_ATTRIBUTES = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")

_THEIRS = "_emb_python"  # attribute of contexts

_python = Part(_SOURCE)


def _tell(context, is_new=False):
    values = {name: getattr(context, name) for name in _ATTRIBUTES}
    traps = tuple(signal.__name__ for signal, trapped in context.traps.items() if trapped)
    try:
        theirs = _python("context_like")(context.__dict__.get(_THEIRS), is_new, values, traps)
        context.__dict__[_THEIRS] = theirs  # other attributes it cannot have
    except (OverflowError, ValueError, Unconvertible):
        pass  # more digits than Python's can have


def _begin(context, set_attribute):
    """The first one of the host, where Python may have had one before."""
    theirs, traps, *values = _python("current")(_ATTRIBUTES)
    for name, value in zip(_ATTRIBUTES, values):
        set_attribute(context, name, value)
    for signal in context.traps:
        context.traps[signal] = signal.__name__ in traps
    context.__dict__[_THEIRS] = theirs


def join(decimal):
    """From now on, with the host's module."""
    if not isinstance(decimal.setcontext, types.FunctionType):
        return  # that of a CPython is written in C, and tells nobody
    own, kind = decimal.setcontext, decimal.Context
    current, set_attribute, at_it = own.__globals__["_current_context_var"], kind.__setattr__, set()

    def getcontext():
        context = current.get(None)
        if context is None:
            context = kind()
            current.set(context)
            if _session.running():
                _begin(context, set_attribute)
        return context

    def setcontext(context):
        getcontext()  # to which it may go back
        own(context)
        _tell(decimal.getcontext(), True)

    def __setattr__(self, name, value):
        set_attribute(self, name, value)
        this = get_ident()
        if name not in _ATTRIBUTES or not hasattr(self, "traps") or this in at_it:
            return  # of one that is being made
        at_it.add(this)
        try:
            if _THEIRS in self.__dict__ or self is decimal.getcontext():
                _tell(self)
        finally:
            at_it.discard(this)

    for each in getcontext, setcontext:
        each.__doc__ = getattr(decimal, each.__name__).__doc__
        setattr(decimal, each.__name__, each)
        own.__globals__[each.__name__] = each
    kind.__setattr__ = __setattr__
    if current.get(None) is not None:
        _tell(current.get())
