"""One context of decimal arithmetic a thread: `decimal.getcontext().prec = 6` of a program counts for what
Python computes, too.

Each of the host's that is, or was, the current one has one of Python's, which is told when something is set
in it.
"""

import types
from _thread import get_ident

from ._code import Part
from ._convert import Unconvertible

_SOURCE = '''
import decimal

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


def join(decimal):
    """From now on, with the host's module."""
    if not isinstance(decimal.setcontext, types.FunctionType):
        return  # that of a CPython is written in C, and tells nobody
    own, kind = decimal.setcontext, decimal.Context
    set_attribute, at_it = kind.__setattr__, set()

    def setcontext(context):
        before = decimal.getcontext()
        if _THEIRS not in before.__dict__:
            _tell(before)  # which may come back
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

    setcontext.__doc__ = own.__doc__
    decimal.setcontext = own.__globals__["setcontext"] = setcontext
    kind.__setattr__ = __setattr__
    if decimal.getcontext().prec != decimal.DefaultContext.prec:
        _tell(decimal.getcontext())
