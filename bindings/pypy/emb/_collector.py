"""What the host's collector is told, and asked for.

PyPy allocates in a nursery of a few megabytes, and when that is full a minor collection copies
what is alive out of it.  Proxies are small, so that thousands of them fit, each with an object
of Python behind it, which by then has left the caches of the processor.  So a collection is
brought about before that, by filling the nursery with memory that nobody looks at: it takes
two microseconds, and `gc` has nothing for it but what does more.
"""

import weakref

try:
    from __pypy__ import add_memory_pressure, newlist_hint
except ImportError:

    def newlist_hint(_size):
        """A list that is to have so many items: others have to grow it."""
        return []

    def add_memory_pressure(_nbytes):
        """Other collectors cannot be told."""


try:
    from pypyjit import residual_call as untraced
except ImportError:

    def untraced(function, *args):
        """Calls what is rare, or long, so that it does not become part of a JIT's traces.

        A trace has room for a few crossings.  Where one grows too long, PyPy never again follows
        calls of the function that the most of it came from, which would be one of those that all
        crossings share.
        """
        return function(*args)


def variables(namespace, names):
    """Makes globals of a module variables to PyPy's JIT, which takes what has been assigned once
    for a constant: with the second assignment, whenever that is, all traces that rest on it go."""
    for name in names.split():
        value = namespace[name]
        namespace[name] = value + 1 if type(value) is int else ()
        namespace[name] = value


# Words in a piece.  While the loop that takes them is interpreted, PyPy clears the memory, which takes
# ten times as long; of small pieces there are enough for the JIT to compile it soon.
_PIECE = 2000
_MOST = 1 << 14  # pieces: whoever has made the nursery larger than 256 MiB wants few collections
_TRIES = 3

_failures = 0  # to fill the nursery, in a row


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


def _refers_to_nothing(reference, _unused=None):
    return reference() is None


def collect_young():
    """A minor collection, if it can be had alone; says whether there was one."""
    global _failures
    if _failures >= _TRIES:
        return False
    # Where a collection comes just when the witness is made, that survives it: then another tells.
    if _fill_up() or _fill_up():
        _failures = 0
        return True
    _failures += 1
    return False


def _fill_up():
    """Fills the nursery; says whether that was seen to bring about a collection."""
    alive = witness()
    for _ in range(_MOST):
        # The piece goes along, or the JIT would see that it is for nothing.
        if untraced(_refers_to_nothing, alive, _piece()):
            return True
    return False


def _piece():
    """Memory that nobody keeps: of what a variable held, the next piece's collection would make a copy."""
    piece = newlist_hint(_PIECE)
    piece.append(0)  # memory is taken with the first item, and of numbers it is not looked at
    return piece


variables(globals(), "_failures")
