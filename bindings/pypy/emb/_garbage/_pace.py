"""How many proxies share a batch, and when the host's collector is to work (see _lifetime).

Batches are large, so that there are few, while the objects are light: a few thousand, and as
many bytes behind them as the processor's caches hold, are made before there is a minor collection.
What is garbage in a batch of which one is in use outlives that, and takes a full collection.  So
heavy objects join none, for as long as one of them now and then is heavy, and batches of such as may become
heavy are small; and when much has outlived minor collections, the collector is
told, and a full one begins, of which nearly always all is done at once: what would outlive the minor
ones between its steps could not be freed by it.

Most of what is heavy shows nobody its memory.  But that takes time to be filled.  So there is a look
at the time every few proxies: those that took long have batches of their own, and there is a minor
collection every few milliseconds.  What outlives these is known by what the process takes (see
_resident).
"""

import gc
from time import perf_counter, thread_time

from . import _resident
from ._batches import ROOM
from ._collector import add_memory_pressure, variables
from ._nursery import collect_young

_MIB = 1 << 20
_SOME, _MANY = 32, 3000  # proxies between two minor collections, at least; of light objects, at most
_SOME_HUNDREDS = 500  # after which it is looked what other minor collections have ended
_CACHES = 8 * _MIB
_YOUNG = 32 * _MIB
_TOGETHER = _MIB  # what may be behind a batch
_HEAVY = 1 << 16  # bytes behind each of some that join none
_SAMPLE = 8  # of so many of these one is weighed
_OLD = 128 * _MIB  # what may outlive minor collections before a full one begins
_SLICE = 0.1  # seconds of the processor that it may take at a time
_SHORT, _LONG = 8, ROOM - 16  # proxies in a batch: to begin with, and at most
_LIGHT, _FAIR = 1024, 64  # at least, where not more bytes are known to be behind each
_JITTER = 8
_STRETCH = 16  # proxies of a batch that are made before there is a look whether they may be heavy
_INSTANT = 1e-4  # seconds in which that cannot be
_QUICK = 1e-3  # seconds that they take to be made, if there are to be so many,
_EACH = 25e-5  # or one of them: more than code takes that PyPy does not compile, or rarely does it
_SOON = 2e-3  # seconds in which its memory does not grow by much
_LONG_AGO = 5e-3  # seconds since a minor collection, after which there may be another, if memory is short,
_REST = 8  # or so many times what the last one took, and looking what it has ended
_ENOUGH = 16  # proxies in the meantime, or their memory has grown much
_FEW = 8  # of so many batches one may live on
_RECENT = 4  # proxies that are likely to be in use: the latest, which join no batch before a collection

_size = _SHORT  # proxies in a batch
_usual = 4 * _SHORT  # the same, of light objects
_weight = 0  # estimated bytes behind each proxy of the latest batch, or of those that join none
_many = _fresh = 0  # proxies made since the last sweep; estimated bytes behind them
_young = 0  # the same, without what has been freed, or has outlived a collection
_outlived = 0  # the same, of what has, since a full collection began
_has_begun = False  # whether one is going on
_ends = 0  # how many have ended since then, as the collector says
_alone = 0  # proxies that have joined no batch since the last sweep
_apart = False  # whether that is because each of them is heavy
_weight_apart = 0  # estimated bytes behind these, since the last sweep
_unweighed = 0  # of these, since the latest that was weighed
_seed = 1
_stretch = _STRETCH  # proxies before the next look
_looks = 0  # since the latest sweep
_looked = 0.0  # when there was the latest
_next = 0.0  # when it may be late
_began = 0.0  # when the latest collection that was asked for began
_rested = 0.0  # when there may be one because of the time alone
_is_slow = False  # whether the proxies before that took long
_is_late = False  # whether there has to be a collection


def collected():
    """Has the host's collector look at what is young, if it is time: says whether there was a minor
    collection."""
    global _began
    _began = perf_counter()
    if not is_time():
        return False
    if collect_young():
        return True
    if _young > _YOUNG or _is_late:
        _step()
        return True
    return False


def rest():
    """What has died in it is free.  Where code is slow, and makes few proxies, collections must not be what it
    does for most of the time."""
    global _rested
    now = perf_counter()
    _rested = now + _REST * (now - _began)


def made(count, weight):
    """So many proxies are in a batch that is closed, with so many bytes behind each."""
    global _many, _fresh, _young, _weight
    _many += count
    _fresh += weight * count
    _young += weight * count
    _weight = weight


def made_alone():
    """One has joined no batch; says whether it is to be weighed."""
    global _alone, _many, _fresh, _young, _weight_apart, _unweighed
    _alone += 1
    if not _apart:
        return False
    _many += 1
    _fresh += _weight
    _young += _weight
    _weight_apart += _weight
    _unweighed = (_unweighed + 1) % _SAMPLE
    return not _unweighed


def weighed(weight):
    """So much is behind one of those that join no batch."""
    global _weight, _apart
    _weight = (3 * _weight + weight) // 4
    _apart = _weight > _HEAVY


def is_time():
    """Whether there is to be a minor collection."""
    return _many > _MANY or _young > _YOUNG or _fresh > _CACHES and _many > _SOME or _is_late


def is_worth_a_look():
    """Whether what a minor collection that came by itself may have ended is worth to be looked for: there is
    one every few hundred proxies where PyPy's nursery is small."""
    return _many > _SOME_HUNDREDS or _fresh > _TOGETHER


def waits():
    """Whether more proxies are to join no batch: until there is a collection, as they are heavy; or a few
    before it, as what is in use would hold all of its batch, and that would then take a full collection."""
    return _alone < _RECENT if is_time() else _apart


def room():
    """How many may join the next batch, if they are as heavy as those before; 0 where there is to be none."""
    global _size, _apart
    _apart = _weight > _HEAVY
    if _apart:
        return 0
    _size = min(_usual, 2 * _size)
    if _weight * _size > _TOGETHER:
        _size = max(1, _TOGETHER // _weight)
    return _size + _jitter() % min(_JITTER, _size)


def look(weighs):
    """How many proxies join a batch before the next look at the time, which memory takes to be filled;
    0 where it has to be looked at more closely."""
    global _looked, _stretch, _looks, _is_slow
    now = perf_counter()
    took, _looked = now - _looked, now
    _looks += 1
    if took > max(_QUICK, _EACH * _stretch):
        _is_slow, _stretch = True, 1
        return 0
    _stretch = min(_STRETCH, 2 * _stretch)
    return 0 if now > _next or weighs and not _looks & (15 if took < _INSTANT else 3) else _stretch


def is_full():
    """Whether no more is to join a batch, because of the time; notes whether there has to be a
    collection."""
    global _is_late, _is_slow, _next
    if _looked > _next:
        _is_late = _many >= _ENOUGH and _looked > _rested or _resident.has_grown()
        _next = _looked + _SOON
    was_slow, _is_slow = _is_slow, False
    return was_slow or _is_late


def stretch():
    """How many proxies join a batch before the next look."""
    return _stretch


def _jitter():
    """At random, so as not to keep step with a loop of light and heavy objects."""
    global _seed
    _seed = (_seed * 1103515245 + 12345) & 0x7FFFFFFF
    return _seed >> 16


def outlived_alone(weight):
    """Proxies that have joined no batch have outlived a collection: so much is behind them."""
    global _outlived
    _outlived += weight


def swept(freed, outlived):
    """A sweep has freed what weighs so much, and taken out of their batches what weighs so much."""
    global _many, _fresh, _young, _outlived, _alone, _weight_apart, _next, _looks, _is_late
    _next, _looks, _is_late = _looked + _LONG_AGO, 0, False
    _young = max(0, _young - freed - outlived - _weight_apart)
    _outlived += outlived
    _many = _fresh = _alone = _weight_apart = 0


def adapt(alive, dead):
    """So many batches were held by some of their proxies, and so many were not."""
    global _usual
    # In each of these, what is garbage goes on to live with what is in use.
    many_alive = _FEW * alive > dead
    least = _FAIR if 0 < _weight <= _LIGHT else _SHORT
    _usual = max(least, _usual // 2) if many_alive else min(_LONG, 2 * _usual)


def is_many(count):
    """Whether a batch with so many is to be counted by `adapt`."""
    return count > _SHORT


def is_time_for_all():
    """Whether a full collection is to begin, or to go on."""
    _resident.look()
    return _has_begun or _outlived >= _OLD or _resident.is_much()


def is_going_on():
    """Whether one has begun."""
    return _has_begun


def collect_all():
    """Begins one, or goes on with it; says whether it has ended."""
    global _outlived, _has_begun, _ends
    if not _has_begun:
        _resident.begin()
        add_memory_pressure(_outlived)
        _outlived, _has_begun, _ends = 0, True, 0
    till = thread_time() + _SLICE
    while _has_begun and thread_time() < till:
        _ends += _step()
        if _ends > 1:
            _has_begun = False  # nobody has told: where the stack ends, a finaliser has no room
    return not _has_begun


def ended():
    """A full collection has ended."""
    global _outlived, _has_begun
    if not _has_begun:
        _outlived = 0
    _has_begun = False


def _step():
    """Has the collector do a part of a full collection; says whether it was the last."""
    return gc.collect_step().major_is_done


variables(globals(), "_size _usual _many _fresh _young _outlived _has_begun _ends _alone _apart _weight_apart _unweighed _seed")
variables(globals(), "_weight _stretch _looks _looked _next _began _rested _is_slow _is_late")
