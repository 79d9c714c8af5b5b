"""The crossings: each function here, and in _calls, is one call of libemb with Python values.

They know handles (integers), not proxies.  A frame is taken, the arguments are written,
the function is called, the result is read, and the frame is given back whatever
happened.  Where the frame's memory is, is looked up before the call: after one, a JIT has
to look again.
"""

from .._garbage._collector import untraced
from ._convert import Unconvertible, pack, pack_key
from ._declarations import CONSTANTS as _C
from ._error import failure
from ._library import functions
from ._memory import finish, give, take
from ._names import name
from ._reading import read

DEEP = _C["EMB_RESULT_DEEP"]  # for `emb_object_value`, which unboxes scalars too
FORM = _C["EMB_RESULT_SHARED"]
RESULT_OBJECT = _C["EMB_RESULT_OBJECT"]
LOW_HALF = 0xFFFFFFFF  # of a word: a kind, or a number of 32 bits

_emb_getattr = functions.emb_object_getattr
_emb_setattr = functions.emb_object_setattr
_emb_delattr = functions.emb_object_delattr
_emb_getitem = functions.emb_object_getitem
_emb_setitem = functions.emb_object_setitem
_emb_delitem = functions.emb_object_delitem
_emb_operate = functions.emb_operate
_emb_send = functions.emb_object_send

# Set by a module that depends on this one; not to None before, see _convert.
assign_watching: object  # _watched: ("setattr" or "operator.setitem", handle, name or key, value)


def getattribute(handle, attribute):
    entry = name(attribute)
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        status = _emb_getattr(handle, entry[0], entry[1], FORM, frame.address)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def get_object(function, *args):
    """The handle that function(*args, EMBRESULT_OBJECT, result) gives."""
    frame = take()
    try:
        status = function(*(args + (RESULT_OBJECT, frame.address)))
        if status:
            raise failure(status)
        return frame.words[1]
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def setattribute(handle, attribute, value, by_program=False):
    """`by_program`: lists, dicts and sets stay the program's own."""
    entry = name(attribute)
    frame = take()
    try:
        pack(frame, frame.words, frame.reals, 2, value)
        if by_program and frame.busy and frame.watched:
            untraced(assign_watching, "setattr", handle, attribute, value)
            return
        status = _emb_setattr(handle, entry[0], entry[1], frame.address + 16)
        if status:
            raise failure(status)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def delattribute(handle, attribute):
    entry = name(attribute)
    status = _emb_delattr(handle, entry[0], entry[1])
    if status:
        raise failure(status)


def getitem(handle, key):
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        kind = type(key)
        if kind is tuple or kind is slice:
            pack_key(frame, words, reals, key)
        else:
            pack(frame, words, reals, 2, key)
        address = frame.address
        status = _emb_getitem(handle, address + 16, FORM, address)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def setitem(handle, key, value):
    if type(value) is list:
        untraced(assign_watching, "operator.setitem", handle, key, value)
        return
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        kind = type(key)
        if kind is tuple or kind is slice:
            pack_key(frame, words, reals, key)
        else:
            pack(frame, words, reals, 2, key)
        pack(frame, words, reals, 4, value)
        if frame.busy and frame.watched:
            untraced(assign_watching, "operator.setitem", handle, key, value)
            return
        address = frame.address
        status = _emb_setitem(handle, address + 16, address + 32)
        if status:
            raise failure(status)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def delitem(handle, key):
    frame = take()
    try:
        pack(frame, frame.words, frame.reals, 2, key)
        status = _emb_delitem(handle, frame.address + 16)
        if status:
            raise failure(status)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def operate(op, left, right):
    """left op right; NotImplemented where one of them has no counterpart in Python."""
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        address = frame.address
        try:
            pack(frame, words, reals, 2, left)
            pack(frame, words, reals, 4, right)
        except Unconvertible:
            return NotImplemented
        status = _emb_operate(op, address + 16, address + 32, FORM, address)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def operate_unary(op, operand):
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        pack(frame, words, reals, 2, operand)
        status = _emb_operate(op, frame.address + 16, 0, FORM, frame.address)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def following(handle):
    """The iterator's next value; after the last StopIteration, with what a generator returned."""
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        words[2] = 0
        address = frame.address
        status = _emb_send(handle, 0, FORM, address, address + 16)
        if status:
            raise failure(status)
        value = read(words, reals)
        if words[2] & LOW_HALF == 0:
            raise StopIteration if value is None else StopIteration(value)
        return value
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def fetch(function, *args):
    """The value that function(*args, result) gives."""
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        status = function(*(args + (frame.address,)))
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def number(function, handle, bits=64):
    """The integer that function(handle, &integer) gives, of 32 or 64 bits, signed."""
    frame = take()
    words = frame.words
    try:
        words[0] = 0
        status = function(handle, frame.address)
        if status:
            raise failure(status)
        return words[0] if bits == 64 else words[0] & LOW_HALF
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def contains(handle, item):
    frame = take()
    words = frame.words
    try:
        words[0] = 0
        pack(frame, words, frame.reals, 2, item)
        status = functions.emb_object_contains(handle, frame.address + 16, frame.address)
        if status:
            raise failure(status)
        return words[0] & LOW_HALF != 0
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def box(value):
    """The handle of a new reference to the object that `value` becomes."""
    frame = take()
    try:
        pack(frame, frame.words, frame.reals, 2, value)
        status = functions.emb_object_new(frame.address + 16, frame.address)
        if status:
            raise failure(status)
        return frame.words[0]
    finally:
        if frame.busy:
            finish(frame)
        give(frame)
