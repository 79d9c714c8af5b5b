"""Methods of the host, sent to other processes: as Python sends its own, by their object and name.

What a method, or a `partial`, of the host is in Python is one of Python's builtin functions, whose
own pickle would be looked for in a module.  Functions and classes that Python holds are read
(see _twins), by what sends them.
"""

import functools
import types

from .._interpreter._code import Part

_SOURCE = '''
import copyreg
import functools
import types

def reduced(function):
    if type(function.__self__) is HOST:
        parts = host_parts(function)
        if parts is not None:
            return make(*parts)
    return function.__reduce_ex__(4)

def make(what, arguments, keywords):
    if what == "method":
        return getattr, arguments
    if what == "function":
        return types.MethodType, arguments
    return functools.partial(*arguments, **keywords).__reduce__()

def join(first):
    global HOST
    HOST = type(first.__self__)
    copyreg.pickle(type(first), reduced)
'''


def _parts(function):
    """(kind, arguments, keywords) of what `reduced` makes it of, or None."""
    kind = type(function)
    if kind is types.MethodType:
        instance, name = function.__self__, function.__func__.__name__
        if getattr(instance, name, None) == function:
            return "method", (instance, name), {}
        return "function", (function.__func__, instance), {}
    if kind is functools.partial:
        return "partial", (function.func,) + function.args, function.keywords
    return None


_python = Part(_SOURCE, lambda: {"host_parts": _parts})


def join(first):
    """When Python gets the first of them."""
    _python("join")(first)
