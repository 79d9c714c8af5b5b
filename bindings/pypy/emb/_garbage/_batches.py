"""The batches in which proxies are bundled (see _lifetime), and the handles of each.

The handles stand in memory that the host's collector does not look at, and from which libemb
releases them.  It is there already: a row is taken for a batch, and used again when all of that
are dead.
"""

import array

from .._abi._library import backend, functions
from ._collector import newlist_hint, untraced

ROOM = 1024  # handles in a row
_ROWS = 8  # that are made at a time

_spare = []  # rows that no batch uses
_free_many = functions.emb_object_free_many

if backend.name == "cffi":
    # All memory, in words: what is written here is one store to a JIT, which would look at the type
    # of a row's own words first, and at how many there are.
    _memory = backend.items(8, "int64_t")

    def put(batch, place, handle):
        _memory[batch.first + place] = handle

else:

    def put(batch, place, handle):
        batch.row.words[place] = handle


class Row:
    """The handles of a batch, those of its dead proxies too."""

    __slots__ = ("words", "address", "first", "reference", "places", "weight")

    def __init__(self, words, address):
        self.words, self.address = words, address
        self.first = address // 8 - 1  # the place of the first in `_memory`
        self.reference = None  # weak, to the batch
        self.places = None  # the batch's
        self.weight = 0  # about how many bytes are behind its proxies

    def used(self):
        """How many places were given out; at some there may be nothing."""
        return ROOM - self.places.__length_hint__()

    def clear(self, released):
        """Frees the handles but those in the set `released`, and takes them out of there."""
        count = self.used()
        if released:
            # A second release would do no harm but leave an error, in the middle of other calls.
            released.difference_update(self.cross_out(released))
        _free_many(self.address, count)
        self.leave(count)

    def leave(self, count):
        """Nobody uses it any more."""
        # Where a thread is stopped before it has written a handle, there is none.
        words, place = self.words, 0
        while place < count:
            words[place] = 0
            place += 1
        self.reference, self.places, self.weight = None, None, 0
        _spare.append(self)

    def cross_out(self, handles):
        """Those that are in the set `handles` are nobody's any more; gives a list of them."""
        words, found = self.words, []
        for place in range(self.used()):
            if words[place] in handles:
                found.append(words[place])
                words[place] = 0
        return found


class Batch:
    """Proxies that were made one after the other, at most `size`."""

    __slots__ = ("proxies", "first", "places", "row", "noted", "__weakref__")

    def __init__(self, size):
        row = None
        try:
            row = _spare.pop()
        except IndexError:
            pass  # and no more: a call may find the stack's end, which PyPy cannot tell from in here
        if row is None:
            row = untraced(_more)
        self.proxies = newlist_hint(size)  # their order is not that of their handles
        self.noted = 0  # of so many libemb has been told, see _notes
        self.row, self.first = row, row.first
        # One after the other, also for threads that do not wait for each other.
        self.places = row.places = iter(range(ROOM))


def closed_batch():
    """One that no proxy joins."""
    batch = Batch(0)
    batch.places, batch.noted = iter(range(0)), ROOM
    return batch


def _more():
    for _ in range(_ROWS):
        _owner, words, _reals, address = backend.block(ROOM // 2)
        _spare.append(Row(words, address))
    return _spare.pop()


def free(handles, released):
    """Frees handles but those in the set `released`, and takes them out of there."""
    twice = released.intersection(handles)
    if twice:
        released.difference_update(twice)
        handles = [one for one in handles if one not in twice]
    data = array.array("q", handles)
    _free_many(data.buffer_info()[0], len(data))
