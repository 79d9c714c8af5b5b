"""Exceptions of the host on their way through Python.

A host function that raises makes Python raise: a builtin exception of the same class
with the same `args`, or one of a class that is made once, with the name, the bases and
the text of the host's.  It has the frames of the host's functions in its own traceback; where
these are not all that there is to say, its cause shows the host's traceback as a text.

Python's exception carries the host's, so that the host gets back the very object that
was raised.  Each could keep the other alive for ever, so only one does at any moment:
Python's the host's while it is on its way, the host's Python's after it has arrived.
"""

import builtins
import traceback
import weakref
from _thread import get_ident

from .._abi._calls import call_for_object
from .._abi._convert import Unconvertible
from .._abi._crossings import setattribute
from .._callables import _callbacks
from .._exported._members import members_of
from .._interpreter import _stdlib
from .._interpreter._code import Part, find, import_mod
from .._interpreter._there import python
from .._proxies._handle import Handle
from .._proxies._object import Object, possible, wrap_light
from .._proxies._static import is_exception_class
from . import _exception_classes, _exceptions
from ._exception_classes import OF_THE_HOST

# For tracebacks in Python.  The place has no columns: Python would mark them in the host's line.  No name is
# used, which would be looked for among the host's variables.
FRAME = '''
import ast

def frame(file, name, line, variables=None):
    "One that shows like the host's, and the place in it."
    tree = ast.parse("1 / 0")
    for node in ast.walk(tree):
        node.lineno, node.end_lineno, node.col_offset, node.end_col_offset = line, line, -1, -1
    code = compile(tree, file, "exec").replace(co_name=name)
    try:
        exec(code, {"__name__": "emb"}, variables)
    except ZeroDivisionError as error:
        trace = error.__traceback__.tb_next
        return trace.tb_frame, trace.tb_lasti
'''

_SOURCE = FRAME + '''
import functools
import types

class HostTraceback(Exception):
    """The cause of an exception that the host raised; its text is the host's traceback."""
    def __str__(self):
        return '\\n"""\\n%s"""' % self.args[0]()

HostTraceback.__module__ = "emb"

def make(kind, args, text, carrier, like, attributes, frames, shown):
    try:
        # `like` is what the constructor of Python's class has made already.
        exception = kind(*args) if like is None else like
        if type(exception) is not kind:
            raise TypeError("a class that the host has derived")
    except Exception:
        # A constructor with a mind of its own; the arguments are what counts.
        exception = kind.__new__(kind)
        exception.args = args
        if like is not None:
            copy(like, exception)
    if attributes is not None:
        exception.__dict__.update(attributes)
    if text == BaseException.__str__(exception):
        text = None
    BaseException.__setattr__(exception, "__dict__", Attributes(exception.__dict__, carrier, text))
    if shown == 2 or shown and not is_another_handled():
        exception.__cause__ = HostTraceback(carrier)
    if frames:
        passes(exception, frames)
    return exception

def is_another_handled():
    "Which becomes the context of what is raised."
    try:
        raise LookupError
    except LookupError as error:
        return error.__context__ is not None

def passes(exception, frames):
    "Through a function of the host.  Code of Python's tells by it what that has raised from what its call has."
    trace = exception.__traceback__
    for file, name, line in reversed(frames):
        trace = types.TracebackType(trace, *usual_frame(file, name, line), line)
    exception.__traceback__ = trace

usual_frame = functools.lru_cache(1000)(frame)

def copy(like, exception):
    "What the one has, the other has, too: in its dict, or in slots."
    exception.__dict__.update(like.__dict__)
    for cls in type(like).__mro__:
        for member in vars(cls).values():
            if type(member) is types.MemberDescriptorType:
                try:
                    member.__set__(exception, member.__get__(like))
                except (AttributeError, TypeError):
                    pass  # it has no value, or is not to be changed

class Attributes(dict):
    """Those of an exception, without what it carries: the host's exception, and its text where that is its own.

    Another process can do nothing with the host's.
    """
    __slots__ = "carrier", "text"
    def __init__(self, attributes, carrier, text):
        dict.__init__(self, attributes)
        self.carrier, self.text = carrier, text
    def __reduce__(self):
        return dict, (dict(self) if self.text is None else dict(self, _emb_text=self.text),)

def text_of(self):
    own = self.__dict__
    return getattr(own, "text", None) or own.get("_emb_text") or BaseException.__str__(self)

def mirror(name, qualname, module, bases, members):
    body = {
        **members,
        "__module__": module,
        "__qualname__": qualname,
        "__doc__": "Python's class for %s.%s of the host." % (module, qualname),
        "__str__": text_of,
    }
    try:
        return type(name, bases, body)
    except TypeError:
        return type(name, bases[:1], body)
'''

_python = Part(_SOURCE)
give_excepthook = lambda: None  # set by _traceback
leaves = None  # set by _chains: (error, Python's) -> nothing; others behind it are Python's, too


class _Carrier:
    """What Python's exception holds of the host's; called by Python for its traceback."""

    __slots__ = ("_error", "_weak", "__weakref__")

    __name__ = "host_traceback"
    _emb_signature = "()"

    def __init__(self, error):
        self.hold(error)

    def hold(self, error):
        """The exception goes to Python: it lives as long as Python's does."""
        self._error = error
        self._weak = None

    def let_go(self):
        """The exception has arrived in the host.  It is given, and no longer kept."""
        error = self._error
        if error is not None:
            try:
                self._weak = weakref.ref(error)
            except TypeError:
                pass  # builtin exceptions of CPython
            self._error = None
        elif self._weak is not None:
            error = self._weak()
        return error

    def __call__(self):
        error = self._error or (self._weak and self._weak())
        if error is None:
            return "(no traceback: the host has dropped the exception)\n"
        from ._traceback import of_the_program  # which needs this module

        trace = of_the_program(error.__traceback__)
        return "".join(traceback.format_exception(type(error), error, trace))


def raising(error):
    """Python's exception (a proxy) to be raised for one of the host's.

    One that came from Python is raised there as the object that it was.
    """
    known = getattr(error, "python_exception", None)
    if not isinstance(known, Handle):
        shown = _SHOWN if leaves is None else _SHOWN_ALONE
        if _may_be_no_error(error):
            return _carried(error, (), shown)
        give_excepthook()
        return _carried(error, _frames(error.__traceback__), _SHOWN if leaves is None else _NOT_SHOWN)
    if not isinstance(error, NO_ERRORS if leaves is None else _ENDS):
        frames = _frames(error.__traceback__)
        if frames:
            _python("passes")(known, frames)
    if leaves is not None:
        leaves(error, known)
    carrier = getattr(error, "_emb_carrier", None)
    if carrier is not None:
        carrier.hold(error)
        # Not deleted: PyPy may keep the values of deleted attributes.
        error.python_exception = error.python_traceback = None
    return known


def _frames(trace):
    """Those of the functions of the host up to where the last of them has called Python."""
    from ._traceback import parts_of  # which needs this module

    for part in parts_of(trace):
        if part:
            return tuple([(one.f_code.co_filename, one.f_code.co_name, line) for one, _, line in part])
    return ()


# By these, functions say what is no error,
_ENDS = (StopIteration, StopAsyncIteration, GeneratorExit)
NO_ERRORS = (*_ENDS, AttributeError)
_USUAL = (*NO_ERRORS, LookupError)  # or may not be one

# Whether the cause shows the host's traceback as a text: it does, unless Python handles another exception,
# which is the context then, or not.
_SHOWN, _SHOWN_ALONE, _NOT_SHOWN = 2, 1, 0


def _may_be_no_error(error):
    """Whether nobody is likely to look at its traceback, so that Python's has none of the host's frames."""
    if leaves is None:
        return isinstance(error, _USUAL)
    if isinstance(error, AttributeError):
        # What is behind these, Python is not told (see _chains).
        return error.__cause__ is not None or error.__context__ is not None
    return isinstance(error, _ENDS)


def to_python(error, as_cause=False):
    """Python's exception (a proxy) for one of the host that is passed as a value, or is the cause of another."""
    known = getattr(error, "python_exception", None)
    if not isinstance(known, Handle):
        if leaves is None and not as_cause:
            return _carried(error)
        return _carried(error, _frames(error.__traceback__), _NOT_SHOWN)
    if leaves is not None:
        leaves(error, known)
    return known


def recover(exception, carrier):
    """The host's own exception that Python's (a proxy) carries; None if there is none."""
    if type(carrier) is not _Carrier:
        return None
    error = carrier.let_go()
    if error is not None:
        error._emb_carrier = carrier
        error.python_exception = exception
        error.python_traceback = _exceptions.TracebackText(exception)
    return error


def _carried(error, frames=(), shown=_SHOWN):
    kind = type(error)
    text = None
    if getattr(builtins, kind.__name__, None) is not kind:
        text = _text_once(error)
    arguments = tuple([_argument(one) for one in _args(error)])
    like = error.__dict__.get("_emb_like")
    exception = wrap_light(
        call_for_object(
            _python("make")._emb_handle,
            (
                python_class(kind), arguments, text, _Carrier(error), like, _attributes(error), frames,
                shown,
            ),  # fmt: skip
        )
    )
    if isinstance(error, ImportError):
        exception.name, exception.path = error.name, error.path
    if leaves is not None:
        error.__dict__.pop("_emb_chain", None)
        leaves(error, exception)
    return exception


def _attributes(error):
    """A dict of Python's (a proxy) with what the program has set on the exception; None where it has nothing."""
    own = {n: value for n, value in error.__dict__.items() if n not in OF_THE_HOST}
    return _possible(own) if own else None


def _possible(values, every=False):
    """A dict of Python's (a proxy) with those that Python can have, but for special ones."""
    known = (name for name in values if every or name[0] != "_" or name == "__notes__")
    return possible({name: values[name] for name in known})


def _args(error):
    if isinstance(error, OSError) and len(error.args) == 2 and error.filename is not None:
        return error.args + (error.filename, None, error.filename2)
    return error.args


_PLAIN = (int, float, bool, type(None))
_asked = set()  # (thread, id() of an exception whose text is asked for)


def _argument(value):
    """An argument of an exception, or its text where Python can have no such thing."""
    if type(value) in _PLAIN or type(value) is str and value.isascii():
        return value
    try:
        return Object(value)
    except (Unconvertible, ValueError):
        return _text(value)


def _text_once(error):
    """Its text; None while that is being asked for, as by a `__str__` that calls a method of Python's."""
    this = get_ident(), id(error)
    if this in _asked:
        return None
    _asked.add(this)
    try:
        return _text(error)
    finally:
        _asked.discard(this)


def _text(value):
    try:
        return str(value)
    except Exception:
        return "<%s without a text>" % type(value).__name__


def python_class(kind):
    """The proxy of Python's class for an exception class of the host."""
    known = _exception_classes.python_classes.get(kind)
    if known is not None:
        return known
    # Python's of the same name is known by the host's class that it comes as.
    if kind is _exception_classes.PythonExit:
        found = find("SystemExit")
    elif getattr(builtins, kind.__name__, None) is kind:
        found = find("getattr")(import_mod("builtins"), kind.__name__, None)
    else:
        found = _stdlib.attribute(kind.__module__, kind.__name__)
    if isinstance(found, Handle) and python("sort_of")(found) == "exception":
        found = _exception_classes.exception_class(found)  # come while its class was being looked at
    if is_exception_class(found):
        return _exception_classes.python_classes[found]
    bases = [python_class(base) for base in kind.__bases__ if issubclass(base, BaseException)]
    mirrored = members_of(vars(kind))[1]
    members = _possible(mirrored)
    if "__annotations__" in mirrored:
        # Of which attrs makes fields.
        members["__annotations__"] = _possible(mirrored["__annotations__"], every=True)
    made = _python("mirror")(
        kind.__name__, kind.__qualname__, kind.__module__, tuple(bases), members
    )  # fmt: skip
    _exception_classes.know(kind, made)
    known = _exception_classes.python_classes[kind]._emb_handle
    setattribute(known, "_emb_original", len(_exception_classes.originals))
    _exception_classes.originals.append(kind)
    return made


_callbacks.raising = raising
_exception_classes.to_python = to_python
