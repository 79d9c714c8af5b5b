"""The crossings alone: the calls of libemb that the operations come to, on the bare C ABI, with the
arguments in place and the handles of results released many at a time.  What emb takes beyond
these is what its proxies cost.
"""

import operations
from emb._abi._crossings import FORM
from emb._abi._declarations import CONSTANTS
from emb._abi._kinds import FLOAT, INT, MEMORY, OBJECT, TEXT
from emb._buffers._lending import lend_array
from emb._abi._library import backend, functions
from emb._abi._memory import take
from emb._abi._names import name

_ROOM = 256  # handles that are released at a time

_owner, _words, _reals, _address = backend.block(16)
_rows_owner, _rows, _, _rows_address = backend.block(_ROOM // 2)
_call, _free_many = functions.emb_call, functions.emb_object_free_many


def _check(status):
    if status:
        raise SystemError("a crossing failed with the status %d" % status)


def _write(*values):
    """Arguments, as pairs of a kind and what it holds, behind the result; an int or a float."""
    for place, (kind, value) in enumerate(values, 1):
        _words[2 * place] = kind
        (_reals if kind == FLOAT else _words)[2 * place + 1] = value


def _keep(i, handle):
    """Puts the handle of a result aside, to be released with others."""
    place = i & _ROOM - 1
    _rows[place] = handle
    if place == _ROOM - 1:
        _free_many(_rows_address, _ROOM)


def _root(function, n):
    sqrt, arguments, result = function._emb_handle, _address + 16, _address
    _write((FLOAT, 2.0))
    for _ in range(n):
        _check(_call(sqrt, arguments, 1, 0, 0, FORM, result))
        _reals[1]


def math_sqrt(p, n):
    _root(p.math.sqrt, n)


def np_sqrt(p, n):
    _root(p.np.sqrt, n)


def item(p, n):
    get, a, key, result = functions.emb_object_getitem, p.ten._emb_handle, _address + 16, _address
    _write((INT, 3))
    for _ in range(n):
        _check(get(a, key, FORM, result))
        _reals[1]


def np_add(p, n):
    add, arguments, result = p.np.add._emb_handle, _address + 16, _address
    _write((OBJECT, p.ten._emb_handle), (OBJECT, p.other_ten._emb_handle))
    for i in range(n):
        _check(_call(add, arguments, 2, 0, 0, FORM, result))
        _keep(i, _words[1])


def frombuffer(p, n):
    function, arguments, result = p.np.frombuffer._emb_handle, _address + 16, _address
    frame = take()  # for good: it holds the memory
    lend_array(frame, frame.words, 2, p.memory)
    _write((MEMORY, frame.words[3]))
    for i in range(n):
        _check(_call(function, arguments, 1, 0, 0, FORM, result))
        _keep(i, _words[1])


def method(p, n):
    call, a, arguments, result = (
        functions.emb_call_method, p.ten._emb_handle, _address + 16, _address,
    )  # fmt: skip
    reshape, order, c = name("reshape"), name("order"), name("C")
    method, method_length, keyword, keyword_length = reshape[0], reshape[1], order[0], order[1]
    _write((INT, 2), (INT, 5), (TEXT | 1 << 32, c[0]))
    for i in range(n):
        _check(call(a, method, method_length, arguments, 2, keyword, keyword_length, FORM, result))
        _keep(i, _words[1])


def attribute(p, n):
    get, module, result = functions.emb_object_getattr, p.math._emb_handle, _address
    pi, length, _owner = name("pi")
    for _ in range(n):
        _check(get(module, pi, length, FORM, result))
        _reals[1]


def callback(p, n):
    def f(call):
        words, reals = backend.peek(call, 4)  # see emb_packed_call
        _, given = backend.peek(words[1], 1)
        words[5], reals[6] = FLOAT, given[1] * given[1]
        return 0

    owner, function = backend.callback("emb_packed_function", f)
    label, form = name("f"), FORM | CONSTANTS["EMB_CALLBACK_PACKED"]
    _check(
        functions.emb_callback_new(label[0], label[1], 0, 0, function, 0, form, 0, _address)
    )
    handle = _words[0]
    quad, arguments, result = p.quad._emb_handle, _address + 16, _address
    _write((OBJECT, handle), (FLOAT, 0.0), (FLOAT, 1.0))
    for _ in range(n // 21):
        _check(_call(quad, arguments, 3, 0, 0, FORM, result))
    functions.emb_object_free(handle)


# What worker.py runs instead of the operation of the same name.
OF = {getattr(operations, one.__name__): one for one in (
    math_sqrt, np_sqrt, item, np_add, frombuffer, method, attribute, callback,
)}  # fmt: skip
