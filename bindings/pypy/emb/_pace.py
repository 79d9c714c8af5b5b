"""How many proxies share a batch, and when the host's collector is to work (see _lifetime).

Batches are large, so that there are few, while the objects are light: at most a few thousand, and as
many bytes behind them as the processor's caches hold, are made before there is a minor collection.
What is garbage in a batch of which one is in use outlives that, and takes a full collection.  So
batches of heavy objects are small; and when much has outlived minor collections, the collector is
told, and a full one begins.  It goes on a step with each minor collection, and with some more bytes.
"""

import gc

from ._batches import ROOM
from ._collector import add_memory_pressure, collect_young, variables

_MIB = 1 << 20
_SOME, _MANY = 32, 2000  # proxies between two minor collections, at least; of light objects, at most
_CACHES = 4 * _MIB  # about what the processor's caches hold
_YOUNG = 32 * _MIB  # what may be made between two minor collections, of however few objects
_TOGETHER = _MIB  # what may be behind a batch
_OLD = 128 * _MIB  # what may outlive minor collections before a full one begins
_STEP = 8 * _MIB  # the same, before its next step
_SHORT, _LONG = 8, ROOM - 16  # proxies in a batch: to begin with, and at most
_JITTER = 8
_STRETCH = 24  # proxies of a batch that are made before one is looked at, whether it is heavy
_FEW = 8  # of so many batches one may live on
_RECENT = 4  # proxies that are likely to be in use: the latest

_size = _SHORT  # proxies in a batch
_usual = 4 * _SHORT  # the same, of light objects
_many = _fresh = 0  # proxies made since the last sweep; estimated bytes behind them
_young = 0  # the same, without what has been freed, or has outlived a collection
_outlived = 0  # the same, of what has, since a full collection began
_stepped = -1  # of these, before the latest step of a full collection; -1 while there is none
_alone = 0  # batches with one proxy before a collection of our own
_seed = 1


def collected():
    """Has the host's collector look at what is young, if it is time: says whether there was a minor
    collection."""
    if _alone < _RECENT:
        return False
    if collect_young():
        return True
    if _young > _YOUNG:
        _step()
        return True
    return False


def made(count, weight):
    """So many proxies are in a batch that is closed, with so many bytes behind each."""
    global _many, _fresh, _young
    _many += count
    _fresh += weight * count
    _young += weight * count


def last(weight, has_collected):
    """The place of the last proxy in the next batch, if they are as heavy as those before."""
    global _size, _alone
    is_time = _many > _MANY or _young > _YOUNG or _fresh > _CACHES and _many > _SOME
    if is_time and not has_collected and _alone < _RECENT:
        # What is in use now will outlive the collection, and all of its batch with it; it will take a
        # full one.  So there have to be some, even where the objects behind them fill the caches.
        _alone += 1
        return 0
    _size = min(_usual, 2 * _size)
    if weight * _size > _TOGETHER:
        _size = max(1, _TOGETHER // weight)
    return _size - 1 + _jitter() % min(_JITTER, _size)


def stretch():
    """How many proxies join a batch before the latest is looked at."""
    return _STRETCH + _jitter() % _JITTER


def _jitter():
    """At random, so as not to keep step with a loop of light and heavy objects."""
    global _seed
    _seed = (_seed * 1103515245 + 12345) & 0x7FFFFFFF
    return _seed >> 16


def swept(freed, outlived):
    """A sweep has freed what weighs so much, and taken out of their batches what weighs so much."""
    global _many, _fresh, _young, _outlived, _alone
    _young = max(0, _young - freed - outlived)
    _outlived += outlived
    _many = _fresh = _alone = 0


def adapt(alive, dead):
    """So many batches were held by some of their proxies, and so many were not."""
    global _usual
    # In each of these, what is garbage goes on to live with what is in use.
    many_alive = _FEW * alive > dead
    _usual = max(_SHORT, _usual // 2) if many_alive else min(_LONG, 2 * _usual)


def is_many(count):
    """Whether a batch with so many is to be counted by `adapt`."""
    return count > _SHORT


def make_steps():
    """Begins a full collection, or goes on with it, if it is time."""
    global _outlived, _stepped
    if _stepped < 0:
        if _outlived >= _OLD:
            add_memory_pressure(_outlived)
            _outlived = _stepped = 0
            _step()
        return
    while _stepped + _STEP <= _outlived and _stepped >= 0:  # till it has ended
        _stepped += _STEP
        _step()


def ended():
    """A full collection has ended."""
    global _outlived, _stepped
    if _stepped < 0:
        _outlived = 0
    _stepped = -1


def _step():
    getattr(gc, "collect_step", gc.collect)()


variables(globals(), "_size _usual _many _fresh _young _outlived _stepped _alone _seed")
