"""Classes of Python's exceptions as the host's.

A builtin class is the host's of the same name.  Any other becomes a host class that is made once, with
the same name and bases: numpy.linalg.LinAlgError is a ValueError here too.  What else stands in
Python's class, and what its exceptions have, is asked of Python.
"""

import builtins
import sys
import types

from .._abi._calls import call_for_object
from .._abi._convert import Unconvertible
from .._abi._crossings import getattribute, number, setattribute
from .._abi._library import functions
from .._exported._decorators import turn_to
from .._interpreter import _session
from .._interpreter._code import find
from .._interpreter._stdlib import spellings
from .._interpreter._there import python
from .._proxies import _object, _types
from .._proxies._arrivals import mirrors
from .._proxies._handle import Handle
from .._proxies._static import is_exception_class

_identity = functions.emb_object_identity
_classes = {}  # id() of a Python class -> (host class, proxy that keeps the id valid)
python_classes = {}  # host class -> proxy of Python's class
mirrored = {}  # host class that was made for one of Python's -> whether Python's code has its constructor
originals = []  # classes of the program, of which a decorator of Python's (attrs) may make others, with slots
to_python = None  # set by _raised: host exception -> proxy of Python's
OF_THE_HOST = frozenset(("args", "python_exception", "python_traceback"))  # attributes of exceptions
# Special methods of Python's class that the host's has; others are for the host's own machinery.
_SPECIAL = frozenset(
    "__repr__ __eq__ __ne__ __hash__ __lt__ __le__ __gt__ __ge__ __len__ __iter__ __next__ __getitem__"
    " __contains__ __bool__ __call__ __enter__ __exit__ __format__ __int__ __float__ __index__".split()
)


class PythonExit(Exception):
    """Python code called sys.exit().  Not a SystemExit: only the host ends the host."""

    @property
    def code(self):
        return self.args[0] if self.args else None


PythonExit.__module__ = "emb"
_exit = PythonExit  # what SystemExit becomes


def exits_the_host():
    """To a program that knows of one Python, `sys.exit()` of either is the same."""
    global _exit
    _exit = SystemExit
    known = python_classes.get(PythonExit)
    if known is not None:
        know(SystemExit, known)


def text_of(self):
    """`__str__` of such exceptions."""
    message = self.__dict__.get("_emb_message")  # not of those that the host has made
    return BaseException.__str__(self) if message is None else message


def _python_s(error):
    """Python's exception (a proxy) for one of the host, if there is one."""
    return error.__dict__.get("_emb_like") or error.__dict__.get("python_exception")


def _getattr(self, name):
    # Special names belong to the host's machinery, which asks for many of them.
    known = _python_s(self)
    if name.startswith(("__", "_emb_")) and name != "__notes__" or known is None:
        raise AttributeError(name)
    return getattr(known, name)


def _setattr(self, name, value):
    BaseException.__setattr__(self, name, value)
    known = None if name[0] == "_" or name in OF_THE_HOST else _python_s(self)
    if known is None:
        return
    try:
        setattribute(known._emb_handle, name, value)
        self._emb_message = str(known)
    except (Unconvertible, ValueError):
        pass


class _OfPython:
    """What stands in Python's class."""

    def __init__(self, name, proxy):
        self._name, self._proxy = name, proxy

    def __get__(self, instance, owner):
        if instance is None:
            return getattribute(self._proxy._emb_handle, self._name)
        # Of a class of the program, Python's is of one that has what that has of its own.
        own = type(instance) not in mirrored
        asked = to_python(instance) if own else _python_s(instance) or to_python(instance)
        return python("inherited")(self._proxy, asked, self._name)


def _init(proxy):
    """`__init__` of a class whose constructor Python's code has: what the host makes of it has the
    arguments, the text and the attributes that Python's would have."""

    def __init__(self, *args, **kwargs):
        make = find("functools.partial")(proxy, *args, **kwargs)
        like = _object.wrap_light(call_for_object(make._emb_handle, ()))
        BaseException.__init__(self, *like.args)
        self._emb_like, self._emb_message = like, str(like)

    return __init__


def exception_class(proxy):
    """The host's class for a Python exception class, to be used in `except`.

    What comes from Python, numpy.linalg.LinAlgError, is that class already.
    """
    if is_exception_class(proxy):
        return proxy
    if not isinstance(proxy, Handle):
        raise TypeError("exception_class() takes an emb.Object of a class")
    if not find("isinstance")(proxy, find("type")) or python("sort_of")(proxy) != "exception":
        raise TypeError("%r is no exception class" % proxy)
    return _class_for(proxy)


def _class_for(proxy):
    """The host's class for a proxy of a class of exceptions."""
    known = _classes.get(number(_identity, proxy._emb_handle))
    if known is not None:
        return known[0]
    name = proxy.__name__
    module = getattribute(proxy._emb_handle, "__module__")
    host_class = _builtin_class(name) if module == "builtins" else _own_class(module, name)
    if host_class is None:
        host_class = _mirror(proxy, name, module)
    know(host_class, proxy)
    return host_class


def of_address(address):
    """The host's class for the class of Python with this id(), if there is one."""
    known = _classes.get(address)
    return known and known[0]


def know(host_class, proxy):
    """The two classes stand for each other."""
    proxy = _object.another(proxy)
    address = number(_identity, proxy._emb_handle)
    _classes[address] = (host_class, proxy)
    mirrors[address] = host_class
    python_classes.setdefault(host_class, proxy)


def _builtin_class(name):
    if name == "SystemExit":
        return _exit
    if name == "TimeoutError" and find("sys.version_info") >= (3, 11):
        return _timeout_error()
    host_class = getattr(builtins, name, None)
    if isinstance(host_class, type) and issubclass(host_class, BaseException):
        return host_class
    return None


def _timeout_error():
    """Since 3.11 it is what each of these is another name of."""
    import asyncio  # these take long, and are seldom wanted
    import concurrent.futures
    import socket

    bases = [TimeoutError]
    for one in (socket.timeout, asyncio.TimeoutError, concurrent.futures.TimeoutError):
        if not issubclass(TimeoutError, one) and one not in bases:
            bases.append(one)
    return type("TimeoutError", tuple(bases), {"__module__": "builtins"}) if bases[1:] else TimeoutError


def _own_class(module, name):
    """The class of that name in a module that the host has imported itself, or None."""
    for each in spellings(module):
        own = sys.modules.get(each)
        if each != "__main__" and type(own) is types.ModuleType:
            host_class = getattr(own, name, None)
            if isinstance(host_class, type) and issubclass(host_class, BaseException):
                return host_class
    return None


def _mirror(proxy, name, module):
    """A host class with the name and the exception bases of Python's."""
    bases = [base for base in proxy.__bases__ if is_exception_class(base)]
    body = {
        "__module__": module,
        "__qualname__": proxy.__qualname__,
        "__doc__": getattribute(proxy._emb_handle, "__doc__"),
        "__str__": text_of,
        "__getattr__": _getattr,
        "__setattr__": _setattr,
    }
    own = _object.another(proxy)
    names = python("describe")(proxy)[3]
    original = originals[getattribute(proxy._emb_handle, "_emb_original")] if "_emb_original" in names else None
    if "__str__" in getattr(original, "__dict__", ()):
        body["__str__"] = original.__dict__["__str__"]
    for each in names:
        if each in _SPECIAL or each[:2] != "__" and each not in OF_THE_HOST:
            body[each] = _OfPython(each, own)
    if find("isinstance")(proxy.__init__, find("types.FunctionType")):
        body["__init__"] = _init(own)
    try:
        made = type(name, tuple(bases), body)
    except TypeError:
        # Bases that the host cannot join, though CPython can: the first one decides.
        made = type(name, (bases[0],), body)
    mirrored[made] = "__init__" in body
    if original is not None:
        turn_to(made, original, body["__str__"])
    return made


_types.exception_class = _class_for
_session.after_shutdown(_classes.clear)
_session.after_shutdown(python_classes.clear)
_session.after_shutdown(mirrored.clear)
_session.after_shutdown(originals.clear)
