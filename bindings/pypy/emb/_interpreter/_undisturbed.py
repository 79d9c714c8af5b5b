"""Work that one thread at a time does, and that no KeyboardInterrupt breaks off, nor the stack's end.

A KeyboardInterrupt comes between any two steps of the main thread: also after it has taken a lock,
and before the `try` whose `finally` releases it.  So it waits here until the work is done.
"""

import signal
import sys
from operator import eq

from .._abi._library import backend
from .._garbage._collector import untraced

try:
    from __pypy__.thread import _signals_enter, _signals_exit
except ImportError:

    def _signals_exit():
        raise RuntimeError("this Python cannot make signals wait")


# waiting[0]: the host's signals wait, so Python's do nothing about them either.
_owner, waiting, _reals, address = backend.block(1)
_TO_LEAVE = 4  # calls for which there is room before anything is changed, so that it can be undone


class Undisturbed:
    """For a `with` whose value is whether the work is for this thread to do: False where another is
    at it, or this one already.  It waits for no more than some seconds."""

    __slots__ = ("lock", "held", "waiting", "seconds")

    def __init__(self, lock, seconds=0):
        self.lock, self.seconds = lock, seconds

    def __enter__(self):
        descend(_TO_LEAVE)
        try:
            _signals_exit()
            self.waiting = True  # the signals
            waiting[0] = 1
        except RuntimeError:  # another thread than the main one, or they wait already
            self.waiting = False
        self.held = self.lock.acquire(True, self.seconds)
        return self.held

    def __exit__(self, *_exception):
        if self.held:
            self.lock.release()
        if self.waiting:
            waiting[0] = 0
            _signals_enter()
            # Changes nothing, but lets those that came meanwhile act now: else they would some
            # thousand steps later, or when whatever this thread now waits for is over.
            signal.pthread_sigmask(signal.SIG_BLOCK, ())


def _nested(depth):
    nested = ()
    for _ in range(depth):
        nested = (nested,)
    return nested


def _calls_itself(levels):
    if levels:
        sorted((levels - 1,), key=_calls_itself)  # of plain recursion PyPy's JIT leaves next to nothing


def _compares_nested(levels):
    """To compare what is nested takes as much of the stack, in a fifth of the time."""
    if levels not in _pairs:
        depth = _LIKE_A_CALL * levels
        _pairs[levels] = _nested(depth), _nested(depth)
    untraced(eq, *_pairs[levels])


_LIKE_A_CALL = 13  # tuples
_pairs = {}

# RecursionError while there is room on the stack to report it, or to leave all as it was.
descend = _compares_nested if sys.implementation.name == "pypy" else _calls_itself
