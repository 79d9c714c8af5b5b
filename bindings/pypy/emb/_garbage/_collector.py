"""What the host's collector and its JIT are told, and asked."""

import gc

try:
    from __pypy__ import add_memory_pressure, newlist_hint
except ImportError:

    def newlist_hint(_size):
        """A list that is to have so many items: others have to grow it."""
        return []

    def add_memory_pressure(_nbytes):
        """Other collectors cannot be told."""


def unused():
    """How many bytes PyPy's collector has of which nothing makes use; 0 where nobody tells."""
    try:
        told = gc.get_stats()._s
        return told.total_allocated_memory - told.total_gc_memory
    except (AttributeError, TypeError):
        return 0


try:
    from pypyjit import residual_call as untraced
    from pypyjit import set_param

    # With each minor collection PyPy's JIT forgets a part of what it has counted, and never compiles what it
    # counts too seldom.  It is made for a collection every few megabytes; here there are many more.
    set_param("decay=0")
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
