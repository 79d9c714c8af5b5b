"""Memory of the host that is passed to Python, for hosts with a tracing collector.

It crosses with the call that it is an argument of.  In a number of ours libemb counts the arrays
there that Python has; so the host need not be called.  As long as it is not 0, the host object is
kept: most memory is Python's no more when the call is over, the rest is looked at now and then.
(A host that counts references is called at once, see _share: it locks what it shares.)
"""

import array
import threading

from .._abi import _declarations, _memory
from .._abi._kinds import MEMORY
from .._abi._library import backend
from .._abi._names import name
from .._errors._warned import warn
from .._garbage import _sweeping
from .._garbage._collector import untraced, variables
from .._interpreter._undisturbed import Undisturbed
from ._host_memory import Memory

# Flags stand above ndim.
_READONLY = _declarations.CONSTANTS["EMB_ARRAY_READONLY"] << 32
_MEMORYVIEW = _declarations.CONSTANTS["EMB_ARRAY_MEMORYVIEW"] << 32
_AGAIN = _declarations.CONSTANTS["EMB_ARRAY_AGAIN"] << 32
_SIZE = 64  # bytes of an emb_memory, whose words are:
_DATA, _DTYPE, _DIMENSIONS, _SHAPE, _STRIDES, _HELD = 1, 2, 4, 5, 6, 7
_NUMBER = 8  # behind it: what libemb counts in, the shape, and the strides
_LENGTHS = 9
_LAST = 255
_CHECKED = 64  # how many are checked for having moved, in such a look
_FEWEST = 1024  # loans between two looks; for the memory behind them, 16 KiB count as one

_LETTERS = ["bi", "Bu", "hi", "Hu", "ii", "Iu", "li", "Lu", "qi", "Qu", "ff", "df"]
dtypes = {letter: "<%s%d" % (kind, array.array(letter).itemsize) for letter, kind in _LETTERS}
_entries = {letter: name(dtype) for letter, dtype in dtypes.items()}
_double = _entries["d"]
OF_BYTES = (memoryview, bytearray)  # what Python's own code takes for a memoryview, or as good as one
_put_address = backend.put_address


class Loan:
    """What libemb is told of some memory, and counts in, for as long as Python has arrays there."""

    __slots__ = ("words", "address", "begin", "count", "dtype", "source", "is_kept", "_owner")

    def __init__(self, begin, dtype, ndim, flags):
        self._owner, words, _reals, self.address = backend.block((_LENGTHS + 2 * ndim + 1) // 2)
        self.words, self.begin = words, begin
        self.count = 0  # of items, in one dimension
        self.source = None  # the host object, while Python has its memory
        self.is_kept = False  # whether it is in `_kept`
        words[0], words[_DATA], words[_DIMENSIONS] = _SIZE, begin, ndim | flags
        words[_SHAPE] = self.address + 8 * _LENGTHS
        words[_STRIDES] = 0
        words[_HELD] = self.address + 8 * _NUMBER
        self.set_dtype(dtype)

    def set_dtype(self, entry):
        self.dtype = entry
        self.words[_DTYPE], self.words[_DTYPE + 1] = entry[0], entry[1]


_loans = [Loan(0, _double, 1, _AGAIN)] * (_LAST + 1)  # those of arrays, by where the memory begins
_kept = []  # those that Python still had after a call
_latest = _loans[0]  # of these
_limit = _FEWEST  # when they are looked through
_weight = 0  # of the loans that there were since the last look
_looking = threading.Lock()


def lend_array(frame, words, at, source):
    """Writes an array.array at words[at]; False for those of text."""
    _put_address(frame.scratch, source)
    begin, count = frame.words[0], len(source)
    loan = _loans[begin >> 5 & _LAST]
    # The code of its type is asked for only where it is not known: PyPy makes a str of it each time.
    if loan.begin != begin or loan.source is not source:
        loan = _prepared(loan, source, begin, source.typecode)
        if loan is None:
            return False
    if loan.count != count:
        loan.count = loan.words[_LENGTHS] = count
    if loan is not _latest:
        _warn_of_latest()
    words[at] = MEMORY
    words[at + 1] = loan.address
    _lent_by(frame, loan, source)
    return True


def _prepared(loan, source, begin, typecode):
    """A loan for an array that has no loan at its place; that one, if it is over."""
    # A letter beside another is no work for a JIT, one in a dict is.
    dtype = _double if typecode == "d" else _entries.get(typecode)
    if dtype is None:
        return None
    if loan.begin != begin or loan.source is not None:
        loan = untraced(_replaced, begin, dtype)
    elif loan.dtype is not dtype:
        loan.set_dtype(dtype)
    loan.source = source
    return loan


def _replaced(begin, dtype):
    place = begin >> 5 & _LAST
    before, loan = _loans[place], Loan(begin, dtype, 1, _AGAIN)
    _loans[place] = loan
    if _is_held(before):
        _keep(before)
    return loan


def _lent_by(frame, loan, source):
    # Both, because the loan may be over for another call.
    frame.busy = True
    if frame.lent is None:
        frame.lent, frame.source = loan, source
    else:
        frame.is_full = True
        frame.lent_too.append((loan, source))


def lend(frame, words, at, source):
    """Writes a Memory (see _host_memory), whose dtype is text, at words[at]."""
    ndim = len(source.shape)
    flags = _READONLY if source.readonly else 0
    if type(source.source) in OF_BYTES:
        flags |= _MEMORYVIEW
    loan = Loan(source.address, name(source.dtype), ndim, flags)
    for i in range(ndim):
        loan.words[_LENGTHS + i] = source.shape[i]
        loan.words[_LENGTHS + ndim + i] = source.strides[i]
    loan.words[_STRIDES] = loan.address + 8 * (_LENGTHS + ndim)
    _warn_of_latest()
    words[at] = MEMORY
    words[at + 1] = loan.address
    _lent_by(frame, loan, source)


def _is_held(loan):
    return loan.words[_NUMBER] != 0


def _returned(loan, source):
    """A call has ended: is Python still interested?"""
    global _latest
    if loan.words[_NUMBER] == 0:
        loan.source = None
    else:
        loan.source, _latest = source, loan
        if not loan.is_kept:
            untraced(_keep, loan)


def _keep(loan):
    global _weight
    source = loan.source
    if loan.is_kept or source is None:
        return
    loan.is_kept = True
    _kept.append(loan)
    _weight += 1 + (_nbytes(source) >> 14)
    if _weight >= _limit:
        look_through()


def _nbytes(source):
    return source.nbytes if type(source) is Memory else len(source) * source.itemsize


def look_through():
    """Ends the loans that are over."""
    global _limit, _weight
    with Undisturbed(_looking) as alone:
        if not alone:
            return
        count = len(_kept)
        alive = []
        for loan in _kept[:count]:
            loan.is_kept = _is_held(loan)
            if loan.is_kept:
                alive.append(loan)
            else:
                loan.source = None
        _kept[:count] = alive  # other threads only append
        _weight, _limit = 0, max(_FEWEST, len(alive))
        moved = [_moved(loan) for loan in alive[-_CHECKED:]]
    for one in moved:
        warn_of_moved(one)


def lent():
    """The host objects that Python looks at, one for each array."""
    look_through()
    sources = []
    for loan in set(_kept).union(_loans):
        source = loan.source
        if source is not None:
            source = source.source if type(source) is Memory else source
            sources.extend([source] * loan.words[_NUMBER])
    return sources


def _moved(loan):
    """The host object of a loan if its memory has moved, else None."""
    source = loan.source
    if source is None or not _is_held(loan):
        return None
    if type(source) is array.array:
        return source if source.buffer_info()[0] != loan.begin else None
    return source.source if source.moved() else None


def _warn_of_latest():
    if _latest.words[_NUMBER]:
        warn_of_moved(_moved(_latest))


def warn_of_moved(source):
    """For what `_moved` gives."""
    if source is not None:
        warn(
            "the %s was resized while Python looks at its memory; the memory has moved, "
            "and Python's array is invalid" % type(source).__name__,
            RuntimeWarning,
        )


_memory.returned = _returned
_sweeping.swept = look_through
variables(globals(), "_latest _weight _limit")
