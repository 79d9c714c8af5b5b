"""What a proxy can do only where its object can: call, items, iteration, numbers, `with`, `await`.

The host's class for a class of Python has those of these special methods that Python's
has, so that `callable(x)`, `isinstance(x, Iterable)` and `hasattr(x, "__len__")` tell the
truth.  (Operators, comparisons and text are there always: what an operator does is also
up to the other operand.)
"""

import sys
import types

from .._abi._calls import call, call_method
from .._abi._crossings import DEEP, contains, delitem, fetch, following, getitem, number, setitem
from .._abi._library import functions

# Set by modules that depend on this one.
iterate = None  # _iteration: proxy -> what `iter` gives
builtin = None  # _code: name -> proxy of Python's builtin function of that name
details = None  # _exceptions: host exception -> Python's (class, exception, traceback)
exported = None  # _view: (proxy, flags) -> the memoryview that the host looks at
wait_for = None  # _awaiting: proxy -> the iterator that `await` steps through


class _Everywhere:
    def __call__(self, *args, **kwargs):
        return call(self._emb_handle, args, kwargs)

    # --- containers

    def __getitem__(self, key):
        return getitem(self._emb_handle, key)

    def __setitem__(self, key, value):
        setitem(self._emb_handle, key, value)

    def __delitem__(self, key):
        delitem(self._emb_handle, key)

    def __len__(self):
        return number(functions.emb_object_length, self._emb_handle)

    def __contains__(self, item):
        return contains(self._emb_handle, item)

    def __iter__(self):
        return iterate(self)

    def __next__(self):
        return following(self._emb_handle)

    def __reversed__(self):
        return builtin("reversed")(self)

    # --- what other types they can be

    def __bytes__(self):
        return builtin("bytes")(self)

    def __fspath__(self):
        path = builtin("os.fspath")(self)
        return path if type(path) in (str, bytes) else str(path)  # a class derived from str

    def __float__(self):
        # Subclasses of float (numpy.float64) are unboxed without a call.
        value = fetch(functions.emb_object_value, self._emb_handle, DEEP)
        return value if type(value) is float else builtin("float")(self)

    def __int__(self):
        return builtin("int")(self)

    def __index__(self):
        value = fetch(functions.emb_object_value, self._emb_handle, DEEP)
        if type(value) is int:
            return value
        return builtin("operator.index")(self)

    def __complex__(self):
        return builtin("complex")(self)

    def __round__(self, digits=None):
        return builtin("round")(self, digits)

    def __trunc__(self):
        return builtin("math.trunc")(self)

    def __floor__(self):
        return builtin("math.floor")(self)

    def __ceil__(self):
        return builtin("math.ceil")(self)

    # --- context managers

    def __enter__(self):
        return call_method(self._emb_handle, "__enter__", (), {})

    def __exit__(self, kind, value, traceback):
        return bool(call_method(self._emb_handle, "__exit__", _raised(value), {}))

    # --- `await`, `async with`, `async for`

    def __await__(self):
        return wait_for(self)

    def __aiter__(self):
        return call_method(self._emb_handle, "__aiter__", (), {})

    def __anext__(self):
        return call_method(self._emb_handle, "__anext__", (), {})

    def __aenter__(self):
        return call_method(self._emb_handle, "__aenter__", (), {})

    def __aexit__(self, kind, value, traceback):
        return call_method(self._emb_handle, "__aexit__", _raised(value), {})


class _Memory:
    def __buffer__(self, flags):
        return exported(self, flags)


class _NoIteration(TypeError, AttributeError):
    """So that `iter(x)` is refused, and `hasattr(x, "__iter__")` is False."""


_NoIteration.__name__ = _NoIteration.__qualname__ = "TypeError"
_NoIteration.__module__ = "builtins"


class _NotIterable:
    """Stands for `__iter__`: PyPy would make a sequence of all that has items."""

    def __get__(self, instance, owner):
        kind = owner if instance is None else type(instance)
        raise _NoIteration("'%s.%s' object is not iterable" % (kind.__module__, kind.__name__))


class Indexed:
    """A base of the classes of what has items, but is no sequence to Python.

    Abstract classes do not see it (`__mro__` in _object and _type).
    """

    __slots__ = ()
    _emb_hidden = True
    # CPython takes no such exception for an answer; there `hasattr` says what is not so.
    __iter__ = _NotIterable() if sys.implementation.name == "pypy" else None


class _Descriptors:
    """Of what stands in a class of the host, such as a function that a decorator made."""

    def __get__(self, instance, owner=None):
        # Others, such as those of wrapt, only say that they are functions.
        if instance is None or not type(self)._emb_is_function:
            return call_method(self._emb_handle, "__get__", (instance, owner), {})
        return types.MethodType(self, instance)

    def __set__(self, instance, value):
        call_method(self._emb_handle, "__set__", (instance, value), {})

    def __delete__(self, instance):
        call_method(self._emb_handle, "__delete__", (instance,), {})

    def __set_name__(self, owner, name):
        call_method(self._emb_handle, "__set_name__", (owner, name), {})


def _raised(exception):
    return (None, None, None) if exception is None else details(exception)


def _methods(holder):
    return {
        name: value
        for name, value in vars(holder).items()
        if isinstance(value, types.FunctionType)
    }


EVERYWHERE = _methods(_Everywhere)  # what objects of unknown classes are given
METHODS = dict(EVERYWHERE, **_methods(_Memory), **_methods(_Descriptors))
for _name, _function in METHODS.items():
    _function.__qualname__ = "Object." + _name
