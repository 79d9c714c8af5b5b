"""Calls of Python's callables and methods, each one crossing with the arguments and the result.

See _crossings, which has all that is no call.
"""

from .._garbage._collector import untraced
from ._arguments import pack_arguments, pack_with_keywords
from ._convert import pack
from ._crossings import FORM, LOW_HALF, RESULT_OBJECT, fetch
from ._declarations import CONSTANTS as _C
from ._error import failure
from ._kinds import FUNCTION
from ._library import functions
from ._memory import finish, give, take
from ._names import joined, name
from ._reading import read

_FEW = 4  # containers among the arguments of a call
_WATCH = FORM | _C["EMB_CALL_WATCH"] | _C["EMB_CALL_KEPT"]

_emb_call = functions.emb_call
_emb_call_method = functions.emb_call_method
_emb_getattr = functions.emb_object_getattr
_emb_method = functions.emb_object_method

# Set by the modules that depend on this one; not to None before, see _convert.
call_with_odd_keywords: object  # _code: (handle, args, kwargs) -> result; emb_call cannot spell these
# _watched: (frame.watched, result) -> what the result is in the host, after what a call has changed in
# Python's copies
refresh: object


def call(handle, args, kwargs):
    """callable(*args, **kwargs)"""
    if kwargs:
        return _call_with_keywords(handle, args, kwargs)
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        address = pack_arguments(frame, args)
        form = _WATCH if frame.busy and frame.watched else FORM
        status = _emb_call(handle, address, len(args), 0, 0, form, frame.address)
        if form != FORM:
            return _after_watching(frame, words, reals, status)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _call_with_keywords(handle, args, kwargs):
    names = joined(kwargs)
    if names[1] < 0:
        return call_with_odd_keywords(handle, args, kwargs)
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        address = pack_with_keywords(frame, args, kwargs)
        form = _WATCH if frame.busy and frame.watched else FORM
        status = _emb_call(handle, address, len(args), names[0], names[1], form, frame.address)
        if form != FORM:
            return _after_watching(frame, words, reals, status)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _after_watching(frame, words, reals, status):
    """The result of a call, or its exception, after what it has changed among its arguments."""
    if not status and _are_untouched(frame.watched, 0):
        return read(words, reals)
    return untraced(_refreshed, frame, status)


def _are_untouched(watched, at):
    """No loop over the first few, for the sake of the JIT."""
    if at == len(watched):
        return True
    if at == _FEW:
        return untraced(_are_others_untouched, watched)
    return watched[at].is_untouched() and _are_untouched(watched, at + 1)


def _are_others_untouched(watched):
    for at in range(_FEW, len(watched)):
        if not watched[at].is_untouched():
            return False
    return True


def _refreshed(frame, status):
    try:
        if status:
            raise failure(status)
        value = read(frame.words, frame.reals)
    except BaseException:
        untraced(refresh, frame.watched, None)
        raise
    return untraced(refresh, frame.watched, value)


def call_for_object(handle, args):
    """The handle of what callable(*args) gives, whatever that is."""
    frame = take()
    try:
        address = pack_arguments(frame, args)
        status = _emb_call(handle, address, len(args), 0, 0, RESULT_OBJECT, frame.address)
        if status:
            raise failure(status)
        return frame.words[1]
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def call_if_possible(handle, argument):
    """callable(argument); None where it raises, and nobody asks what."""
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        pack(frame, words, reals, 2, argument)
        status = _emb_call(handle, frame.address + 16, 1, 0, 0, FORM, frame.address)
        return None if status else read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def call_method(handle, method, args, kwargs):
    """object.method(*args, **kwargs) without a bound method in between."""
    return call_named(handle, name(method), args, kwargs)


def call_named(handle, entry, args, kwargs):
    """The same, with what `name` has made of the method's name."""
    if kwargs:
        return _call_named_with_keywords(handle, entry, args, kwargs)
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        first = pack_arguments(frame, args)
        address = frame.address
        form = _WATCH if frame.busy and frame.watched else FORM
        status = _emb_call_method(
            handle, entry[0], entry[1], first, len(args), 0, 0, form, address
        )
        if form != FORM:
            return _after_watching(frame, words, reals, status)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _call_named_with_keywords(handle, entry, args, kwargs):
    names = joined(kwargs)
    if names[1] < 0:
        bound = fetch(_emb_getattr, handle, entry[0], entry[1], FORM)
        return call_with_odd_keywords(bound._emb_handle, args, kwargs)
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        first = pack_with_keywords(frame, args, kwargs)
        address = frame.address
        form = _WATCH if frame.busy and frame.watched else FORM
        status = _emb_call_method(
            handle, entry[0], entry[1], first, len(args), names[0], names[1], form, address
        )
        if form != FORM:
            return _after_watching(frame, words, reals, status)
        if status:
            raise failure(status)
        return read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def attribute_to_call(handle, entry, known):
    """(True, handle of its function, 0 if that is behind `known`) for a method of Python code that
    is bound to the object; (False, value) for any other attribute."""
    frame = take()
    words, reals = frame.words, frame.reals
    try:
        status = _emb_method(handle, entry[0], entry[1], known, FORM, frame.address)
        if status:
            raise failure(status)
        if words[0] & LOW_HALF == FUNCTION:
            return True, words[1]
        return False, read(words, reals)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)
