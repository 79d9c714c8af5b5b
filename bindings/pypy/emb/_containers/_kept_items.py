"""Lists, dicts and sets that calls have kept: what Python has done to one is done to the host's when the
host gets it, or passes it, and what is in it is looked at with it.

At first they are looked at after each call, as what Python has read from an attribute is (see
_shared_items); where nothing becomes of them, only then.
"""

from _thread import get_ident

from .._abi import _memory
from .._garbage._collector import untraced
from .._garbage._lifetime import at_full_collections, collect, lasting
from .._interpreter._session import after_shutdown
from .._proxies import _arrivals
from .._proxies._arrivals import owners
from ._merging import fill, items_of
from ._shared_entries import EMPTY, Entry, ask, own_of, tell
from ._shared_there import LOOKED_THROUGH, python
from ._turns import alone, is_at_it
from ._unchanged import counted, in_hands, look_further, put_in_hands

entries = _memory.shared_items  # id() of a container -> its entry
resting = {}  # the same, of those that are not looked at each time
known = _memory.kept_items  # the same, of those that calls have kept, and that are looked at when they are passed
_stale = []  # whether there was a full collection since it was asked what nobody has any more
assigning = []  # threads that assign what they pass: Python code has not got it yet
MOST = 10000  # containers that calls have kept; others are copies
_SELDOM = 1000  # of these, at least, before there is another try to make room where that has been of no use
_copies = _wait = 0  # of these, since the last try; how many there are to be
_TOGETHER = 100  # containers that are looked at with the one that they are in
_MANY = 100  # tries, where this thread may have been told to keep Python's lock


def keep(container, proxy, references, own):
    """After a call that an empty container was passed to, as a proxy: takes what is in it now, each as `own`
    says, and goes on to do so if somebody in Python keeps it."""
    if has_room() and not python("is_left_alone")(0, proxy, references):
        alone(_keep, container, proxy, references, own, tries=_MANY)


@lasting
def _keep(container, proxy, references, own):
    is_looked_at = get_ident() not in assigning
    items, is_kept = ask("keep", id(container), proxy, references, is_looked_at)
    items = [own(one) for one in items]
    if items:
        fill(container, items)
    if is_kept:
        _own(container, proxy, items, is_looked_at)


def references(proxy):
    """How many there are in `keep` of a container that nobody has kept."""
    return python("count")(0, proxy, 0)


def share(container, proxy):
    """In the middle of such a call; says whether that is done."""
    return has_room() and alone(_share, container, proxy, tries=_MANY)


@lasting
def _share(container, proxy):
    items = [own_of(one) for one in ask("share", id(container), proxy)]
    if items:
        fill(container, items)
    _own(container, proxy, items, True)
    return True


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


def adopt(several, own):
    """After a call that has kept containers; of each it itself, what libemb tells of it (EMB_CALL_KEPT), and
    what was in it when it was passed, or None.  The id() of those with which that is done; others may be at it."""
    return () if is_at_it() else alone(_adopt, several, own, tries=_MANY) or ()


@lasting
def _adopt(several, own):
    if _stale:
        _stale.clear()
        forget(ask("left"))
    adopted = [_adopted(*one) for one in several if has_room() and not is_shared(one[0])]
    for entry, count, changed in adopted:  # now that each is known, which may be in another
        entry.agree(count, changed, own)
    return {id(entry.container) for entry, _, _ in adopted}


def _adopted(container, told, before):
    proxy, count, changed, is_looked_at = ask("adopt", id(container), told, get_ident() in assigning)
    before = items_of(container) if before is None else before
    return _own(container, proxy, before, is_looked_at), count, changed


def is_shared(container):
    """Whether both sides have the same items of it at this time: perhaps by another copy, which another thread
    has been passed."""
    return id(container) in entries or id(container) in resting


def _own(container, proxy, items, is_looked_at):
    _leave(id(container))  # where the call has kept it twice, both times a copy of its own
    entry = owners[id(proxy)] = Entry(container)
    entry.proxy, entry.items, entry.is_owned = proxy, list(items), True
    if is_looked_at:
        entries[id(container)] = entry
    else:
        known[id(container)] = entry
        put_in_hands(id(container))
    look_further()
    _memory.look_after_calls(False)
    return entry


def own_too(entry):
    """What is in one that a call has kept."""
    ask("keep_too", id(entry.container))
    owners[id(entry.proxy)], entry.is_owned = entry, True


def has_room():
    """For one more that a call may keep."""
    return len(owners) < MOST or (_make_room() if is_at_it() else alone(_make_room, tries=_MANY))


def _make_room():
    """Lets go of what nobody in Python has any more, if need be after a collection here: what dead proxies
    stand for, Python still has."""
    global _copies, _wait
    _copies += 1
    if _copies < _wait:
        return False
    _copies = 0
    _let_go_of_left()
    if len(owners) >= MOST:
        collect()
        _let_go_of_left()
    has_room = len(owners) < MOST
    _wait = 0 if has_room else max(_SELDOM, 2 * _wait)
    return has_room


def _let_go_of_left():
    before = len(owners) + 1
    while MOST // 2 < len(owners) < before:
        before = len(owners)
        forget(ask("left"))  # what was in these is left in the next round


def forget(numbers):
    for number in numbers:
        _leave(number)


def _leave(number):
    for each in entries, resting, known:
        entry = each.pop(number, None)
        if entry is not None:
            owners.pop(id(entry.proxy), None)


def sweep():
    """After a full collection: what calls have kept, and nobody has any more, is let go of when a call keeps
    another.  This may be in the middle of one, or of an error, which no other must come between."""
    _stale[:] = [None]


def held():
    """Those that the host has in hands, which are to be looked at in this operation."""
    return [known[number] for number in list(in_hands) if counted(number)]


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
    for together in _levels(entry):
        for one in together:
            number = id(one.container)
            if number in in_hands:
                put_in_hands(number)
            elif number in known:
                return False
    return True


def _hand_out(entry):
    """The host has got one, and with it what is in it."""
    for together in _levels(entry):
        look_at(together)


def look_at(several):
    """At those among them that calls have kept: the host's become what Python has done to its own.  What
    the host does to them now that it has got them, Python is told at its next calls."""
    numbers = [id(one.container) for one in several if id(one.container) in known]
    if not numbers:
        return
    for number, changed in ask("look", tuple(numbers)):
        if number in known:  # else a look at another has let go of it
            known[number].take(*changed)
    for number in numbers:
        put_in_hands(number)
    _memory.look_after_calls(False)


def _levels(entry):
    """It; then what is in it, of those that calls have kept; then what is in these, and so on."""
    together, seen = [entry], {id(entry.container)}
    while together:
        yield together
        together = list(_inner(together, seen))


def _inner(together, seen):
    for one in together:
        for each in one.items if len(one.items) <= LOOKED_THROUGH else ():
            inner = known.get(id(each)) if type(each) in EMPTY and id(each) not in seen else None
            if inner is not None and len(seen) < _TOGETHER:
                seen.add(id(each))
                yield inner


def passed(container):
    """The proxy of Python's, with the same items, for one that Python has; None for others."""
    number = id(container)  # which costs PyPy a little for what is new
    if number not in entries and number not in known or is_at_it():
        return None
    return untraced(_look_up, container)


def _look_up(container):
    found = alone(_passed, container, tries=_MANY)
    return None if found is False else found


def _passed(container):
    entry = entries.get(id(container)) or known.get(id(container))
    if entry is None:
        return None
    for together in _levels(entry):
        look_at(together)
        for one in together:
            tell(one)
    return entry.proxy


_arrivals.owner_of = owner_of
at_full_collections.append(sweep)
for _each in entries, resting, known, owners:
    after_shutdown(_each.clear)
