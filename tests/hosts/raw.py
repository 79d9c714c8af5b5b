"""libemb's C ABI as it is, through ctypes: what the test scripts here have in common.

The library is the file in EMB_LIBRARY; no package of ours stands between it and a test.
"""

import ctypes
import json
import os
import sys

NUL_TERMINATED = -1
NONE, BOOL, INT, FLOAT, TEXT, BYTES, OBJECT = range(7)


class Value(ctypes.Structure):
    _fields_ = [
        ("kind", ctypes.c_uint32),
        ("length", ctypes.c_uint32),
        ("bits", ctypes.c_uint64),
    ]

    def get(self):
        """The host's value; an object stays a handle."""
        if self.kind == NONE:
            return None
        if self.kind == BOOL:
            return bool(self.bits)
        if self.kind == INT:
            return ctypes.c_int64(self.bits).value
        if self.kind == FLOAT:
            return ctypes.c_double.from_buffer(self, Value.bits.offset).value
        if self.kind in (TEXT, BYTES):
            data = ctypes.string_at(self.bits, self.length)
            return data.decode() if self.kind == TEXT else data
        return self.bits


class Error(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("status", ctypes.c_int32),
        ("reserved", ctypes.c_uint32),
        ("type_name", ctypes.c_char_p),
        ("type_name_length", ctypes.c_int64),
        ("message", ctypes.c_char_p),
        ("message_length", ctypes.c_int64),
        ("exception", ctypes.c_uint64),
    ]


class View(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("data", ctypes.c_void_p),
        ("nbytes", ctypes.c_int64),
        ("itemsize", ctypes.c_int64),
        ("ndim", ctypes.c_int32),
        ("readonly", ctypes.c_int32),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("format", ctypes.c_char_p),
        ("owner", ctypes.c_uint64),
        ("copied", ctypes.c_int32),
        ("reserved", ctypes.c_int32),
    ]


class Config(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("python", ctypes.c_char_p),
        ("python_length", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    ]


class Failed(Exception):
    """A call gave a negative status; says what Python or libemb said."""

    def __init__(self, status):
        error = Error(size=ctypes.sizeof(Error))
        lib.emb_error_take(ctypes.byref(error))
        self.status = status
        self.type_name = error.type_name.decode()
        self.message = error.message.decode()
        text = Value()
        if error.exception and lib.emb_error_traceback(error.exception, ctypes.byref(text)) == 0:
            super().__init__("%s: %s\n%s" % (self.type_name, self.message, text.get()))
        else:
            super().__init__("status %d, %s: %s" % (status, self.type_name, self.message))


def _declared(path):
    text, out = [ctypes.c_char_p, ctypes.c_int64], ctypes.c_void_p
    handle, word = ctypes.c_uint64, ctypes.c_uint32
    signatures = {
        "emb_init": [out],
        "emb_shutdown": [],
        "emb_doctor": [word, out],
        "emb_error_take": [out],
        "emb_error_traceback": [handle, out],
        "emb_import": text + [out],
        "emb_run": text + text + [handle],
        "emb_eval": text + [handle, word, out],
        "emb_run_file": text + [handle],
        "emb_object_free": [handle],
        "emb_object_setattr": [handle] + text + [out],
        "emb_array_view": [handle, word, out],
        "emb_array_from_ptr": [ctypes.c_void_p]
        + text
        + [ctypes.c_int32, out, out, word, ctypes.c_void_p, ctypes.c_void_p, out],
    }
    library = ctypes.CDLL(path)
    for name, arguments in signatures.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, ctypes.c_int32
    return library


lib = _declared(os.environ["EMB_LIBRARY"])


def check(status):
    if status:
        raise Failed(status)


def start():
    """Starts the Python that EMB_PYTHON names, in a host that is CPython beside it."""
    beside = sys.implementation.name == "cpython"
    config = Config(size=ctypes.sizeof(Config), flags=1 if beside else 0)
    check(lib.emb_init(ctypes.byref(config)))


def run(source):
    """Executes source code in the embedded __main__."""
    check(lib.emb_run(source.encode(), NUL_TERMINATED, None, 0, 0))


def evaluate(expression):
    """The value of an expression; objects come as handles."""
    result = Value()
    code = expression.encode()
    check(lib.emb_eval(code, NUL_TERMINATED, 0, 0, ctypes.byref(result)))
    return result.get()


def evaluate_json(expression):
    """The value of an expression made of lists, dicts, numbers and text."""
    return json.loads(evaluate("__import__('json').dumps(%s)" % expression))


def doctor():
    report = Value()
    check(lib.emb_doctor(1, ctypes.byref(report)))
    return json.loads(report.get())


def bind(name, handle):
    """Gives an object a name in the embedded __main__, and releases the handle."""
    main = ctypes.c_uint64()
    check(lib.emb_import(b"__main__", NUL_TERMINATED, ctypes.byref(main)))
    value = Value(OBJECT, 0, handle)
    check(lib.emb_object_setattr(main, name.encode(), NUL_TERMINATED, ctypes.byref(value)))
    check(lib.emb_object_free(main))
    check(lib.emb_object_free(handle))


def array(address, dtype, length):
    """A handle of an array of one dimension on the host's memory."""
    handle, shape = ctypes.c_uint64(), (ctypes.c_int64 * 1)(length)
    check(
        lib.emb_array_from_ptr(
            address, dtype.encode(), NUL_TERMINATED, 1, shape, None, 0, None, None,
            ctypes.byref(handle),
        )
    )  # fmt: skip
    return handle.value


def view(handle):
    result = View(size=ctypes.sizeof(View))
    check(lib.emb_array_view(handle, 0, ctypes.byref(result)))
    return result
