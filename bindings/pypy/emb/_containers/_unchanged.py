"""Whether anything has become of the containers that both sides have (see _shared_items), asked at
each crossing while there are any.

As a rule nothing has.  So each side is asked in a way that PyPy's JIT compiles, and Python in one
crossing, before the work that one thread does at a time.
"""

from .._abi._crossings import FORM
from .._abi._kinds import BOOL, INT
from .._abi._library import functions
from .._abi._memory import give, kept_items, shared_items, take_in_between
from ._shared_entries import is_told
from ._shared_there import python
from ._turns import is_anyone

# Numbers of those that the host has got from Python just now, the latest last -> in how many operations more
# they are looked at, because it may change them.
in_hands = {}
on_the_way = {}  # thread -> numbers of what is to be a result, and no one in Python has yet

# In how many more operations the functions of the host that Python has called look at what calls of theirs have
# kept: what changes meanwhile makes them more.
lately = [0]
_OPERATIONS = 64
_MOST = 256  # in hands
_AT_ONCE = 8  # about which Python is asked in a call that is made in a frame's own memory

_emb_call = functions.emb_call


def is_as_it_was_there(is_over):
    """Whether Python has changed none, and lets go of none, now that a call of the host's `is_over`,
    or it calls the host."""
    numbers = list(in_hands)
    if on_the_way or is_anyone() or len(numbers) > _AT_ONCE:
        return False
    frame = take_in_between()
    try:
        words = frame.words
        words[2], words[3] = BOOL, is_over
        at = 4
        for number in numbers:
            words[at], words[at + 1] = INT, number
            at += 2
        asked = python("unchanged")._emb_handle
        status = _emb_call(asked, frame.address + 16, at // 2 - 1, 0, 0, FORM, frame.address)
        # Another thread may know already what Python has changed, and not yet have changed it here.
        return not status and words[0] & 0xFFFFFFFF == BOOL and words[1] != 0 and not is_anyone()
    finally:
        give(frame)  # as it was


def is_as_it_was_here():
    """Whether the host has changed none.  To be asked once for each operation."""
    if is_anyone():
        return False
    for entry in list(shared_items.values()):
        if not is_told(entry):
            return False
    return not in_hands or _is_in_hands_as_it_was()


def _is_in_hands_as_it_was():
    numbers = list(in_hands)
    for number in numbers:
        entry = kept_items.get(number)
        if entry is not None and in_hands.get(number, 0) and not is_told(entry):
            return False
    for number in numbers:
        counted(number)
    return True


def put_in_hands(number):
    in_hands.pop(number, None)
    while len(in_hands) >= _MOST:
        in_hands.pop(next(iter(in_hands), None), None)
    in_hands[number] = _OPERATIONS


def look_further():
    lately[0] = _OPERATIONS


def counted(number):
    """Whether a container that the host has in hands is to be looked at in this operation."""
    left = in_hands.pop(number, 0)
    if left and number in kept_items:
        in_hands[number] = left - 1
        return True
    return False
