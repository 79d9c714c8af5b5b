"""Minor collections of PyPy that are brought about, and seen.

PyPy allocates in a nursery of a few megabytes, and when that is full a minor collection copies
what is alive out of it.  Proxies are small, so that thousands of them fit, each with an object
of Python behind it, which by then has left the caches of the processor; and where these are
large, the nursery has half their size, which may be a hundred megabytes.  So a collection is brought
about before that: whenever PyPy is told of so much memory outside that a full one is due, it sees to
it that there is no room in the nursery; and what it is told can be taken back before it acts.  That
takes a microsecond, and `gc` has nothing for it but what does more.
"""

import gc
import weakref

from ._collector import add_memory_pressure, untraced, variables

# Bytes of pressure, more than any machine has, and what takes them away again: each call adds 16.
_ALL = 1 << 46
_NONE = -_ALL - 32
_TRIES = 3

_failures = 0  # to have a minor collection, in a row


class _Witness:
    """Dies in the next minor collection."""

    __slots__ = ("__weakref__",)


def witness():
    """What `is_dead` says of that there was a minor collection since then."""
    return untraced(_new_witness)  # of which nothing is left, as would be in the memory of a trace


def _new_witness():
    return weakref.ref(_Witness())


def is_dead(reference):
    """Whether the object is.  PyPy's JIT must not have that at hand, even to compare it with None: where a
    trace is left at such a place, what it had at hand lives on until the functions in it have ended."""
    return untraced(_refers_to_nothing, reference)


def _refers_to_nothing(reference):
    return reference() is None


def collect_young():
    """A minor collection, if it can be had alone; says whether there was one."""
    global _failures
    if _failures >= _TRIES:
        return False
    # Where a collection comes just when the witness is made, that survives it: then another tells.
    if _has_collected() or _has_collected():
        _failures = 0
        return True
    _failures += 1
    gc.collect()  # another thread's, just between two calls here, has counted what was pressure as room
    return False


def _has_collected():
    """Asks for a minor collection; says whether there was one."""
    alive = witness()
    # In a trace, memory may be taken between the two, and then there is a full collection.
    untraced(_leave_no_room)
    witness()  # takes memory
    return is_dead(alive)


def _leave_no_room():
    add_memory_pressure(_ALL)
    add_memory_pressure(_NONE)


variables(globals(), "_failures")
