"""One context of decimal arithmetic a thread: `decimal.getcontext().prec = 6` of a program counts for what
Python computes, too.

Python is told when the host's context is another one, or another is set in it.
"""

import types
from _thread import get_ident

from ._code import Part
from ._convert import Unconvertible

_SOURCE = '''
import decimal

def change(values, traps):
    context = decimal.getcontext()
    for name, value in values.items():
        setattr(context, name, value)
    for signal in context.traps:
        context.traps[signal] = signal.__name__ in traps
'''
_ATTRIBUTES = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")

_python = Part(_SOURCE)


def _tell(context):
    values = {name: getattr(context, name) for name in _ATTRIBUTES}
    traps = tuple(signal.__name__ for signal, trapped in context.traps.items() if trapped)
    try:
        _python("change")(values, traps)
    except (OverflowError, ValueError, Unconvertible):
        pass  # more digits than Python's can have


def join(decimal):
    """From now on, with the host's module."""
    if not isinstance(decimal.setcontext, types.FunctionType):
        return  # that of a CPython is written in C, and tells nobody
    own, kind = decimal.setcontext, decimal.Context
    set_attribute, at_it = kind.__setattr__, set()

    def setcontext(context):
        own(context)
        _tell(decimal.getcontext())

    def __setattr__(self, name, value):
        set_attribute(self, name, value)
        this = get_ident()
        if name not in _ATTRIBUTES or not hasattr(self, "traps") or this in at_it:
            return  # of one that is being made
        at_it.add(this)
        try:
            if self is decimal.getcontext():
                _tell(self)
        finally:
            at_it.discard(this)

    setcontext.__doc__ = own.__doc__
    decimal.setcontext = own.__globals__["setcontext"] = setcontext
    kind.__setattr__ = __setattr__
    if decimal.getcontext().prec != decimal.DefaultContext.prec:
        _tell(decimal.getcontext())
