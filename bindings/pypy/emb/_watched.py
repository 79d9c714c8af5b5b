"""Lists, dicts and sets among the arguments of a call: what the call changes in Python's copy is
changed in the host's, too.

`rng.shuffle(names)` and `minimize(f, x0, args=(log,))` are what they are in Python because of it.
libemb tells which containers are not what they were.  What was in one before, and is still,
is the host's own object then, not a copy of it.
"""

from _thread import get_ident

from . import _calls, _crossings, _object, _shared_items
from ._code import Borrowed, find
from ._collector import untraced
from ._convert import flat
from ._kinds import NONE, OBJECT, SHARED
from ._there import python

ALWAYS = (OBJECT,)  # in the place of words: what stands for a container has a method `refresh`


def refresh(watched):
    """After a call: `watched` holds what `pack` has noted of each container."""
    for container, words, at in watched:
        if words is ALWAYS:
            container.refresh()
        elif words[at] & 0xFFFFFFFF == OBJECT:
            words[at] = NONE
            _change(container, _object.wrap(words[at + 1]))
        elif words[at] & 0xFFFFFFFF == SHARED:
            words[at] = NONE
            untraced(_keep, container, _object.wrap(words[at + 1]))


def _keep(container, told):
    if not _shared_items.adopt(container, told) and len(told) > 1:
        _change(container, told[:2])


def _change(container, pair):
    replace(container, type(container), items_of(container), python("moves")(pair))


def items_of(container):
    """What is in a list, a set or a dict, keys and values one after the other."""
    if isinstance(container, dict):
        return flat(dict.items(container))
    base = list if isinstance(container, list) else set
    return list(base.__iter__(container))


def replace(container, base, old, moves):
    """Gives a container the items that Python's has; `old` are those that were passed."""
    count, moves = moves
    # Where the host has changed it meanwhile, its items are no longer those that were passed.
    known = len(old) == count
    new = [old[place] if place >= 0 and known else value for place, value in moves]
    if base is list:
        list.__setitem__(container, slice(None), new)
        return
    base.clear(container)
    base.update(container, new if base is set else zip(new[::2], new[1::2]))


def _assign(how, handle, key, value):
    _shared_items.assigning.append(get_ident())
    try:
        _calls.call(find(how)._emb_handle, (Borrowed(handle), key, value), None)
    finally:
        _shared_items.assigning.remove(get_ident())


_crossings.assign_watching = _assign
_calls.refresh = refresh
