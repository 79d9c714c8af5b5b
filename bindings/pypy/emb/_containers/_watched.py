"""Lists, dicts and sets among the arguments of a call: what the call changes in Python's copy is
changed in the host's, too.

`rng.shuffle(names)` and `minimize(f, x0, args=(log,))` are what they are in Python because of it.
libemb tells which containers are not what they were.  What was in one before, and is still,
is the host's own object then, not a copy of it.

Where Python passes one of them to a function of the host in the middle of the call, that gets the
host's own; from then on both have the same items (see _kept_items).
"""

from _thread import get_ident

from .._abi import _calls, _convert, _crossings
from .._abi._error import failure
from .._abi._kinds import NONE, OBJECT, SHARED, WATCHED
from .._abi._library import functions
from .._abi._memory import calls_with_containers, give, not_called_yet, take_in_between
from .._callables import _callbacks
from .._garbage._collector import untraced
from .._interpreter._code import Borrowed, find
from .._interpreter._there import python
from .._proxies import _arrivals, _object
from . import _kept_items, _shared_entries
from ._merging import are_same, fill, items_of, merge, moved
from ._turns import alone, is_at_it

_emb_call_watched = functions.emb_call_watched
_emb_call_unwatch = functions.emb_call_unwatch
_FEW = 16
_TRIES = 100  # where this thread may have been told to keep Python's lock


class Argument:
    """One that a call may change."""

    __slots__ = ()
    container = None  # of the host's, which it is, or stands for

    def is_untouched(self):
        """Whether nothing is to be done after the call."""
        return False

    def called(self):
        """The call calls the host, for the first time."""

    def is_kept(self):
        """Whether libemb says, after the call, that Python has kept it."""
        return False

    def refresh(self, watched):
        """After the call, which was passed all of `watched`."""

    def is_for(self, _result):
        """Whether its result is Python's for a container of the host's."""
        return False


class Watched(Argument):
    """A container whose two values, of which the second is for libemb's answer, are at an address."""

    __slots__ = ("container", "_words", "_at", "address", "before")

    def __init__(self, container, words, at, address):
        self.container, self._words, self._at, self.address = container, words, at, address
        self.before = None  # what was in it, where the host may have changed it since

    def pack(self, words, at):
        """Writes it a second time."""
        words[at], words[at + 1] = WATCHED | 1 << 32, self.address

    def is_untouched(self):
        return self._words[self._at] & 0xFFFFFFFF == NONE

    def called(self):
        self.before = items_of(self.container)

    def is_kept(self):
        return self._words[self._at] & 0xFFFFFFFF == SHARED

    def refresh(self, watched):
        if self._words[self._at] & 0xFFFFFFFF == OBJECT:
            told = self.told()
            try:
                self.change(told, watched)
            finally:
                _object.release(told)

    def told(self):
        """What libemb tells, to be released at once: or Python seems to hold it."""
        self._words[self._at] = NONE
        return _object.wrap(self._words[self._at + 1])

    def share(self):
        """From now on Python's is the host's own; the containers in it."""
        told = self.told()
        try:
            before = items_of(self.container) if self.before is None else self.before
            return _kept_items.share_with(self.container, told, before)
        finally:
            _object.release(told)

    def change(self, told, watched):
        container, before, now = self.container, self.before, items_of(self.container)
        count, moves = python("moves")(told)
        if moves[0] == tuple(range(count)):
            return  # Python has not changed it
        new = moved(now if before is None else before, count, moves, own_in(watched))
        if before is None or are_same(now, before):
            fill(container, new)
        else:
            merge(container, before, new)


class Shared(Argument):
    """What both have had the same items of since the middle of the call."""

    __slots__ = ("container",)

    def __init__(self, container):
        self.container = container

    def refresh(self, watched):
        _kept_items.stay(self.container)


def _watch(frame, container, words, at, address):
    frame.watch(Watched(container, words, at, address))


def _pack_again(frame, words, at, container):
    """Of the first few, for there may be thousands."""
    for one in frame.watched[:_FEW]:
        if one.container is container:
            one.pack(words, at)
            return True
    return False


def _called():
    """Python calls the host: what containers among the arguments of calls are from now on may be its doing."""
    while not_called_yet:
        try:
            _address, frame = not_called_yet.popitem()
        except KeyError:  # another thread's
            return
        for one in frame.watched[:]:
            one.called()


def refresh(watched, result):
    """After a call: what it may have changed.  What its result is in the host."""
    kept = [one for one in watched if one.is_kept()]
    if kept:
        untraced(_keep, kept, watched)  # first: they may be in others now
    for one in watched:
        one.refresh(watched)
    return _own(watched, result)


def _keep(kept, watched):
    told = [one.told() for one in kept]
    try:
        several = [(one.container, each, one.before) for one, each in zip(kept, told)]
        done = _kept_items.adopt(several, own_in(watched))
        for one, each in zip(kept, told):
            if id(one.container) not in done:
                one.change(each, watched)
    finally:
        for each in told:
            _object.release(each)


def _own(watched, value):
    """The host's, of Python's container."""
    if type(value) is tuple:
        return tuple([_own(watched, one) for one in value])
    if id(value) in _arrivals.owners:
        return _arrivals.owner_of(value)
    return _of_them(watched, value)


def _of_them(watched, value):
    for one in watched:
        if one.is_for(value):
            return one.container
    return value


def own_in(watched):
    """The same of what is in a container, as a function."""

    def own(value):
        if type(value) is tuple:
            return tuple([own(one) for one in value])
        return _shared_entries.own_of(_of_them(watched, value))

    return own


def arrived(proxy):
    """The host's container, where Python's is what a call in progress of this thread has made of one."""
    if is_at_it():
        return proxy
    address = _place_of(proxy)
    if not address:
        return proxy
    shared = untraced(_shared, address)
    return proxy if shared is False else shared[0]


def _place_of(proxy):
    """Where the two values are that it was made of; 0 for others."""
    frame = take_in_between()
    try:
        status = _emb_call_watched(proxy._emb_handle, frame.address)
        if status:
            raise failure(status)
        return frame.words[0]
    finally:
        give(frame)  # as it was


def _shared(address):
    return alone(_share, address, tries=_TRIES)


def _share(address):
    """That one, and all that are in it: else what either side does to those is not seen by the other.
    What another call has a copy of that is shared already, stays one."""
    first = None
    left = [address]
    while left:
        address = left.pop()
        watched, at = _watched_at(address)
        if watched is None or not _kept_items.has_room() or _kept_items.is_shared(watched[at].container):
            continue
        status = _emb_call_unwatch(address)
        if status:
            raise failure(status)
        one = watched[at]
        watched[at] = Shared(one.container)
        inner = one.share()
        first = first or (one.container,)
        left += filter(None, map(_place_of, inner))
    return first or False


def _watched_at(address):
    for frame in list(calls_with_containers.values())[::-1]:
        for at, one in enumerate(frame.watched):
            if type(one) is Watched and one.address == address:
                return frame.watched, at
    return None, 0


def _assign(how, handle, key, value):
    _kept_items.assigning.append(get_ident())
    try:
        _calls.call(find(how)._emb_handle, (Borrowed(handle), key, value), None)
    finally:
        _kept_items.assigning.remove(get_ident())


_crossings.assign_watching = _assign
_calls.refresh = refresh
_convert.watch, _convert.pack_again = _watch, _pack_again
_callbacks.containers_called = lambda: is_at_it() or untraced(_called)
_arrivals.arrived = arrived
