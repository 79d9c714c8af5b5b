"""Python's exceptions as exceptions of the host; the other way is in _raised.

A builtin exception becomes exactly the host's class of the same name, with the same
`args`, and any other one of a class that is made once (see _exception_classes).

Every such exception has `python_exception` (the proxy) and `python_traceback` (text,
rendered when it is looked at), and its `__cause__` shows Python's traceback when the
host prints it.
"""

import builtins
import collections
import weakref

from .._abi import _error
from .._abi._calls import call_for_object, call_if_possible
from .._abi._crossings import fetch, getattribute, number
from .._abi._error import Error
from .._abi._library import functions
from .._garbage._collector import untraced
from .._interpreter import _session
from .._interpreter._code import Borrowed, Part, find
from .._proxies import _object, _protocols, _types
from .._proxies._handle import RELEASED
from . import _exception_classes
from ._exception_classes import mirrored, text_of

_SOURCE = '''
def facts(exception):
    args = exception.args
    has_itself = is_in(args, exception)
    cause, context = exception.__cause__, exception.__context__
    others = (cause is not None and type(cause).__module__ != "emb") + 2 * (context is not None)
    others += 4 * ("__notes__" in exception.__dict__)
    return (
        id(exception), id(type(exception)), others, bool(exception.__dict__),
        getattr(exception.__dict__, "carrier", None), has_itself, *(() if has_itself else args),
    )

def is_in(args, exception):
    left, seen = [args], set()
    while left:
        for one in left.pop():
            if one is exception:
                return True
            inner = one if type(one) is tuple else one.args if isinstance(one, BaseException) else ()
            if inner and id(one) not in seen:
                seen.add(id(one))
                left.append(inner)
    return False
'''

_python = Part(_SOURCE)
_identity = functions.emb_object_identity
_object_free = functions.emb_object_free

arrived = None  # set by _chains: (error, Python's, what that has of others) -> whether it has some
_errors = weakref.WeakValueDictionary()  # id() of Python's exception -> the host's
_unreferenced = set()  # classes of the host's that have no weak references: in PyPy a few builtin ones
_unfinished = {}  # the same, of those that get their arguments later


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

    def __reduce__(self):
        return str, (self.data,)


class PythonTraceback(Exception):
    """The cause of an exception that Python raised; its text is Python's traceback."""

    def __init__(self, text):
        super().__init__(text)
        self.text = text

    def __str__(self):
        return '\n"""\n%s"""' % self.text


for _class in (TracebackText, PythonTraceback):
    _class.__module__ = "emb"


def _facts(exception):
    """Of Python's exception its address, that of its class, whether it may have a cause (1), a context (2),
    notes (4), and attributes, what carries the host's own exception, whether it is among its arguments
    itself, or else these; in one crossing, but where Python has no room for a call, or its class has its own
    ways."""
    known = _python.known("facts")
    facts = None if known is None else untraced(call_if_possible, known._emb_handle, exception)
    if facts is None:
        return number(_identity, exception._emb_handle), 0, 7, True, None, False, None
    return facts[:6] + (facts[6:],)


def _build(exception, message, kind, args, has_attributes):
    host_class = _exception_classes.of_address(kind)
    if host_class is None:
        host_class = getattribute(exception._emb_handle, "__class__")
    if args is None:
        args = tuple(exception.args)
    try:
        # Not by Python's constructor: what that has made is here.
        make = host_class.__new__ if mirrored.get(host_class) else type.__call__
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
    if host_class.__str__ is text_of:
        error._emb_message = message
    elif has_attributes:
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


def _translate(handle, type_name, message, is_plain):
    """The host's exception for Python's at a handle, which it takes.  `is_plain`: it is a builtin one, and its
    message is all that there is to it."""
    exception = _object.wrap_light(handle)
    if is_plain:
        return _plain(exception, getattr(builtins, type_name), message)
    address, kind, others, has_attributes, carrier, has_itself, args = _facts(exception)
    error = _raised.recover(exception, carrier)
    if error is None:
        error = _unfinished.get(address) or _known(address, None if has_itself else args)
    if error is not None:
        if arrived is not None:
            arrived(error, exception, others)
        return error
    try:
        error = _build(exception, message, kind, args, has_attributes)
    except RecursionError as obstacle:
        error = obstacle
    except Exception as obstacle:
        # An exception whose own attributes raise, or no room on the stack to look at them: what
        # is known already must do.
        error = _bare(type_name, message)
        error.__context__ = obstacle
    _belongs(error, exception, address)
    if has_itself:
        _finish(error, address, exception)
    if arrived is None or not arrived(error, exception, others):
        _show_python(error, others & 1)
    return error


def _plain(exception, kind, message):
    address = None if kind in _unreferenced else number(_identity, exception._emb_handle)
    error = address and _known(address, (message,))
    if error is None:
        error = kind(message)
        _belongs(error, exception, address)
        if arrived is None or not arrived(error, exception, 0):
            error.__cause__ = PythonTraceback(error.python_traceback)
    elif arrived is not None:
        arrived(error, exception, 0)
    return error


def _belongs(error, exception, address):
    """The host's is that of Python's exception from now on, which is not to be found again without an address."""
    error.python_exception = exception
    error.python_traceback = TracebackText(exception)
    if address is None:
        return
    try:
        _errors[address] = error
    except TypeError:
        _unreferenced.add(type(error))


def _finish(error, address, exception):
    """Gives one that is among its own arguments these."""
    _unfinished[address] = error
    try:
        error.args = tuple(exception.args)
    finally:
        del _unfinished[address]


def _known(address, args):
    """The host's exception for one of Python's that has been here before, and is still in use."""
    error = _errors.get(address)
    held = getattr(error, "python_exception", None)
    if held is None or held._emb_handle == RELEASED:
        return None
    if args is not None:
        error.args = args
    return error


def _show_python(error, has_cause):
    """Python's traceback, which tells of its causes too, is what stands at the end of these."""
    if has_cause:
        try:
            error.__cause__ = getattribute(error.python_exception._emb_handle, "__cause__")
        except Exception:
            pass  # no room on the stack for the causes of causes
    last, seen = error, set()
    while last.__cause__ is not None and not isinstance(last.__cause__, PythonTraceback):
        seen.add(id(last))
        last = last.__cause__
        if id(last) in seen:
            return  # one that is a cause of itself
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
    return _translate(handle, name, message, False)


def _details(error):
    """What `__exit__` takes."""
    exception = _raised.to_python(error)
    handle = exception._emb_handle
    return (getattribute(handle, "__class__"), exception, exception.__traceback__)


_error.translate = _translate
_protocols.details = _details
_types.exception = _from_value
_session.after_start(lambda: _python("facts"))

from . import _raised  # noqa: E402  (the two need each other)
