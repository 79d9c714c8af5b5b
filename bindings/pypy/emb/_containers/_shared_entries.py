"""Containers of the host that Python has too: what is in both, and how either gets what the other has
(see _shared_items)."""

import collections

from .._abi._arguments import pack_arguments
from .._abi._crossings import FORM
from .._abi._error import failure
from .._abi._library import functions
from .._abi._memory import finish, give, shared_items, take_in_between
from .._abi._reading import read
from .._garbage._collector import untraced
from .._proxies._arrivals import owners
from .._proxies._handle import Handle
from ._merging import are_same, fill, items_of, merge, moved
from ._shared_there import LOOKED_THROUGH, python

_emb_call = functions.emb_call

DEEPEST = 100  # levels of containers in containers

EMPTY = {
    list: lambda _: [],
    dict: lambda _: {},
    set: lambda _: set(),
    collections.deque: lambda one: collections.deque(maxlen=one.maxlen),
    collections.defaultdict: lambda one: collections.defaultdict(one.default_factory),
    collections.OrderedDict: lambda _: collections.OrderedDict(),
    collections.Counter: lambda _: collections.Counter(),
}

# Set by _shared_items: (value, depth, whether Python keeps what it is in) -> what Python is given for it
shared: object


class Entry:
    """A container of the host, the proxy of Python's, and what was in both."""

    __slots__ = ("container", "proxy", "items", "is_owned")

    def __init__(self, container):
        self.container, self.proxy, self.items = container, None, ()
        self.is_owned = False  # whether it is one that a call has kept, and what is in it with it

    def give(self, items, depth=0, is_owned=None):
        """Gives Python's the items of the host's."""
        is_owned = self.is_owned if is_owned is None else is_owned
        simple = [shared(one, depth + 1, is_owned) for one in items]
        if self.proxy is None:
            empty = EMPTY[type(self.container)]
            self.proxy = ask("fill", id(self.container), empty(self.container), simple)
        else:  # it stays the one by whose id() the container is found, see owners
            ask("fill", id(self.container), self.proxy, simple)
        self.items = items

    def extend(self, items):
        """Gives Python's list those at the end of it that it has not got."""
        more = [shared(one, 1, self.is_owned) for one in items[len(self.items) :]]
        ask("extend", id(self.container), self.proxy, more)
        self.items = items

    def agree(self, count, changed, own=None):
        """For the first time: Python's had `count` items, of which has become what `changed` says, or None.
        Another thread of the host may have changed its own meanwhile."""
        if changed is not None:
            self.take(*changed, own)
        elif len(self.items) != count:
            self.give(items_of(self.container))

    def take(self, count, moves, own=None):
        """Gives the host's the items of Python's: of these, where each was among `count`, or -1, and itself, of
        which `own` makes the host's."""
        before, self.items = self.items, moved(self.items, count, moves, own or own_of)
        if are_same(items_of(self.container), before):
            fill(self.container, self.items)
        else:
            merge(self.container, before, self.items)
            tell(self)


def own_of(value):
    """The host's container, where a value that is new in another one is Python's with the same items."""
    if type(value) is tuple:
        return tuple([own_of(one) for one in value])
    if not issubclass(type(value), Handle):
        return value
    entry = owners.get(id(value)) or next((one for one in list(shared_items.values()) if one.proxy is value), None)
    return value if entry is None else entry.container


def ask(name, *args):
    """Calls Python in pieces that a JIT does not look into from here: in all of it together it would find
    more than it can follow, and give up for good on what all calls have in common."""
    frame = take_in_between()
    try:
        address = untraced(pack_arguments, frame, args)
        status = untraced(_emb_call, python(name)._emb_handle, address, len(args), 0, 0, FORM, frame.address)
        if status:
            raise failure(status)
        return untraced(read, frame.words, frame.reals)
    finally:
        if frame.busy:
            untraced(finish, frame)
        give(frame)


def is_told(entry):
    """Whether Python's has the items of the host's."""
    items, container = entry.items, entry.container
    if len(items) > LOOKED_THROUGH and len(container) in (len(items), len(items) / 2):
        return True
    return are_same(container if type(container) is list else items_of(container), items)


def tell(entry):
    """Gives Python's the items of the host's where they are others by now."""
    if not is_told(entry):
        now, count = items_of(entry.container), len(entry.items)
        if type(entry.container) is list and count < len(now) and are_same(now[:count], entry.items):
            entry.extend(now)
        else:
            entry.give(now)
