"""The arguments of a call, written into its frame."""

from ._convert import pack
from ._memory import ARGUMENT_SLOTS


def pack_arguments(frame, args):
    """Writes the arguments; the address of the first of them."""
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
    count, more = len(args), len(kwargs)
    if count > 4 or more > 3:
        return _pack_many(frame, args + tuple(kwargs.values()))
    address = pack_arguments(frame, args)
    words, reals, at = frame.words, frame.reals, 2 + 2 * count
    if more == 1:
        (one,) = kwargs.values()
    elif more == 2:
        one, two = kwargs.values()
        pack(frame, words, reals, at + 2, two)
    else:
        one, two, three = kwargs.values()
        pack(frame, words, reals, at + 2, two)
        pack(frame, words, reals, at + 4, three)
    pack(frame, words, reals, at, one)
    return address


def _pack_many(frame, values):
    words, reals, at, address = frame.words, frame.reals, 2, frame.address + 16
    if len(values) >= ARGUMENT_SLOTS:
        words, reals, at, address = frame.slots(len(values))
    for value in values:
        pack(frame, words, reals, at, value)
        at += 2
    return address
