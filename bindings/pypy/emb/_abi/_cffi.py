"""The backend on cffi: no compiler, and 10 ns a call on PyPy.

It takes what is below the module `cffi`, which would read the declarations with a parser written in
Python: that takes longer to import than all of this package.
"""

import types

import _cffi_backend

from . import _declarations

_ffi = _cffi_backend.FFI()
_ADDRESS = _ffi.typeof("intptr_t")
_WORDS = _ffi.typeof("int64_t[]")
_WORD_POINTER = _ffi.typeof("int64_t *")
_REAL_POINTER = _ffi.typeof("double *")
_POINTERS = {
    one: _ffi.typeof(one + " *")
    for one in "_Bool float double".split()
    + ["%sint%d_t" % (sign, bits) for sign in ("", "u") for bits in (8, 16, 32, 64)]
}
_CHARS = _ffi.typeof("char[]")
_ADDRESSES = _ffi.typeof("void **")
_from_buffer = _ffi.from_buffer
_CHAR_POINTER = _ffi.typeof("char *")


def _pointer_type(function):
    parameters = ", ".join(function.parameters) or "void"
    return _ffi.typeof("%s(*)(%s)" % (function.result or "void", parameters))


def _address(cdata):
    return int(_ffi.cast(_ADDRESS, cdata))


def open_memory(address, nbytes, owner):
    def let_go(cdata, owner=owner):
        """Holds the owner for as long as the memory is looked at."""

    return _ffi.buffer(_ffi.gc(_ffi.cast(_CHAR_POINTER, address), let_go), nbytes)


class Backend:
    """See _library for what each method promises."""

    name = "cffi"

    def __init__(self, path):
        self._library = _cffi_backend.load_library(path)
        # What is missing in the library raises AttributeError here, not at the call.
        load = self._library.load_function
        self.functions = types.SimpleNamespace(
            **{name: load(_pointer_type(one), name) for name, one in _declarations.FUNCTIONS.items()}
        )

    @staticmethod
    def block(slots):
        words = _ffi.new(_WORDS, 2 * slots)
        return words, words, _ffi.cast(_REAL_POINTER, words), _address(words)

    @staticmethod
    def pointer_to(words):
        return _ffi.cast(_ADDRESSES, words)

    @staticmethod
    def put_address(pointer, source):
        # PyPy's JIT makes no object for this, but one for each part of `source.buffer_info()`.
        pointer[0] = _from_buffer(source)

    @staticmethod
    def area(nbytes):
        area = _ffi.new(_CHARS, nbytes)
        return area, area, _address(area)

    @staticmethod
    def peek(address, slots):
        return _ffi.cast(_WORD_POINTER, address), _ffi.cast(_REAL_POINTER, address)

    @staticmethod
    def read_bytes(address, length):
        return _ffi.unpack(_ffi.cast(_CHAR_POINTER, address), length) if length else b""

    @staticmethod
    def hold(data):
        owner = _ffi.from_buffer(data)
        return owner, _address(owner)

    @staticmethod
    def buffer_address(obj):
        owner = _ffi.from_buffer(obj)
        # The view is kept too: where the host locks exported buffers, it is the lock.
        view = memoryview(obj)
        return (owner, view), _address(owner), len(owner), view.readonly

    open_memory = staticmethod(open_memory)

    @staticmethod
    def items(address, ctype):
        return _ffi.cast(_POINTERS[ctype], address)

    @staticmethod
    def pointer(address, ctype, owner):
        def let_go(cdata, owner=owner):
            """Holds the owner for as long as the pointer is in use."""

        return _ffi.gc(_ffi.cast(ctype + " *", address), let_go)

    @staticmethod
    def callback(kind, function, failed=None):
        ctype = _pointer_type(_declarations.CALLBACKS[kind])
        if failed is None:
            owner = _ffi.callback(ctype, function)
        else:
            # Also for what is raised before the function has begun, or after its end.
            def onerror(kind, error, traceback):
                return failed(error)

            owner = _ffi.callback(ctype, function, error=-1, onerror=onerror)
        return owner, _address(owner)
