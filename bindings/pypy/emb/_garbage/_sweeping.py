"""Looks through the batches of proxies that are complete (see _lifetime), frees the handles of those
that are dead, and takes what has outlived a collection out of its batch."""

import threading
import weakref

from .._abi._library import functions
from .._interpreter._undisturbed import Undisturbed, descend
from .._proxies._handle import RELEASED
from . import _batches, _notes, _pace, _resident
from ._collector import variables
from ._nursery import is_dead, witness
from ._weighing import forget as forget_weighed, weigh

_reference = weakref.ref
_set_attribute = object.__setattr__

_DEEP = 30  # calls that must fit on the stack before a sweep begins

# Set by _lending: told when there was a full collection, and what died in it has been freed.
swept = None

tidying = threading.Lock()  # held by who changes the rows
rows = []  # of the batches that no more proxies join
alone = []  # handles of the latest proxies that have joined none
released = set()  # handles of proxies in no batch that were released before these died
due = False  # whether a full collection has ended while rows were being changed
_survivors = 0  # how many of the rows, from the first on, have seen a collection
_empty = []  # those whose proxies have been taken out: only a full collection ends them
_dead = []  # those that are to be cleared
_collected = witness()  # dead once there was a minor collection since the last sweep
_old = _notes.of_handle  # of proxies that are in no batch


def is_time():
    """Whether there was a collection since the last sweep, which is worth another."""
    return due or _pace.is_worth_a_look() and is_dead(_collected)


def batches():
    """Those of the rows, the latest first."""
    found = [row.reference and row.reference() for row in rows[::-1]]
    return [batch for batch in found if batch is not None]


def _sweep(settle):
    global rows, due, _empty, _survivors, _collected
    looked, empty, dead, left, alive, outlived = rows, _empty, [], [], 0, 0
    if settle:
        due = False
        looked, empty = rows + empty, []
        _free_old()
    emptied = []
    for place, row in enumerate(looked):
        batch = row.reference()
        if batch is None:
            dead.append(row)
            continue
        if settle or place < _survivors:
            outlived, row.weight = outlived + row.weight, 0
            _disperse(batch)
            emptied.append(row)
        else:
            left.append(row)
            alive += _pace.is_many(row.used())
    empty, count = empty + emptied, len(left)
    _dead.extend(dead)
    # Only here, and all at once: the stack may end before it, and then nothing has happened, as what is
    # done twice to a batch does no harm; a row in two of the lists would be free twice.
    rows, _empty, _survivors = left, empty, count
    _collected = witness()
    if not settle:
        _pace.adapt(alive, len(dead))
    _pace.swept(sum([row.weight for row in dead]), outlived)
    while _dead:
        row = _dead.pop()
        if row.weight:
            forget_weighed()
        row.clear(released)
    _free_alone()
    _notes.swept(left)


def _sweep_locked(settle):
    """With Python's lock, where releasing is five times cheaper."""
    locked = functions.emb_gil_acquire() == 0
    try:
        _sweep(settle)
    finally:
        if locked:
            functions.emb_gil_release()


def sweep(settle, locked=False):
    """Frees the handles of dead proxies.  Where that is being done already, or proxies are joining
    another batch, it does nothing, but for remembering to `settle`.

    `settle`: what is alive leaves its batch, even if that has seen no collection yet; and
    those that left theirs earlier are looked at too.  `locked`: with Python's lock; may wait for that.
    """
    global due
    descend(_DEEP)
    with Undisturbed(tidying) as alone:
        if not alone:
            due = due or settle
            return
        (_sweep_locked if locked else _sweep)(settle)
    if settle and swept is not None:
        swept()


def _disperse(batch):
    """Gives the proxies of a batch weak references of their own; it holds them no more."""
    proxies, moved = batch.proxies[:], set()
    for proxy in proxies:
        handle = proxy._emb_handle
        if handle != RELEASED:  # else its number stays behind, to be crossed out
            _old[handle] = _reference(proxy)
            moved.add(handle)
    _resident.outlived(len(moved))
    # Other threads may look for one of them meanwhile: now they find it where it goes to.
    _notes.leave(moved)
    batch.row.cross_out(moved)
    for proxy in proxies:
        _set_attribute(proxy, "_emb_batch", None)
    del batch.proxies[: len(proxies)]  # a thread that was about to join it may have done so


def _free_old():
    _free_dead(list(_old))
    forget_weighed()


def _free_alone():
    """Frees those of the latest in no batch that are dead; the others have outlived a collection."""
    latest, weight, alive = alone[:], 0, 0
    for handle in latest:
        reference = _old.get(handle)
        proxy = reference and reference()
        if proxy is not None:
            weight += weigh(proxy, True)
            alive += 1
    del alone[: len(latest)]
    _free_dead(latest)
    _resident.outlived(alive)
    _pace.outlived_alone(weight)


def _free_dead(handles):
    """Frees those of proxies that are in no batch and have died."""
    dead = [one for one in handles if one in _old and _old[one]() is None]
    for handle in dead:
        del _old[handle]
    if dead:
        _batches.free(dead, released)


variables(globals(), "rows due _empty _survivors _collected")
