"""Lists, dicts and sets that Python reads from attributes of the host's objects; and the containers of
`collections` wherever they are passed.

Python gets a copy, the same one each time.  Until the call of Python's in which it was read is over,
or Python has let go of it, both have the same items: what Python has changed is changed in the host's
whenever the host goes on, and what a function of the host changes, in Python's when it returns.
"""

import collections
import threading
from _thread import get_ident

from . import _callbacks, _memory
from ._code import Part
from ._collector import untraced
from ._convert import Unconvertible
from ._lifetime import lasting
from ._merging import are_same, fill, items_of, merge
from ._session import after_shutdown
from ._there import python
from ._undisturbed import Undisturbed

_LOOKED_THROUGH = 64  # items, each time; of longer ones only the length, as long as Python has them
# Unchanged so many times, one of more than a few is not looked at again until the call is over, or Python
# reads it again.
_TIMES, _FEW = 100, 64
_RESTING_TOGETHER = 1000
# How many containers that a call has kept are looked at after others, and after how many without a change.
_KEPT, _KEPT_FOR = 8, 1000
_DEEPEST = 100  # levels of containers in containers

_SOURCE = '''
import operator
import sys

# Number -> container, what was in it when both sides had the same, how often it has been found to be that.
shared = {}
resting = {}  # the same, of those that Python holds on to and has not changed for long
limit = RESTING  # how many of these there may be until they are looked at
kept = {}  # numbers of those that the host has passed to a call, which has kept them

def flat(container):
    if isinstance(container, dict):
        return [one for pair in container.items() for one in pair]
    return list(container)

def fill(number, container, items):
    if isinstance(container, list):
        container[:] = items
    elif isinstance(container, dict):
        container.clear()
        for at in range(0, len(items), 2):
            container[items[at]] = items[at + 1]
    else:
        container.clear()
        (container.update if isinstance(container, set) else container.extend)(items)
    # Of a set in the order that the host knows.
    shared[number] = container, items if isinstance(container, set) else flat(container), 0
    return container

def differs(before, container):
    if len(container) * (2 if isinstance(container, dict) else 1) != len(before):
        return True
    if isinstance(container, set):
        return not set(map(id, container)).issuperset(map(id, before))
    return not all(map(operator.is_, before, flat(container)))

def wake(number):
    "Looks at one that rests again; its items, if they have changed."
    container, before, _ = resting.pop(number)
    now = flat(container) if differs(before, container) else before
    shared[number] = container, now, 0
    return None if now is before else moves((before, now))[1]

def references():
    "How many there are where nobody else has the container: this version of Python's, and the host's."
    for _, (container, _, _) in list({0: ([], (), 0)}.items()):
        return sys.getrefcount(container) + 1

REFERENCES = references()

def keep(number, container, references):
    "After a call that an empty container was passed to: its items; and whether somebody keeps it."
    if sys.getrefcount(container) <= references:
        return tuple(flat(container)), False
    shared[number] = container, flat(container), 0
    kept[number] = None
    if len(kept) > KEPT:
        del kept[next(iter(kept))]
    return tuple(flat(container)), True

def is_left_alone(number, container, references):
    return not container and sys.getrefcount(container) <= references

def count(number, container, references):
    return sys.getrefcount(container)

def changes(is_over, on_the_way):
    "The numbers of those that Python has no more; of those that rest; numbers and items of the changed."
    global limit
    gone, idle, changed = [], [], []
    if is_over or len(resting) > limit:
        shared.update(resting)
        resting.clear()
    for number, (container, before, times) in list(shared.items()):
        goes_on = not is_over or number in kept and times < KEPT_FOR
        is_held = number in on_the_way or goes_on and sys.getrefcount(container) > REFERENCES
        is_long = len(container) > LOOKED_THROUGH and len(container) in (len(before), len(before) / 2)
        if not (is_held and is_long) and differs(before, container):
            now = flat(container)
            changed.append((number, moves((before, now))[1]))
            before, times = now, 0
        if not is_held:
            gone.append(number)
            del shared[number]
            kept.pop(number, None)
        elif times < TIMES or len(shared) <= FEW:
            shared[number] = container, before, times + 1
        else:
            idle.append(number)
            resting[number] = shared.pop(number)
    limit = max(RESTING, 2 * len(resting))
    return tuple(gone), tuple(idle), tuple(changed)
'''


_python = Part(
    _SOURCE,
    lambda: {
        "moves": python("moves"),
        "LOOKED_THROUGH": _LOOKED_THROUGH,
        "TIMES": _TIMES,
        "FEW": _FEW,
        "RESTING": _RESTING_TOGETHER,
        "KEPT": _KEPT,
        "KEPT_FOR": _KEPT_FOR,
    },
)

_EMPTY = {
    list: lambda _: [],
    dict: lambda _: {},
    set: lambda _: set(),
    collections.deque: lambda one: collections.deque(maxlen=one.maxlen),
    collections.defaultdict: lambda one: collections.defaultdict(one.default_factory),
    collections.OrderedDict: lambda _: collections.OrderedDict(),
    collections.Counter: lambda _: collections.Counter(),
}
_entries = _memory.shared_items  # id() of a container -> its entry
_resting = {}  # the same, of those that are not looked at each time
_working = threading.Lock()  # held by who changes the entries
_at_it = []  # its thread
_on_the_way = {}  # thread -> numbers of what is to be a result, and no one in Python has yet
_SHORT = 0.01  # seconds that a try to be may last


class _Entry:
    """A container of the host, the proxy of Python's, and what was in both."""

    __slots__ = ("container", "proxy", "items")

    def __init__(self, container):
        self.container, self.proxy, self.items = container, None, ()

    def give(self, items, depth=0):
        """Gives Python's the items of the host's."""
        simple = [_shared(one, depth + 1) for one in items]
        empty = _EMPTY[type(self.container)]
        there = empty(self.container) if self.proxy is None else self.proxy
        self.proxy = _python("fill")(id(self.container), there, simple)
        self.items = items

    def take(self, moves):
        """Gives the host's the items of Python's: where each was, or -1, and itself."""
        before, self.items = self.items, [self.items[at] if at >= 0 else value for at, value in moves]
        if are_same(items_of(self.container), before):
            fill(self.container, self.items)
        else:
            merge(self.container, before, self.items)
            _tell(self)


def shared(value):
    """What Python is given for the value of an attribute, or a container of `collections`."""
    kind = type(value)
    if kind not in _EMPTY and kind is not tuple:
        return value
    if is_at_it():
        return untraced(_shared, value)
    value = untraced(_alone, _share, value)
    if _entries:
        _memory.look_after_calls(_callbacks.is_foreign())
    return value


def _share(value):
    value = _shared(value)
    _on_the_way.setdefault(get_ident(), set()).update(_entries)
    return value


def is_at_it():
    """Whether this very thread is: what it passes to Python may call the host."""
    return get_ident() in _at_it


def _alone(work, *args, tries=-1):
    """What one thread at a time does.  It takes no more of Python's lock than its calls do, so that
    others wait for it; one that keeps that lock must not, for ever."""
    while True:
        with Undisturbed(_working, _SHORT) as alone:
            if alone:
                _at_it.append(get_ident())
                try:
                    return work(*args)
                finally:
                    _at_it.pop()
        tries -= 1
        if not tries:
            return False


@lasting
def _shared(value, depth=0):
    kind = type(value)
    if kind is tuple and depth < _DEEPEST:
        return tuple([_shared(one, depth + 1) for one in value])
    if kind not in _EMPTY or depth >= _DEEPEST:
        return value
    entry = _entries.get(id(value)) or _woken(id(value))
    if entry is None:
        entry = _Entry(value)
        entry.give(items_of(value), depth)
        _entries[id(value)] = entry
    else:
        _tell(entry)
    return entry.proxy


def _woken(number):
    entry = _resting.pop(number, None)
    if entry is not None:
        _entries[number] = entry
        moves = _python("wake")(number)
        if moves is not None:
            entry.take(moves)
    return entry


def called():
    """Python has called a function of the host."""
    if not is_at_it():
        untraced(_alone, _take_all)


def came_back():
    """A call of Python's has ended.  Whether all has been done that there was to do."""
    return not is_at_it() and untraced(_came_back)


def _came_back():
    _on_the_way.pop(get_ident(), None)
    # Once: this thread may have Python's lock, and looks again after its next call.
    return _alone(_take_all, tries=1)


def goes_on():
    """A function of the host has ended, and Python goes on."""
    if not is_at_it():
        untraced(_alone, _tell_all)
        _on_the_way.pop(get_ident(), None)


def _take_all():
    on_the_way = frozenset().union(*list(_on_the_way.values()))
    is_over = not _memory.looks_after_calls()
    gone, idle, changed = _python("changes")(is_over, on_the_way)
    for number, moves in changed:
        (_entries.get(number) or _resting[number]).take(moves)
    for number in gone:
        _entries.pop(number, None) or _resting.pop(number)
    for number in idle:
        if number in _entries:
            _resting[number] = _entries.pop(number)
    return not (is_over and _entries)  # what calls have kept is looked at after the next


def keep(container, proxy, references):
    """After a call that an empty container was passed to, as a proxy: takes what is in it now, and goes
    on to do so if somebody in Python keeps it."""
    if not _python("is_left_alone")(0, proxy, references):
        _alone(_keep, container, proxy, references)


@lasting
def _keep(container, proxy, references):
    items, is_kept = _python("keep")(id(container), proxy, references)
    if items:
        fill(container, items)
    if is_kept:
        entry = _entries[id(container)] = _Entry(container)
        entry.proxy, entry.items = proxy, list(items)
        _memory.look_after_calls(False)


def references(proxy):
    """How many there are in `keep` of a container that nobody has kept."""
    return _python("count")(0, proxy, 0)


def passed(container):
    """The proxy of Python's, with the same items, for one that Python has; None for others."""
    if id(container) not in _entries or is_at_it():
        return None
    return untraced(_alone, _passed, container)


def _passed(container):
    entry = _entries.get(id(container))
    if entry is None:
        return None
    _tell(entry)
    return entry.proxy


def _tell_all():
    for entry in list(_entries.values()):
        try:
            _tell(entry)
        except (Unconvertible, ValueError):
            pass  # Python cannot have what is in it now, and will be told so when it reads it again


def _tell(entry):
    if len(entry.items) > _LOOKED_THROUGH and len(entry.container) in (len(entry.items), len(entry.items) / 2):
        return
    now = items_of(entry.container)
    if not are_same(now, entry.items):
        entry.give(now)


_memory.came_back = came_back
_callbacks.items_called, _callbacks.items_go_on = called, goes_on
after_shutdown(_entries.clear)
after_shutdown(_resting.clear)
