"""Lists, dicts and sets that Python reads from attributes of the host's objects; and the containers of
`collections` wherever they are passed.

Python gets a copy, the same one each time.  Until the call of Python's in which it was read is over,
or Python has let go of it, both have the same items: what Python has changed is changed in the host's
whenever the host goes on, and what a function of the host changes, in Python's when it returns.
"""

from _thread import get_ident

from . import _arrivals, _callbacks, _memory, _shared_entries, _turns
from ._arrivals import owners
from ._collector import untraced
from ._convert import Unconvertible
from ._lifetime import at_full_collections, collect, lasting
from ._merging import fill, items_of
from ._session import after_shutdown
from ._shared_entries import DEEPEST, EMPTY, Entry, ask, tell
from ._shared_there import LOOKED_THROUGH, python
from ._turns import alone, is_at_it
from ._unchanged import counted, in_hands, is_as_it_was_here, is_as_it_was_there, on_the_way, put_in_hands

_entries = _memory.shared_items  # id() of a container -> its entry
_resting = {}  # the same, of those that are not looked at each time
_known = _memory.kept_items  # the same, of those that calls have kept, and that are looked at when they are passed
_stale = []  # whether there was a full collection since it was asked what nobody has any more
assigning = []  # threads that assign what they pass: Python code has not got it yet
_MOST = 10000  # containers that calls have kept; others are copies
_SELDOM = 1000  # of these, at least, before there is another try to make room where that has been of no use
_copies = _wait = 0  # of these, since the last try; how many there are to be
_TOGETHER = 100  # containers that are looked at with the one that they are in
_MANY = 100  # tries, where this thread may have been told to keep Python's lock


def shared(value):
    """What Python is given for the value of an attribute, or a container of `collections`."""
    kind = type(value)
    if kind not in EMPTY and kind is not tuple:
        return value
    if is_at_it():
        return untraced(_shared, value)
    value = untraced(alone, _share, value)
    if _entries:
        _memory.look_after_calls(_callbacks.is_foreign())
    return value


def _share(value):
    value = _shared(value)
    on_the_way.setdefault(get_ident(), set()).update(_entries)
    return value


@lasting
def _shared(value, depth=0, is_owned=False):
    kind = type(value)
    if kind is tuple and depth < DEEPEST:
        return tuple([_shared(one, depth + 1, is_owned) for one in value])
    if kind not in EMPTY or depth >= DEEPEST:
        return value
    entry = _entries.get(id(value)) or _woken(id(value)) or _looked_at(id(value))
    if entry is None:
        entry = Entry(value)
        entry.give(items_of(value), depth, is_owned)
        _entries[id(value)] = entry
    else:
        tell(entry)
    if is_owned and not entry.is_owned and has_room():
        ask("keep_too", id(value))
        owners[id(entry.proxy)], entry.is_owned = entry, True
    return entry.proxy


def _woken(number):
    entry = _resting.pop(number, None)
    if entry is not None:
        _entries[number] = entry
        changed = ask("wake", number)
        if changed is not None:
            entry.take(*changed)
    return entry


def _looked_at(number):
    """One that a call has kept, with what Python has done to it.  What the host does to it now that it
    has got it, Python is told at its next calls."""
    entry = _known.get(number)
    if entry is not None:
        changed = ask("look", number)
        if changed is not None:
            entry.take(*changed)
        put_in_hands(number)
        _memory.look_after_calls(False)
    return entry


def called():
    """Python has called a function of the host."""
    if not is_at_it() and not is_as_it_was_there(False):
        untraced(alone, _take_all)


def came_back():
    """A call of Python's has ended.  Whether all has been done that there was to do."""
    if is_at_it():
        return False
    is_over = _is_over()
    if is_as_it_was_there(is_over):
        return not (is_over and (_entries or in_hands))
    return untraced(_came_back)


def _is_over():
    """Whether the host is in no call of Python's any more."""
    # A frame that was lost where the stack ended looks as if its call went on.
    return not (_callbacks.may_run() and _memory.looks_after_calls())


def _came_back():
    on_the_way.pop(get_ident(), None)
    if not _entries and not _resting and not in_hands:
        return True
    # Once: this thread may have Python's lock, and looks again after its next call.
    return alone(_take_all, tries=1)


def goes_on():
    """A function of the host has ended, and Python goes on."""
    if not is_at_it() and (on_the_way or not is_as_it_was_here()):
        untraced(alone, _tell_all)
        on_the_way.pop(get_ident(), None)


def _take_all():
    results = frozenset().union(*list(on_the_way.values()))
    is_over = _is_over()
    gone, idle, parked, changed = ask("changes", is_over, results, tuple(in_hands))
    for number, (count, moves) in changed:
        entry = _entries.get(number) or _resting.get(number) or _known.get(number)
        if entry is not None:  # else the host has let go of it
            entry.take(count, moves)
    _forget(gone)
    for number in parked:
        entry = _entries.pop(number, None) or _resting.pop(number, None)
        if entry is not None:
            _known[number] = entry
    for number in idle:
        if number in _entries:
            _resting[number] = _entries.pop(number)
    return not (is_over and (_entries or in_hands))  # what calls have kept is looked at after the next


def keep(container, proxy, references):
    """After a call that an empty container was passed to, as a proxy: takes what is in it now, and goes
    on to do so if somebody in Python keeps it."""
    if has_room() and not python("is_left_alone")(0, proxy, references):
        alone(_keep, container, proxy, references, tries=_MANY)


@lasting
def _keep(container, proxy, references):
    is_looked_at = get_ident() not in assigning
    items, is_kept = ask("keep", id(container), proxy, references, is_looked_at)
    if items:
        fill(container, items)
    if is_kept:
        _own(container, proxy, items, is_looked_at)


def share(container, proxy):
    """In the middle of such a call; says whether that is done."""
    return has_room() and alone(_share_empty, container, proxy, tries=_MANY)


@lasting
def _share_empty(container, proxy):
    items = ask("share", id(container), proxy)
    if items:
        fill(container, items)
    _own(container, proxy, items, True)
    return True


def has_room():
    """For one more that a call may keep."""
    return len(owners) < _MOST or (_make_room() if is_at_it() else alone(_make_room, tries=_MANY))


def _make_room():
    """Lets go of what nobody in Python has any more, if need be after a collection here: what dead proxies
    stand for, Python still has."""
    global _copies, _wait
    _copies += 1
    if _copies < _wait:
        return False
    _copies = 0
    _let_go_of_left()
    if len(owners) >= _MOST:
        collect()
        _let_go_of_left()
    has_room = len(owners) < _MOST
    _wait = 0 if has_room else max(_SELDOM, 2 * _wait)
    return has_room


def _let_go_of_left():
    before = len(owners) + 1
    while _MOST // 2 < len(owners) < before:
        before = len(owners)
        _forget(ask("left"))  # what was in these is left in the next round


def is_shared(container):
    """Whether both sides have the same items of it at this time."""
    return id(container) in _entries or id(container) in _resting


@lasting
def share_with(container, told, before):
    """In the middle of a call: `told` is what libemb tells of one among its arguments (EMB_CALL_KEPT),
    `before` what was in it when it was passed.  The containers in Python's.  To be done alone."""
    proxy, count, changed, inner = ask("share_with", id(container), told)
    _own(container, proxy, before, True).agree(count, changed)
    return inner


def stay(container):
    """After that call: Python may have kept it."""
    if get_ident() not in assigning and not is_at_it():
        alone(ask, "stay", id(container), tries=_MANY)


def adopt(container, told, before):
    """After a call that has kept a container; `told` is what libemb tells of it (EMB_CALL_KEPT), `before`
    what was in it when it was passed, or None.  Whether that is done; others may be at it."""
    if is_at_it() or not has_room():
        return False
    return alone(_adopt, container, told, before, tries=_MANY)


@lasting
def _adopt(container, told, before):
    if is_shared(container):
        return False  # another copy, which another thread has been passed at the same time
    if _stale:
        _stale.clear()
        _forget(ask("left"))
    proxy, count, changed, is_looked_at = ask("adopt", id(container), told, get_ident() in assigning)
    before = items_of(container) if before is None else before
    _own(container, proxy, before, is_looked_at).agree(count, changed)
    return True


def _own(container, proxy, items, is_looked_at):
    _leave(id(container))  # where the call has kept it twice, both times a copy of its own
    entry = owners[id(proxy)] = Entry(container)
    entry.proxy, entry.items, entry.is_owned = proxy, list(items), True
    if is_looked_at:
        _entries[id(container)] = entry
    else:
        _known[id(container)] = entry
        put_in_hands(id(container))
    _memory.look_after_calls(False)
    return entry


def _forget(numbers):
    for number in numbers:
        _leave(number)


def _leave(number):
    for entries in _entries, _resting, _known:
        entry = entries.pop(number, None)
        if entry is not None:
            owners.pop(id(entry.proxy), None)


def _begin_anew():
    """Both have what they have, but no longer in common."""
    for entries in _entries, _resting, _known, owners, in_hands, on_the_way:
        entries.clear()
    ask("begin_anew")


def owner_of(proxy):
    """The host's container, where that is what the proxy stands for."""
    entry = owners.get(id(proxy))
    if entry is None or is_at_it():
        return proxy
    if not _is_in_hands(entry):
        alone(_hand_out, entry, tries=_MANY)
    return entry.container


def _is_in_hands(entry):
    """Whether it and what is in it is looked at anyway; then it is for longer."""
    for one in _with_inner(entry):
        number = id(one.container)
        if number in in_hands:
            put_in_hands(number)
        elif number in _known:
            return False
    return True


def _hand_out(entry):
    """The host has got one, and with it what is in it."""
    for one in _with_inner(entry):
        _looked_at(id(one.container))


def _with_inner(entry):
    """It, and then what is in it of those that calls have kept."""
    left, seen = [entry], {id(entry.container)}
    while left and len(seen) < _TOGETHER:
        one = left.pop()
        yield one
        for each in one.items if len(one.items) <= LOOKED_THROUGH else ():
            inner = _known.get(id(each)) if type(each) in EMPTY and id(each) not in seen else None
            if inner is not None:
                seen.add(id(each))
                left.append(inner)


def sweep():
    """After a full collection: what calls have kept, and nobody has any more, is let go of when a call keeps
    another.  This may be in the middle of one, or of an error, which no other must come between."""
    _stale[:] = [None]


def goes_in():
    """The host goes on in Python."""
    if (_entries or in_hands) and not is_at_it() and not is_as_it_was_here():
        alone(_tell_all, tries=1)


def references(proxy):
    """How many there are in `keep` of a container that nobody has kept."""
    return python("count")(0, proxy, 0)


def passed(container):
    """The proxy of Python's, with the same items, for one that Python has; None for others."""
    if id(container) not in _entries and id(container) not in _known or is_at_it():
        return None
    return untraced(_look_up, container)


def _look_up(container):
    found = alone(_passed, container, tries=_MANY)
    return None if found is False else found


def _passed(container):
    entry = _entries.get(id(container)) or _known.get(id(container))
    if entry is None:
        return None
    for one in _with_inner(entry):
        _looked_at(id(one.container))
        tell(one)
    return entry.proxy


def _tell_all():
    held = [_known[number] for number in list(in_hands) if counted(number)]
    for entry in list(_entries.values()) + held:
        try:
            tell(entry)
        except (Unconvertible, ValueError):
            pass  # Python cannot have what is in it now, and will be told so when it reads it again


_memory.came_back, _memory.goes_in, _arrivals.owner_of = came_back, goes_in, owner_of
_shared_entries.shared = _shared
_arrivals.of_containers = frozenset((one.__module__, one.__name__) for one in EMPTY)
_turns.begin_anew = _begin_anew
at_full_collections.append(sweep)
_callbacks.items_called, _callbacks.items_go_on = called, goes_on
after_shutdown(_entries.clear)
after_shutdown(_resting.clear)
after_shutdown(_known.clear)
after_shutdown(owners.clear)
