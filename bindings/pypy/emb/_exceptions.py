"""Python's exceptions as exceptions of the host; the other way is in _raised.

A builtin exception becomes exactly the host's class of the same name, with the same
`args`.  Any other class becomes a host class of the same name that is made once, with
the same bases: numpy.linalg.LinAlgError is a ValueError here too.

Every such exception has `python_exception` (the proxy) and `python_traceback` (text,
rendered when it is looked at), and its `__cause__` shows Python's traceback when the
host prints it.
"""

import asyncio
import builtins
import collections
import concurrent.futures
import socket
import sys
import types

from . import _convert, _error, _object, _protocols, _session, _types
from ._arrivals import mirrors, recall, remember
from ._calls import call_for_object, fetch, getattribute, number
from ._code import Borrowed, find
from ._error import Error
from ._handle import RELEASED, Handle
from ._library import functions
from ._static import is_exception_class
from ._there import python

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free
_classes = {}  # id() of a Python class -> (host class, proxy that keeps the id valid)
python_classes = {}  # host class -> proxy of Python's class


class PythonExit(Exception):
    """Python code called sys.exit().  Not a SystemExit: only the host ends the host."""

    @property
    def code(self):
        return self.args[0] if self.args else None


class TracebackText(collections.UserString):
    """Python's traceback as text, rendered when it is first needed."""

    def __init__(self, exception):
        self._exception = exception
        self._text = None

    @property
    def data(self):
        if self._text is None:
            try:
                handle = self._exception._emb_handle
                self._text = fetch(functions.emb_error_traceback, handle)
            except Error as error:
                return "(no traceback: %s)\n" % error
        return self._text


class PythonTraceback(Exception):
    """The cause of an exception that Python raised; its text is Python's traceback."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text

    def __str__(self):
        return '\n"""\n%s"""' % self.text


for _class in (PythonExit, TracebackText, PythonTraceback):
    _class.__module__ = "emb"


def _str(self):
    message = self.__dict__.get("_emb_message")  # not of those that the host has made
    return BaseException.__str__(self) if message is None else message


def _getattr(self, name):
    # Special names belong to the host's machinery, which asks for many of them.
    known = self.__dict__.get("_emb_like") or self.__dict__.get("python_exception")
    if name.startswith("_") or known is None:
        raise AttributeError(name)
    return getattr(known, name)


def _init(proxy):
    """`__init__` of a class whose constructor Python's code has: what the host makes of it has the
    arguments, the text and the attributes that Python's would have."""

    def __init__(self, *args, **kwargs):
        make = find("functools.partial")(proxy, *args, **kwargs)
        like = _object.wrap(call_for_object(make._emb_handle, ()))
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


def know(host_class, proxy):
    """The two classes stand for each other."""
    proxy = _object.another(proxy)
    address = number(_identity, proxy._emb_handle)
    _classes[address] = (host_class, proxy)
    mirrors[address] = host_class
    python_classes.setdefault(host_class, proxy)


def _builtin_class(name):
    if name == "SystemExit":
        return PythonExit
    if name == "TimeoutError" and find("sys.version_info") >= (3, 11):
        return _timeout_error()
    host_class = getattr(builtins, name, None)
    if isinstance(host_class, type) and issubclass(host_class, BaseException):
        return host_class
    return None


def _timeout_error():
    """Since 3.11 it is what each of these is another name of."""
    bases = [TimeoutError]
    for one in (socket.timeout, asyncio.TimeoutError, concurrent.futures.TimeoutError):
        if not issubclass(TimeoutError, one) and one not in bases:
            bases.append(one)
    return type("TimeoutError", tuple(bases), {"__module__": "builtins"}) if bases[1:] else TimeoutError


def _own_class(module, name):
    """The class of that name in a module that the host has imported itself, or None."""
    for each in (module, module.lstrip("_")):
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
        "__doc__": "The host's class for %s.%s of the embedded Python." % (module, name),
        "__str__": _str,
        "__getattr__": _getattr,
    }
    if find("isinstance")(proxy.__init__, find("types.FunctionType")):
        body["__init__"] = body["_emb_init"] = _init(_object.another(proxy))
    try:
        return type(name, tuple(bases), body)
    except TypeError:
        # Bases that the host cannot join, though CPython can: the first one decides.
        return type(name, (bases[0],), body)


def _build(exception, message):
    host_class = getattribute(exception._emb_handle, "__class__")
    args = tuple(exception.args)
    try:
        # Not by Python's constructor: what that has made is here.
        make = host_class.__new__ if "_emb_init" in host_class.__dict__ else type.__call__
        error = make(host_class, *args)
        error.args = args
    except Exception:
        # A constructor with a mind of its own; the arguments are what counts.
        error = host_class.__new__(host_class)
        error.args = args
    if isinstance(error, OSError):
        if error.errno is None:
            OSError.__init__(error, *args)  # which Python's constructor stands in the way of
        for name in ("filename", "filename2"):
            if getattr(exception, name) is not None:
                setattr(error, name, getattr(exception, name))
    elif isinstance(error, ImportError):
        error.name, error.path = exception.name, exception.path
    elif isinstance(error, SyntaxError):
        for name in ("msg", "filename", "lineno", "offset", "text"):
            setattr(error, name, getattr(exception, name))
    if host_class.__str__ is _str:
        error._emb_message = message
    else:
        # One of the host's own classes: other attributes are not asked for later.
        own = getattribute(exception._emb_handle, "__dict__")
        if number(functions.emb_object_length, own._emb_handle):
            error.__dict__.update(own.items())
    return error


def _bare(type_name, message):
    kind = getattr(builtins, type_name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        try:
            return kind(message)
        except TypeError:
            pass  # UnicodeDecodeError and its like want more than a message
    return RuntimeError("%s: %s" % (type_name, message))


def _translate(handle, type_name, message):
    """The host's exception for Python's at a handle, which it takes."""
    exception = _object.wrap(handle)
    error = _raised.recover(exception)
    if error is not None:
        return error
    error = _known(handle)
    if error is not None:
        return error
    try:
        error = _build(exception, message)
        cause = getattribute(handle, "__cause__")
    except RecursionError as obstacle:
        error, cause = obstacle, None
    except Exception as obstacle:
        # An exception whose own attributes raise, or no room on the stack to look at them: what
        # is known already must do.
        error, cause = _bare(type_name, message), None
        error.__context__ = obstacle
    error.python_exception = exception
    error.python_traceback = TracebackText(exception)
    error.__cause__ = cause
    _show_python(error)
    try:
        remember(number(_identity, handle), error)
    except TypeError:
        pass  # builtin exceptions of CPython, of which there are no weak references
    return error


def _known(handle):
    """The host's exception for one of Python's that has been here before, and is still in use."""
    error = recall(number(_identity, handle))
    held = getattr(error, "python_exception", None)
    if held is None or held._emb_handle == RELEASED:
        return None
    error.args = tuple(held.args)
    return error


def _show_python(error):
    """Python's traceback, which tells of its causes too, is what stands at the end of these."""
    last, seen = error, set()
    while isinstance(last.__cause__, BaseException) and id(last) not in seen:
        seen.add(id(last))
        if isinstance(last.__cause__, PythonTraceback):
            break
        last = last.__cause__
    if "_emb_carrier" not in last.__dict__:  # one of the host's own stays as it is
        last.__cause__ = PythonTraceback(error.python_traceback)


def _from_value(handle):
    """The host's exception for one that is no more than a value."""
    kind = call_for_object(find("type")._emb_handle, (Borrowed(handle),))
    name = getattribute(kind, "__name__")
    _object_free(kind)
    try:
        message = fetch(functions.emb_object_text, handle, 0)
    except Exception:
        message = "<%s without a text>" % name
    return _translate(handle, name, message)


def _details(error):
    """What `__exit__` takes."""
    exception = _raised.to_python(error)
    handle = exception._emb_handle
    return (getattribute(handle, "__class__"), exception, exception.__traceback__)


_error.translate = _translate
_protocols.details = _details
_types.exception, _types.exception_class = _from_value, _class_for
_session.on_shutdown(_classes.clear)
_session.on_shutdown(python_classes.clear)

from . import _raised  # noqa: E402  (the two need each other)
