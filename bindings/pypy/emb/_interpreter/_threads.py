"""Functions of the host that wait for its other threads, which may want Python meanwhile.

`differential_evolution(f, bounds, workers=pool.map)` calls `pool.map`, which waits for threads whose
work is done in Python.  So a callback gives Python's lock back, as soon as there is another thread:
only then, for it costs as much as a small callback.
"""

import functools
import threading
from _thread import get_ident

from .._abi._library import functions
from .._callables import _callbacks
from .._proxies import _arrivals
from . import _session


def _keep():
    """Where the embedded Python is the host itself, the lock is the host's own."""


def _give_back():
    if not _arrivals.others:
        _arrivals.others = True
    functions.emb_gil_suspend()


def _announcing(start):
    @functools.wraps(start)
    def announced(self):
        if not _arrivals.others:
            _give_back()  # for the callback that runs, where one does
        start(self)

    return announced


def _watch():
    _callbacks.first = get_ident()
    if _session.apart():
        _callbacks.give_back = _give_back
        threading.Thread.start = _announcing(threading.Thread.start)
        if threading.active_count() > 1:
            _arrivals.others = True
    else:
        _callbacks.give_back = _keep


_session.after_start(_watch)
