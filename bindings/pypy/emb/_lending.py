"""Memory of the host that is passed to Python, for hosts with a tracing collector.

It crosses with the call that it is an argument of.  libemb keeps a number in the Loan,
which is not 0 as long as Python has the array; so the host need not be called.  Most
loans are over when the call is, the others are looked at now and then.  (A host that
counts references is called at once, see _share: it locks what it shares.)
"""

import array
import threading
import warnings

from . import _convert, _lifetime, _memory
from ._library import backend
from ._memory import name

_FEWEST = 64  # loans between two looks at all of them
_MUCH = 1 << 18  # bytes or items: a loan that is worth a look at all others
# The numbers of an emb_memory, and behind it the length of one dimension, and what libemb says.
_SIZE, _DATA, _DTYPE, _DTYPE_LENGTH, _NDIM, _SHAPE, _STRIDES, _HELD, _COUNT, _IS_HELD = range(10)
_READONLY = _convert._C["EMB_ARRAY_READONLY"] << 32  # flags stand above ndim

_LETTERS = ["bi", "Bu", "hi", "Hu", "ii", "Iu", "li", "Lu", "qi", "Qu", "ff", "df"]
dtypes = {letter: "<%s%d" % (kind, array.array(letter).itemsize) for letter, kind in _LETTERS}
_entries = {letter: name(dtype) for letter, dtype in dtypes.items()}


class Loan:
    """An emb_memory, with what it refers to."""

    __slots__ = ("words", "address", "source", "keep", "_owner")

    def __init__(self):
        # For good, because libemb may write there whenever it likes.
        self._owner, self.words, _reals, self.address = backend.block(5)
        words = self.words
        words[_SIZE] = 64
        words[_HELD] = self.address + 8 * _IS_HELD
        self.source = self.keep = None


_idle = []
_lent = []  # the loans that calls have left behind
_limit = _FEWEST
_looking = threading.Lock()


def _new(frame, address, dtype, flags):
    try:
        loan = _idle.pop()
    except IndexError:
        loan = Loan()
    words = loan.words
    words[_DATA] = address
    words[_DTYPE] = dtype[0]
    words[_DTYPE_LENGTH] = dtype[1]
    words[_NDIM] = flags
    frame.lent.append(loan)
    return loan


def lend_array(frame, source):
    """The Loan of an array.array; None for those of text."""
    dtype = _entries.get(source.typecode)
    if dtype is None:
        return None
    address, count = source.buffer_info()
    if _lent:
        _warn_if_moved(_lent[-1], source, address)
    loan = _new(frame, address, dtype, 1)
    words = loan.words
    words[_COUNT] = count
    words[_SHAPE] = loan.address + 8 * _COUNT
    words[_STRIDES] = 0
    loan.source = source
    return loan


def lend(frame, memory):
    """The Loan of a Memory (see _host_memory) whose dtype is text."""
    ndim = len(memory.shape)
    flags = ndim | _READONLY if memory.readonly else ndim
    dtype = name(memory.dtype)
    loan = _new(frame, memory.address, dtype, flags)
    words, _reals, at, address = frame.slots(ndim + 1)
    for i in range(ndim):
        words[at + i] = memory.shape[i]
        words[at + ndim + i] = memory.strides[i]
    loan.words[_SHAPE] = address
    loan.words[_STRIDES] = address + 8 * ndim
    loan.words[_COUNT] = memory.nbytes
    loan.source = memory.source
    loan.keep = memory.owner, dtype
    return loan


def _returned(loans):
    """The call has ended: is Python still interested?"""
    for loan in loans:
        if not loan.words[_IS_HELD]:
            loan.source = loan.keep = None
            _idle.append(loan)
            continue
        _lent.append(loan)
        if len(_lent) >= _limit or loan.words[_COUNT] > _MUCH:
            _lifetime.apart(look_through)


def look_through():
    """Ends the loans that are over."""
    global _limit
    if not _looking.acquire(False):
        return
    try:
        count = len(_lent)
        left = []
        for loan in _lent[:count]:
            if loan.words[_IS_HELD]:
                left.append(loan)
                _warn_if_moved(loan, None, 0)
            else:
                loan.source = loan.keep = None
                _idle.append(loan)
        _lent[:count] = left
        _limit = max(_FEWEST, 2 * len(left))
    finally:
        _looking.release()


def lent():
    """The host objects that Python looks at, one for each array."""
    look_through()
    return [loan.source for loan in _lent]


def _warn_if_moved(loan, source, address):
    """`address` is where `source` is now, if that should be the loan's."""
    kept = loan.source
    if kept is not source:
        if type(kept) is array.array:
            address = kept.buffer_info()[0]
        elif type(kept) is bytearray and kept:
            address = backend.buffer_address(kept)[1]
        else:
            return
    if address != loan.words[_DATA] and loan.words[_IS_HELD]:
        warn_of_moved(kept)


def warn_of_moved(source):
    warnings.warn(
        "an %s was resized while Python looks at its memory; the memory has moved, "
        "and Python's array is invalid" % type(source).__name__,
        RuntimeWarning,
        stacklevel=4,
    )


_memory.returned = _returned
_convert.Loan = Loan
_lifetime.swept = look_through
