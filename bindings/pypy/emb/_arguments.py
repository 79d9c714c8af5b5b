"""The arguments of a call, written into its frame, and the names of its keywords."""

from . import _memory
from ._collector import untraced
from ._convert import pack
from ._memory import ARGUMENT_SLOTS, name

_keywords = {}  # tuple of names -> (address, length, owner) of the joined names
_keyword = {}  # a single name -> the same
_KEYWORDS_KEPT = 4096


def joined(kwargs):
    """(address, length, owner) of the names, by which libemb keeps what it made of them."""
    if len(kwargs) == 1:
        # The usual case: no tuple is hashed, and unpacking is no loop to a JIT.
        (one,) = kwargs
        entry = _keyword.get(one)
        if entry is not None:
            return entry
    names = tuple(kwargs)
    entry = _keywords.get(names)
    return untraced(_join, names) if entry is None else entry


def _join(names):
    if len(_keywords) >= _KEYWORDS_KEPT:
        _keywords.clear()
    if any(not one or "," in one or " " in one for one in names):
        entry = (0, -1, None)
    else:
        entry = name(",".join(names))
    _keywords[names] = entry
    if len(names) == 1:
        if len(_keyword) >= _KEYWORDS_KEPT:
            _keyword.clear()
        _keyword[names[0]] = entry
    return entry


def pack_arguments(frame, args):
    """Writes the arguments; the address of the first of them."""
    if frame.busy:
        untraced(_memory.goes_in)  # it is looked at what the host has changed of what Python has
    count = len(args)
    if count > 4:
        return _pack_many(frame, args)
    # Written out, because a JIT does not unroll a loop over a tuple.
    if count > 0:
        words, reals = frame.words, frame.reals
        pack(frame, words, reals, 2, args[0])
        if count > 1:
            pack(frame, words, reals, 4, args[1])
            if count > 2:
                pack(frame, words, reals, 6, args[2])
                if count > 3:
                    pack(frame, words, reals, 8, args[3])
    return frame.address + 16


def pack_with_keywords(frame, args, kwargs):
    """The same, with the values of keywords behind them."""
    count = len(args)
    if count > 4 or len(kwargs) > 1:
        if frame.busy:
            untraced(_memory.goes_in)
        return _pack_many(frame, args + tuple(kwargs.values()))
    address = pack_arguments(frame, args)
    (value,) = kwargs.values()
    pack(frame, frame.words, frame.reals, 2 + 2 * count, value)
    return address


def _pack_many(frame, values):
    words, reals, at, address = frame.words, frame.reals, 2, frame.address + 16
    if len(values) >= ARGUMENT_SLOTS:
        words, reals, at, address = frame.slots(len(values))
    for value in values:
        pack(frame, words, reals, at, value)
        at += 2
    return address
