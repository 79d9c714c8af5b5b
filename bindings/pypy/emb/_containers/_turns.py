"""What one thread at a time does to the containers that both sides have (see _shared_items)."""

import os
import threading
from _thread import get_ident

from .._callables import _callbacks
from .._interpreter._undisturbed import Undisturbed

_SHORT = 0.01  # seconds that a try to be may last
_working = threading.Lock()  # held by who changes the entries
_at_it = []  # its thread
_broken = []  # whether that could not be done to its end, and the sides know different things

begin_anew: object  # set by _shared_items: has both know nothing


def is_at_it():
    """Whether this very thread is: what it passes to Python may call the host."""
    return get_ident() in _at_it


def is_anyone():
    """Whether any thread is."""
    return bool(_at_it)


def alone(work, *args, tries=-1):
    """What one thread at a time does.  It takes no more of Python's lock than its calls do, so that
    others wait for it; one that keeps that lock must not, for ever."""
    while True:
        with Undisturbed(_working, _SHORT) as is_mine:
            if is_mine:
                _at_it.append(get_ident())
                try:
                    if _broken:
                        begin_anew()
                        _broken.clear()
                    return work(*args)
                except (RecursionError, MemoryError):
                    _broken[:] = [None]
                    raise
                finally:
                    _at_it.pop()
        # The other may want Python's lock, which a function of the host that runs here may hold.
        _callbacks.give_back()
        tries -= 1
        if not tries:
            return False


def _in_child():
    """After a fork, whose other threads are no more."""
    global _working
    _working = threading.Lock()
    _at_it[:] = [one for one in _at_it if one == get_ident()]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
