"""Signals while Python is at work: Ctrl-C, and those that the program handles (`signal.alarm(5)`).

The host's handler of a signal only takes a note, which is looked at when the host runs again; until
then a loop in the embedded Python would go on.  So both take note, and the first one that runs calls the
program's handler.  The other one has a note of the same signal, and must not call it once more: two words
of memory that both see tell it so.
"""

import functools
import signal
import threading

from .._abi._error import failure
from .._abi._library import backend, functions
from . import _session, _undisturbed
from ._code import Part, find

_SOURCE = """
import ctypes

waiting = (ctypes.c_int64 * 1).from_address(waiting_address)

def make(address, act):
    words = (ctypes.c_int64 * 2).from_address(address)

    def handle(number, frame):
        if waiting[0]:
            pass  # the host will, when its work is done
        elif words[0]:
            words[0] = 0
        else:
            words[1] = 1
            act(number, frame)

    return handle
"""
_python = Part(_SOURCE, lambda: {"waiting_address": _undisturbed.address})
_set, _get = signal.signal, signal.getsignal
_shared = {}  # number of a signal -> _Shared, for ever, as Python keeps the addresses


class _Shared:
    """The host's handler of a signal that Python handles, too."""

    def __init__(self):
        self.handler = None  # the program's
        self._made = {}  # whether it is the one that there is by default -> Python's (a proxy)
        _session.after_shutdown(self._made.clear)
        # words[0]: the host has called it, words[1]: Python has.
        self._owner, self._words, _reals, self._address = backend.block(1)

    def __call__(self, number, frame):
        if self._words[1]:
            self._words[1] = 0
            return
        self._words[0] = 1
        self.handler(number, frame)

    def in_python(self):
        """Python's handler (a proxy)."""
        by_default = self.handler is signal.default_int_handler
        if by_default not in self._made:
            act = find("_signal.default_int_handler") if by_default else lambda *what: self.handler(*what)
            self._made[by_default] = _python("make")(self._address, act)
        return self._made[by_default]


def _share(number, handler):
    """Lets both call the program's handler."""
    if number not in _shared:
        _shared[number] = _Shared()
    shared = _shared[number]
    shared.handler = handler
    try:
        in_python = shared.in_python()
    except ImportError:
        _set(number, handler)
        return  # a Python without ctypes: it is not interrupted
    _set(number, shared)
    status = functions.emb_signal_share(number, in_python._emb_handle)
    if status:
        _set(number, handler)
        raise failure(status)


def _is_for_both():
    return _session.running() and _session.apart() and threading.current_thread() is threading.main_thread()


def _share_all():
    """After the start, those that the program handles already."""
    if _is_for_both():
        for number in signal.valid_signals():
            handler = _get(number)
            if callable(handler):
                _share(number, handler)


def _give_back():
    """Before the end of Python."""
    if threading.current_thread() is threading.main_thread():
        for number, shared in _shared.items():
            if _get(number) is shared:
                _set(number, shared.handler)


@functools.wraps(_get)
def _getsignal(number):
    found = _get(number)
    return found.handler if type(found) is _Shared else found


@functools.wraps(_set)
def _signal(number, handler):
    previous = _getsignal(number)
    if callable(handler) and _is_for_both():
        _share(number, handler)
    else:
        _set(number, handler)
    return previous


def join():
    """From now on the program's `signal.signal` is for both."""
    signal.signal, signal.getsignal = _signal, _getsignal


_session.after_start(_share_all)
_session.before_shutdown(_give_back)
