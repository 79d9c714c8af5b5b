"""When the host drops a proxy, its handle goes back to libemb.

CPython counts references: there a part of the proxy frees the handle in its `__del__`, which
comes when weak references to the proxy are dead already, so that no other thread finds it by one of
these at that moment.  On PyPy an
object with `__del__` costs about 300 ns and lives until the next *major* collection; one
with a weak reference, and a table of these to be looked through, a third of that.  So proxies
are bundled: they hold a batch, and the batch holds them (see _batches).  One weak reference tells
that all of a batch are dead, which is true of most after a *minor* collection.  What is alive then is
taken out of the batch, and gets a weak reference of its own, to be looked at after major collections.
The latest few before a collection are likely to be in use, and would hold all of their batch: those
join none.

A tracing collector sees a few bytes of a proxy, not the gigabyte of the array behind
it.  So now and then a new object is weighed, and there is a look at the time and at what the process
takes; how large a batch may be, and when the collector has to work, follows from that (see _pace).

`emb_object_free_many` never waits and may be called from any thread.
"""

import functools
import gc
import sys
import weakref

from .._abi import _declarations
from .._abi._library import backend, functions
from .._interpreter._undisturbed import Undisturbed
from .._proxies._handle import RELEASED, Exporter, Owner
from . import _notes, _pace, _resident, _sweeping
from ._batches import ROOM, Batch, closed_batch, put
from ._collector import untraced, variables
from ._sweeping import sweep
from ._weighing import is_heavy, weigh, weigh_latest

TRACING = sys.implementation.name != "cpython"

_object_free = functions.emb_object_free
_reference = weakref.ref

_TEXT = _declarations.CONSTANTS["EMB_TEXT"]
_COMPLEX = _declarations.CONSTANTS["EMB_COMPLEX"]
_DEEP = _declarations.CONSTANTS["EMB_RESULT_DEEP"]
_RESULTS_KEPT = _declarations.CONSTANTS["EMB_RESULTS_KEPT"]

# Set by _scope while a scope is open: told of every new proxy.
noted = None
# Set by _scope: whether one of this thread's is open.
in_scope: object
# Functions that let go of what is kept only because it may be used again.  They call no Python: a collection
# may come between a call that has failed and the look at its error.
at_full_collections = []
# Those that do call it, when the program asks for a collection.
when_asked = []
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


_end = 7  # the place of a batch whose proxy is the last to join it
_last = _end  # the same; or that of one which is looked at first, see _look
_batch = Batch(_end + 1)  # the one that they join
_none = closed_batch()  # in its place where there is none
_old = _notes.of_handle  # of proxies that are in no batch


_late = []  # handles that had to wait, as there was no room on the stack


class _Part(int):
    """What a proxy has, and nobody else: the number of its handle."""

    __slots__ = ()

    def __del__(self, _forget=_notes.of_handle.pop, _free=_object_free, _late=_late):
        _forget(self, None)
        try:
            _free(self)
            if _late:
                _free(_late.pop())
        except RecursionError:
            _late.append(self + 0)


def _owning(kind):
    """`own` for proxies that have the parts of `kind`."""
    set_handle, set_batch = kind._emb_handle.__set__, kind._emb_batch.__set__

    if TRACING:

        def own(proxy, handle):
            """Makes `handle` that of the proxy, to be freed some time after the proxy has died."""
            set_handle(proxy, handle)
            tell = noted
            if tell is not None:
                tell(proxy)
            batch = _batch
            place = next(batch.places, ROOM)
            if place == ROOM:
                untraced(_stay_alone, proxy, handle)
                return
            set_batch(proxy, batch)
            batch.proxies.append(proxy)
            put(batch, place, handle)  # last: once it is noted from there, the proxy is to be found
            if batch is not _batch:
                untraced(leave_at_once, proxy, handle, batch, place)
            elif place >= _last:
                untraced(_look_at_the_time, proxy, place)

        def leave_at_once(proxy, handle, batch, place):
            """Another thread has closed the batch meanwhile, and may have looked through it."""
            _old[handle] = _reference(proxy)
            _notes.leave((handle,))
            put(batch, place, 0)
            set_batch(proxy, None)

    else:

        def own(proxy, handle):
            """Makes `handle` that of the proxy, to be freed when the proxy dies."""
            set_handle(proxy, handle)
            set_batch(proxy, _Part(handle))
            tell = noted
            if tell is not None:
                tell(proxy)
            _notes.join(proxy, handle)

    return own


own = _owning(Owner)
own_exporter = own if Exporter is Owner else _owning(Exporter)


def forget(proxy):
    """Writes into a proxy that it has no handle any more."""
    kind = Exporter if issubclass(type(proxy), Exporter) else Owner
    kind._emb_handle.__set__(proxy, RELEASED)


def own_of(host):
    """`own` for proxies of the class `host`."""
    return own_exporter if issubclass(host, Exporter) else own


def _stay_alone(proxy, handle):
    """Makes it one that joins no batch."""
    _notes.join(proxy, handle)
    _sweeping.alone.append(handle)
    if _pace.made_alone():
        _pace.weighed(weigh(proxy, True))
    _look_at_the_time(proxy, ROOM)


def _look_at_the_time(proxy, place):
    """Every few proxies, and where one is the last of a batch, or has joined none."""
    global _last
    ahead = _pace.look(proxy._emb_weighs)
    if ahead == 0 or place >= _end:
        _look(place)
    else:
        _last = min(_end, place + ahead)


def _look(place):
    """Collects, if it is time, while there is no batch, which would outlive the collection with
    all that joins it.  So do the frames of functions, for which a JIT takes some memory each.
    A batch of light objects is large, and not to be filled with heavy ones, or such as may be."""
    global _last
    is_full = _pace.is_full()  # notes it, whatever the place
    if place < _end and not (is_full or is_heavy(_batch.proxies)):
        _last = min(_end, place + _pace.stretch())
        return
    if _batch is _none and _pace.waits():
        return
    with Undisturbed(_sweeping.tidying) as alone:
        if not alone:
            return  # another thread is at work here, or this one is weighing
        _close_batch(True)
        if not (_pace.is_time() or _sweeping.is_time()):
            _open_batch()
            return
    if not _pace.waits():
        _collect_young()


def _collect_young():
    """Brings about a minor collection, if it can be had, and sweeps, before there is another batch."""
    has_collected = _pace.collected()
    if has_collected or _sweeping.is_time():
        sweep(_sweeping.due, locked=True)
        _pace.rest()
        if _pace.is_time_for_all():
            _collect_all()
    with Undisturbed(_sweeping.tidying) as alone:
        if alone:
            _open_batch()


def _collect_all():
    """Begins a full collection, or goes on with it."""
    if not _pace.is_going_on():
        sweep(True, locked=True)  # so that none is held by its batch any more
    if _pace.collect_all():
        sweep(True, locked=True)
        _resident.settle(len(_old))
        _watch()


def _close():
    """Lets no more proxies join the batch."""
    with Undisturbed(_sweeping.tidying) as alone:
        if alone:
            _close_batch(False)


def _close_batch(weighed):
    """The same.  It may then be `weighed` what is behind some for all: that may call the host, where proxies
    are made again."""
    global _batch
    closed, row = _batch, _batch.row
    if closed is _none:
        return
    # What may fail, where there is no room on the stack, comes first: a row that is closed twice
    # would be free twice, and two batches would write to it.
    row.reference = _reference(closed)
    _notes.close(row)
    _sweeping.rows.append(row)
    # Only now: other threads look for proxies in all batches.  One that is about to join this one
    # does so all the same.
    _batch = _none
    if weighed:
        count, weight = row.used(), weigh_latest(closed.proxies)
        row.weight = weight * count
        _pace.made(count, weight)


def _open_batch():
    """Lets new proxies join another batch."""
    global _batch, _end, _last
    if _batch is _none:
        size = _pace.room()
        if not size:
            return
        following = Batch(size)
        _end = size - 1
        _last = min(_end, _pace.stretch())
        _batch = following


def proxy_of(handle, host):
    """The living proxy, of the class `host`, that there is of the object at a new handle, or None."""
    return _notes.proxy_of(handle, host, _batch, _batches_now)


def _batches_now():
    """Those that proxies are in, the latest first."""
    return [_batch, *_sweeping.batches()]


def release(handle):
    """Frees the handle of a living proxy, once and for all."""
    if TRACING:
        _sweeping.released.add(handle)
    _object_free(handle)


_watching = None  # a weak reference to the latest of these


class _AfterCollection:
    """Dies in every major collection, sweeps, and leaves a successor."""

    def __init__(self):
        global _watching
        _watching = _reference(self)

    def __del__(self):
        try:
            _pace.ended()
            _let_go()
            _close()
            sweep(True)
        except RecursionError:
            _sweeping.due = True  # where there is room on the stack
        finally:
            _watch()


def _watch():
    """Sees to it that there is one: it may have died where there was no room on the stack."""
    if _watching() is None:
        _AfterCollection()


def _let_go():
    for function in at_full_collections:
        function()


def _collected_all(phase, about):
    if phase == "stop" and about["generation"] == 2:
        _let_go()


if TRACING:
    _AfterCollection()
else:
    gc.callbacks.append(_collected_all)


def collect():
    """A full collection of the host; what died in it is gone in Python too afterwards."""
    for function in when_asked:
        function()
    if TRACING:
        _let_go()
        _close()
        sweep(True)  # so that none is held by its batch any more
    gc.collect()
    if TRACING:
        sweep(True)
    # Released objects wait for a thread that enters Python: this one.  And libemb holds the
    # latest results that were texts, and those of several parts, with what is in these: here are others.
    _owner, words, _reals, address = backend.block(2)
    for kind, form in (_TEXT, 0), (_COMPLEX, _DEEP):
        words[0], words[1] = kind, address + 16
        if functions.emb_object_new(address, address) == 0:
            handle = words[0]
            for _ in range(_RESULTS_KEPT):
                functions.emb_object_value(handle, form, address)
            _object_free(handle)
    _sweeping.swept()


variables(globals(), "_last _end _batch noted")
