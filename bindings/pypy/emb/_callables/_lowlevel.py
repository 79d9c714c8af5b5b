"""C functions of the host for scipy's integrators and filters, called without a crossing."""

import re
import sys

from .._abi._library import backend
from .._abi._names import name
from .._buffers import _array
from .._interpreter import _session
from .._interpreter._code import find

_kept = {}  # id() of a capsule over there -> the function in it


def _ended(capsule):
    """CPython: a capsule goes, and nobody calls the function any more.  On any thread."""
    _kept.pop(capsule, None)


# For ever: capsules may live as long as Python runs.
_callback_owner, _callback = backend.callback("emb_release", _ended)


def low_level(function, signature=None, user_data=0):
    """A `scipy.LowLevelCallable` of a C function: scipy calls it as C, not as Python.

    function: a function pointer or callback of cffi or ctypes, or an address.
    signature: as scipy writes it, "double (double)" or "double (int, double *, void *)"; a
    pointer of cffi knows its own.  user_data: an address that is passed on.

        @ffi.callback("double(double)")
        def f(x): ...
        scipy.integrate.quad(emb.low_level(f), 0, 1)

    The function is kept as long as Python has the callable.  Nothing it raises reaches
    Python: C has no exceptions.
    """
    _session.ensure()
    if signature is None:
        signature = _signature(function)
    address = _array.address_of(function)
    if not address:
        raise ValueError("the function's address is NULL")
    capsule = _capsule(address, signature)
    _kept[_identity(capsule)] = function
    low_level_callable = find("scipy.LowLevelCallable")
    if user_data:
        user_data = find("ctypes.c_void_p")(_array.address_of(user_data))
        return low_level_callable(capsule, user_data)
    return low_level_callable(capsule)


def _signature(function):
    cffi = sys.modules.get("_cffi_backend")
    if cffi is None or not isinstance(function, cffi.FFI.CData):
        raise TypeError(
            'say the signature of %s, for example "double (double)": only pointers of cffi '
            "know theirs" % type(function).__name__
        )
    ctype = cffi.typeof(function)
    if ctype.kind != "function":
        raise TypeError("a %s is no function" % ctype.cname)
    return re.sub(r"\s*\(\*\)", " ", ctype.cname)


def _capsule(address, signature):
    pointer = find("ctypes.c_void_p")
    prototype = find("ctypes.PYFUNCTYPE")(find("ctypes.py_object"), pointer, pointer, pointer)
    new = prototype(("PyCapsule_New", find("ctypes.pythonapi")))
    # The text is in memory that is kept for good, as a capsule's name must be.
    return new(address, name(signature)[0], _callback)


def _identity(capsule):
    return find("id")(capsule)
