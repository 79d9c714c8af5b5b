"""Lists, dicts and sets among the arguments of a call: what the call changes in Python's copy is
changed in the host's, too.

`rng.shuffle(names)` and `minimize(f, x0, args=(log,))` are what they are in Python because of it.
libemb tells which containers are not what they were.  What was in one before, and is still,
is the host's own object then, not a copy of it.
"""

from . import _convert, _object
from ._convert import NONE, OBJECT
from ._there import python


def refresh(watched):
    """After a call: `watched` holds what `pack` has noted of each container."""
    for container, words, at in watched:
        if words[at] & 0xFFFFFFFF == OBJECT:
            words[at] = NONE
            _change(container, _object.wrap(words[at + 1]))


def _change(container, pair):
    kind = type(container)
    old = _convert.flat(container) if kind is dict else list(container)
    count, moves = python("moves")(pair)
    # Where the host has changed it meanwhile, its items are no longer those that were passed.
    known = len(old) == count
    new = [old[place] if place >= 0 and known else value for place, value in moves]
    if kind is list:
        container[:] = new
        return
    container.clear()
    if kind is set:
        container.update(new)
    else:
        container.update(zip(new[::2], new[1::2]))


_convert.refresh = refresh
