"""Python's part of _shared_items and _kept_items: the containers there that have the same items as one of
the host."""

from .._interpreter._code import Part
from .._interpreter._there import python as _python

LOOKED_THROUGH = 64  # items, each time; of longer ones only the length, as long as Python has them
# Unchanged so many times, one of more than a few is not looked at again until the call is over, or Python
# reads it again.
_TIMES, _FEW = 100, 64
_RESTING_TOGETHER = 1000
# How many containers that a call has kept are looked at after others, and after how many without a change.
_KEPT, _KEPT_FOR, _LEAST = 8, 1000, 16
_KNOWN = 1000  # of those that calls have kept, how many may be left over by Python until it is asked

_SOURCE = '''
import operator
import sys

shared = {}  # number -> container, and what was in it when both sides had the same
times = {}  # the same number -> how often it has been found to be that
resting = {}  # as `shared`, of those that Python holds on to and has not changed for long
limit = RESTING  # how many of these there may be until they are looked at
owned = set()  # numbers of those that the host has passed to a call, which has kept them
kept = {}  # numbers of these that are looked at after each call -> after how many without a change
known = {}  # number -> container, what was in it, of these that are not
patience = KEPT_FOR  # the same for the next one: fewer where looking has been of no use
most = KNOWN  # how many of these there may be until they are looked through for what nobody has any more

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
    items = items if isinstance(container, set) else flat(container)
    now_have(number, container, items)
    return container

def extend(number, container, items):
    "The same, of a list, with what comes behind those that both have."
    before = known[number][1] if number in known else shared[number][1] if number in shared else flat(container)
    container.extend(items)
    before.extend(items)
    now_have(number, container, before)

def now_have(number, container, items):
    if number in known:
        known[number] = container, items
    else:
        share_anew(number, container, items)

def share_anew(number, container, items):
    shared[number] = container, items
    times[number] = 0

def differs(before, container):
    if len(container) * (2 if isinstance(container, dict) else 1) != len(before):
        return True
    if isinstance(container, set):
        return not set(map(id, container)).issuperset(map(id, before))
    return not all(map(operator.is_, before, flat(container)))

def wake(number):
    "Looks at one that rests again; its items, if they have changed."
    container, before = resting.pop(number)
    now = flat(container) if differs(before, container) else before
    share_anew(number, container, now)
    return None if now is before else moves((before, now))

def look(numbers):
    "The same, at those that calls have kept: the numbers of the changed, and what has become of them."
    global patience
    changed = []
    for number in numbers:
        container, before = known.get(number, ((), ()))
        if differs(before, container):
            now, patience = flat(container), KEPT_FOR
            known[number] = container, now
            changed.append((number, moves((before, now))))
    return tuple(changed)

def references():
    "How many there are where nobody else has the container: this version of Python's, and the host's."
    for _, (container, _) in list({0: ([], ())}.items()):
        return sys.getrefcount(container) + 1

REFERENCES = references()

def keep(number, container, references, is_looked_at):
    "After a call that an empty container was passed to: its items; and whether somebody keeps it."
    items, is_kept = flat(container), sys.getrefcount(container) > references
    if is_kept:
        adopted(number, container, items, KEPT_FOR if is_looked_at else 0)
    return tuple(items), is_kept

def share(number, container):
    "In the middle of such a call: its items."
    items = flat(container)
    own(number, container, items)
    return tuple(items)

def share_with(number, told):
    "The same, of one that is not empty: how many items it had, what has become of them, the containers in it."
    before, now, container = told
    own(number, container, list(now))
    return container, len(before), None if before is now else moves((before, now)), tuple(containers_in(now))

def containers_in(items):
    for one in items:
        if isinstance(one, (list, dict, set)):
            yield one
        elif isinstance(one, tuple):
            yield from containers_in(one)

def stay(number):
    "After it: one that somebody has kept is looked at after others."
    for each, (container, _) in list(shared.items()):
        if each == number and sys.getrefcount(container) > REFERENCES:
            look_after(number, KEPT_FOR)

def adopt(number, told, is_assigned):
    "What a call has kept: how many items it had, and what has become of them, if that is something else."
    before, now, container = told
    changed = None if before is now else moves((before, now))
    calls = 0 if len(kept) >= KEPT else patience if is_assigned else max(patience, LEAST)
    adopted(number, container, list(now), calls)
    return container, len(before), changed, calls > 0

def adopted(number, container, items, calls):
    "It is looked at after so many calls without a change, or not."
    own(number, container, items)
    if calls:
        look_after(number, calls)
    else:
        known[number] = shared.pop(number)

def own(number, container, items):
    # Where a call has kept it before, that was another copy, of which the host has let go.
    for numbers in resting, known, kept:
        numbers.pop(number, None)
    owned.add(number)
    share_anew(number, container, items)

def keep_too(number):
    "What is in one that a call has kept."
    owned.add(number)
    if len(kept) < KEPT:
        look_after(number, max(patience, LEAST))

def look_after(number, calls):
    kept[number] = calls
    if len(kept) > KEPT:
        del kept[next(iter(kept))]

def left():
    "The numbers of those known that nobody has any more."
    global most
    gone = [number for number, (container, _) in known.items() if sys.getrefcount(container) <= REFERENCES]
    for number in gone:
        del known[number]
        owned.discard(number)
    most = max(KNOWN, 2 * len(known))
    return tuple(gone)

def begin_anew():
    for numbers in shared, times, resting, owned, kept, known:
        numbers.clear()

def is_left_alone(number, container, references):
    return not container and sys.getrefcount(container) <= references

def count(number, container, references):
    return sys.getrefcount(container)

def unchanged(is_over, *in_hands):
    "Whether `changes` would find nothing to do."
    if resting or len(shared) > FEW:
        return False
    for number, (container, before) in list(shared.items()):
        if is_over and times.get(number, 0) >= kept.get(number, 0) or sys.getrefcount(container) <= REFERENCES:
            return False
        if type(container) is list:  # the usual one, at once
            if len(container) != len(before):
                return False
            if len(before) <= LOOKED_THROUGH and not all(map(operator.is_, before, container)):
                return False
        elif not is_long(container, before) and not are_same(before, container):
            return False
    for number in in_hands:
        if number in known and not are_same(known[number][1], known[number][0]):
            return False
    for number in list(shared) if is_over else ():
        # Not what is in `shared`, which another thread may be changing.
        times[number] = times.get(number, 0) + 1
    return True

def are_same(before, container):
    "For certain; of dicts and sets the order must be the same, too."
    if isinstance(container, dict):
        container = flat(container)
    return len(container) == len(before) and all(map(operator.is_, before, container))

def is_long(container, before):
    return len(container) > LOOKED_THROUGH and len(container) in (len(before), len(before) / 2)

def changes(is_over, on_the_way, in_hands):
    """The numbers of those that Python has no more; of those that rest; numbers and items of the changed,
    also of those known that the host has in hands."""
    global limit, patience
    gone, idle, parked, changed = [], [], [], []
    if is_over or len(resting) > limit:
        shared.update(resting)
        resting.clear()
    for number, (container, before) in list(shared.items()):
        goes_on = not is_over or times[number] < kept.get(number, 0)
        is_had = sys.getrefcount(container) > REFERENCES
        is_held = number in on_the_way or goes_on and is_had
        if not (is_held and is_long(container, before)) and differs(before, container):
            now = flat(container)
            changed.append((number, moves((before, now))))
            patience = KEPT_FOR
            before = now
            share_anew(number, container, now)
        if not is_held:
            del shared[number]
            if times.pop(number) >= kept.pop(number, KEPT_FOR + 1):
                patience //= 2
            if is_had and number in owned:
                known[number] = container, before
                parked.append(number)
            else:
                gone.append(number)
                owned.discard(number)
        elif times[number] < TIMES or len(shared) <= FEW:
            times[number] += 1
        else:
            idle.append(number)
            resting[number] = shared.pop(number)
    changed.extend(look(in_hands))
    limit = max(RESTING, 2 * len(resting))
    if len(known) > most:
        gone.extend(left())
    return tuple(gone), tuple(idle), tuple(parked), tuple(changed)
'''


python = Part(
    _SOURCE,
    lambda: {
        "moves": _python("moves"),
        "LOOKED_THROUGH": LOOKED_THROUGH,
        "TIMES": _TIMES,
        "FEW": _FEW,
        "RESTING": _RESTING_TOGETHER,
        "KEPT": _KEPT,
        "KEPT_FOR": _KEPT_FOR,
        "LEAST": _LEAST,
        "KNOWN": _KNOWN,
    },
)
