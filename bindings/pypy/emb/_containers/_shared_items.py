"""Lists, dicts and sets that Python reads from attributes of the host's objects; and the containers of
`collections` wherever they are passed.

Python gets a copy, the same one each time.  Until the call of Python's in which it was read is over,
or Python has let go of it, both have the same items: what Python has changed is changed in the host's
whenever the host goes on, and what a function of the host changes, in Python's when it returns.
"""

from _thread import get_ident

from .._abi import _memory
from .._abi._convert import Unconvertible
from .._callables import _callbacks
from .._garbage._collector import untraced
from .._garbage._lifetime import lasting
from .._proxies import _arrivals
from . import _shared_entries, _turns
from ._kept_items import entries, forget, has_room, held, known, look_at, own_too, owners, resting
from ._merging import items_of
from ._shared_entries import DEEPEST, EMPTY, Entry, ask, tell
from ._turns import alone, is_at_it
from ._unchanged import in_hands, is_as_it_was_here, is_as_it_was_there, lately, look_further, on_the_way


def shared(value):
    """What Python is given for the value of an attribute, or a container of `collections`."""
    kind = type(value)
    if kind not in EMPTY and kind is not tuple:
        return value
    if is_at_it():
        return untraced(_shared, value)
    value = untraced(alone, _share, value)
    if entries:
        _memory.look_after_calls(_callbacks.is_foreign())
    return value


def _share(value):
    value = _shared(value)
    on_the_way.setdefault(get_ident(), set()).update(entries)
    return value


@lasting
def _shared(value, depth=0, is_owned=False):
    kind = type(value)
    if kind is tuple and depth < DEEPEST:
        return tuple([_shared(one, depth + 1, is_owned) for one in value])
    if kind not in EMPTY or depth >= DEEPEST:
        return value
    entry = entries.get(id(value)) or _woken(id(value)) or _looked_at(id(value))
    if entry is None:
        entry = Entry(value)
        entry.give(items_of(value), depth, is_owned)
        entries[id(value)] = entry
    else:
        tell(entry)
    if is_owned and not entry.is_owned and has_room():
        own_too(entry)
    return entry.proxy


def _woken(number):
    entry = resting.pop(number, None)
    if entry is not None:
        entries[number] = entry
        changed = ask("wake", number)
        if changed is not None:
            entry.take(*changed)
    return entry


def _looked_at(number):
    """One that a call has kept."""
    entry = known.get(number)
    if entry is not None:
        look_at([entry])
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
        if lately[0] and not is_over:
            lately[0] -= 1
        return _is_done(is_over)
    return untraced(_came_back)


def _is_done(is_over):
    """Or whether what calls have kept is looked at after the next."""
    return not ((is_over or lately[0]) and (entries or in_hands))


def _is_over():
    """Whether the host is in no call of Python's any more, nor at what comes after one: `stay`."""
    # A frame that was lost where the stack ended looks as if its call went on.
    return not (_memory.calls_with_containers or _callbacks.may_run() and _memory.looks_after_calls())


def _came_back():
    on_the_way.pop(get_ident(), None)
    if not entries and not resting and not in_hands:
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
        entry = entries.get(number) or resting.get(number) or known.get(number)
        if entry is not None:  # else the host has let go of it
            entry.take(count, moves)
    forget(gone)
    for number in parked:
        entry = entries.pop(number, None) or resting.pop(number, None)
        if entry is not None:
            known[number] = entry
    for number in idle:
        if number in entries:
            resting[number] = entries.pop(number)
    if changed and lately[0]:
        look_further()
    return _is_done(is_over)


def _begin_anew():
    """Both have what they have, but no longer in common."""
    for each in entries, resting, known, owners, in_hands, on_the_way:
        each.clear()
    ask("begin_anew")


def goes_in():
    """The host goes on in Python."""
    if (entries or in_hands) and not is_at_it() and not is_as_it_was_here():
        if lately[0]:
            look_further()
        alone(_tell_all, tries=1)


def _tell_all():
    for entry in list(entries.values()) + held():
        try:
            tell(entry)
        except (Unconvertible, ValueError):
            pass  # Python cannot have what is in it now, and will be told so when it reads it again


_memory.came_back, _memory.goes_in = came_back, goes_in
_shared_entries.shared = _shared
_arrivals.of_containers = frozenset((one.__module__, one.__name__) for one in EMPTY)
_turns.begin_anew = _begin_anew
_callbacks.items_called, _callbacks.items_go_on = called, goes_on
