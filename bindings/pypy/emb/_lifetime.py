"""When the host drops a proxy, its handle goes back to libemb.

CPython counts references: there `__del__` frees the handle at once.  On PyPy an
object with `__del__` costs about 300 ns and lives until the next *major* collection.
A table of weak references costs less than half of that, and it learns of dead proxies
after a *minor* collection already.  The table is swept when it has grown, and after
every major collection.

A tracing collector sees a few bytes of a proxy, not the gigabyte of the array behind
it.  So now and then a new object is weighed, and where objects are heavy the collector is
told, the table is swept more often, and the collector made to work before that.

`emb_object_free` never waits and may be called from any thread.
"""

import functools
import gc
import random
import struct
import sys
import threading
import weakref

try:
    from __pypy__ import add_memory_pressure as _add_memory_pressure
except ImportError:

    def _add_memory_pressure(_nbytes):
        """Other collectors cannot be told."""


try:
    from pypyjit import residual_call as _apart  # what is rare is kept out of the JIT's traces
except ImportError:

    def _apart(function):
        return function()


from . import _declarations
from ._library import backend, functions

TRACING = sys.implementation.name != "cpython"

_object_free = functions.emb_object_free
_reference = weakref.ref
_random_bits = random.Random(1).getrandbits

_TEXT = _declarations.CONSTANTS["EMB_TEXT"]
_RESULTS_KEPT = _declarations.CONSTANTS["EMB_RESULTS_KEPT"]

_MIB = 1 << 20
_YOUNG = 32 * _MIB  # what may be created before the host's collector must look
_OLD = 256 * _MIB  # the same, where that takes a full collection
_HEAVY = 4 * _MIB
_LIGHT = _MIB // 16
_SHORT, _LONG = 8, 64  # proxies between two looks, while objects are not light, and light
_FEWEST = 1024  # proxies between two sweeps

_VIEW = _declarations.STRUCTS["emb_view"]
_VIEW_SIZE = struct.calcsize(_VIEW.format)
_VIEW_NBYTES, _VIEW_OWNER = 2, 8  # as 64-bit words

# Set by _scope while a scope is open: told of every new proxy.
noted = None
# Set by _scope: a context in which the scope around it is not told.
apart = None


def lasting(function):
    """For what the package itself keeps: no scope that happens to be open releases it."""

    @functools.wraps(function)
    def made_apart(*args, **kwargs):
        if noted is None:
            return function(*args, **kwargs)
        with apart():
            return function(*args, **kwargs)

    return made_apart

_table = []  # (weak reference to the proxy, its handle)
_released = set()  # handles in the table that were released before their proxies died
_sweeping = threading.Lock()
_pause = _SHORT
_limit = _SHORT  # look when the table is this long
_looked = 0  # how long it was at the last look
_sweep_at = _FEWEST
_young = 0  # estimated bytes behind the proxies made since the last step
_settled = 0  # proxies that survived the last full collection


def adopt(proxy, handle):
    """Frees `handle` some time after `proxy` has died.  For hosts with a tracing GC."""
    if noted is not None:
        noted(proxy)
    _table.append((_reference(proxy), handle))
    if len(_table) >= _limit:
        _apart(_look)


def _look():
    """Weighs the newest object for all new ones; sweeps, and collects, if it is time."""
    global _limit, _looked, _pause, _sweep_at, _young, _settled
    weight = _weight(_table[-1][1])
    _young += weight * (len(_table) - _looked)
    if weight > _LIGHT:
        _add_memory_pressure(weight * (len(_table) - _looked))
    if _young > _YOUNG:
        _young = 0
        # A step begins with a minor collection: enough for what died young.
        getattr(gc, "collect_step", gc.collect)()
        _sweep_locked()
        _settled = min(_settled, len(_table))
        if weight * (len(_table) - _settled) > _OLD:
            gc.collect()
            _sweep_locked()
            _settled = len(_table)
    elif len(_table) >= _sweep_at:
        _sweep_locked()
        _sweep_at = max(_FEWEST, 2 * len(_table))
    _looked = len(_table)
    if weight > _HEAVY:
        _pause = 1
    elif weight > _LIGHT:
        _pause = _SHORT
    else:
        _pause = min(_LONG, 2 * _pause)
    # At random, so as not to keep step with a loop of light and heavy objects.
    _limit = _looked + _pause + _random_bits(3)


def _weight(handle):
    """Bytes of memory behind a handle; 0 for objects that export no buffer."""
    _owner, words, _reals, address = backend.block(_VIEW_SIZE // 16 + 1)
    words[0] = _VIEW_SIZE
    # The proxy may be dead, but its handle is valid: nobody has released it yet.
    if functions.emb_array_view(handle, 0, address):
        return 0
    _object_free(words[_VIEW_OWNER])
    return words[_VIEW_NBYTES]


def release(handle):
    """Frees the handle of a living proxy, once and for all."""
    if TRACING:
        _released.add(handle)
    _object_free(handle)


def _free(handle):
    # A second release would do no harm but leave an error, in the middle of other calls.
    if _released and handle in _released:
        _released.discard(handle)
    else:
        _object_free(handle)


def _sweep_locked():
    """Sweeps with Python's lock, where releasing is five times cheaper.  May wait."""
    locked = functions.emb_gil_acquire() == 0
    sweep()
    if locked:
        functions.emb_gil_release()


def sweep():
    """Frees the handles of dead proxies; called again while at work, it does nothing."""
    global _limit, _looked
    if not _sweeping.acquire(False):
        return
    try:
        count = len(_table)
        # Other threads only append: what they add stands behind `count` and stays.
        batch = _table[:count]
        del _table[:count]
        alive = []
        for entry in batch:
            if entry[0]() is None:
                _free(entry[1])
            else:
                alive.append(entry)
        _table.extend(alive)
        _looked = min(_looked, len(_table))
        _limit = min(_limit, len(_table) + _SHORT)
    finally:
        _sweeping.release()


class _AfterCollection:
    """Dies in every major collection, sweeps, and leaves a successor."""

    def __del__(self):
        sweep()
        _AfterCollection()


if TRACING:
    _AfterCollection()


def collect():
    """A full collection of the host; what died in it is gone in Python too afterwards."""
    gc.collect()
    if TRACING:
        sweep()
    # Released objects wait for a thread that enters Python: this one.  And libemb holds the
    # latest results that were texts or tuples, with what is in these: here are others.
    _owner, words, _reals, address = backend.block(1)
    words[0] = _TEXT
    if functions.emb_object_new(address, address) == 0:
        handle = words[0]
        for _ in range(_RESULTS_KEPT):
            functions.emb_object_value(handle, 0, address)
        _object_free(handle)
