"""Ctrl-C while Python is at work.

The host's handler of SIGINT only takes a note, which is looked at when the host runs again; until
then a loop in the embedded Python would go on.  So both take note, and the first one that
runs raises KeyboardInterrupt.  The other one has a note of the same interrupt, and must not
raise it once more: two words of memory that both see tell it so.
"""

import signal
import threading

from . import _session
from ._code import run
from ._error import failure
from ._library import backend, functions
from ._object import Object

_SOURCE = """
import ctypes

def make(address):
    words = (ctypes.c_int64 * 2).from_address(address)

    def interrupt(number, frame):
        if words[0]:
            words[0] = 0
        else:
            words[1] = 1
            raise KeyboardInterrupt

    return interrupt
"""

# words[0]: the host has raised it, words[1]: Python has.  For ever, as Python keeps the address.
_owner, _words, _reals, _address = backend.block(1)
_previous = None  # the host's handler that was in place


def _interrupt(number, frame):
    if _words[1]:
        _words[1] = 0
    else:
        _words[0] = 1
    return _previous(number, frame)


def _share():
    """After the start: only where Ctrl-C means what it usually does."""
    global _previous
    if not _session.apart():
        return
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    names = Object({})
    try:
        run(_SOURCE, names)
        handler = names["make"](_address)
    except ImportError:
        return  # a Python without ctypes: it is not interrupted
    _previous = signal.signal(signal.SIGINT, _interrupt)
    status = functions.emb_signal_share(signal.SIGINT, handler._emb_handle)
    if status:
        _give_back()
        raise failure(status)


def _give_back():
    """Before the end of Python."""
    if _previous is not None and signal.getsignal(signal.SIGINT) is _interrupt:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, _previous)


_session.after_start(_share)
_session.before_shutdown(_give_back)
