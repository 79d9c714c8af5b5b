"""Memory of the host that is passed to Python, for hosts with a tracing collector.

It crosses with the call that it is an argument of.  libemb keeps a number for it in a
ledger, which is 1 as long as Python has the array; so the host need not be called.  Most
loans are over when the call is, the others are looked at now and then.  (A host that
counts references is called at once, see _share: it locks what it shares.)
"""

import array
import threading
import warnings

from . import _convert, _declarations, _lifetime, _memory
from ._collector import untraced
from ._convert import MEMORY
from ._host_memory import Memory
from ._library import backend
from ._memory import name

_READONLY = _declarations.CONSTANTS["EMB_ARRAY_READONLY"] << 32  # flags stand above ndim
_PAGE_BITS = 12
_LAST = (1 << _PAGE_BITS) - 1
_CHECKED = 64  # how many are checked for having moved, in such a look
_FEWEST = 1024  # loans between two looks; for the memory behind them, 16 KiB count as one

_LETTERS = ["bi", "Bu", "hi", "Hu", "ii", "Iu", "li", "Lu", "qi", "Qu", "ff", "df"]
dtypes = {letter: "<%s%d" % (kind, array.array(letter).itemsize) for letter, kind in _LETTERS}
_entries = {letter: name(dtype) for letter, dtype in dtypes.items()}


class _Page:
    """A part of the ledger.  For good, because libemb may write there whenever it likes."""

    __slots__ = ("numbers", "address", "sources", "addresses", "_owner")

    def __init__(self):
        self._owner, self.numbers, _reals, self.address = backend.block(1 << _PAGE_BITS >> 1)
        # Two lists, so that nothing is allocated for a loan.
        self.sources = [None] * (1 << _PAGE_BITS)
        self.addresses = [0] * (1 << _PAGE_BITS)  # of the sources; during the call, negative


_pages = []
_unused = []  # places in the ledger, the lowest last
_weight = 0  # of the loans that there were since the last look
_limit = _FEWEST  # what that may be
_latest = 0  # the place of the latest that a call has left behind
_adding, _looking = threading.Lock(), threading.Lock()


def _lend(frame, source, address, nbytes, dtype, dimensions):
    """The emb_memory of a new loan: (words, index of the first, address).

    Its words are size, data, dtype, its length, ndim and flags, shape, strides, held; shape and
    strides are left to the caller, who has two more words for them.
    """
    global _weight
    try:
        place = _unused.pop()
    except IndexError:
        place = _add_page()
    _weight += nbytes >> 14
    frame.lent.append(place)
    page = _pages[place >> _PAGE_BITS]
    page.addresses[place & _LAST] = -(address or 1)
    page.sources[place & _LAST] = source
    words, _reals, at, memory = frame.slots(5)
    words[at] = 64
    words[at + 1] = address
    words[at + 2] = dtype[0]
    words[at + 3] = dtype[1]
    words[at + 4] = dimensions
    words[at + 7] = page.address + 8 * (place & _LAST)
    return words, at, memory


def _add_page():
    with _adding:
        first = len(_pages) << _PAGE_BITS
        _pages.append(_Page())
    _unused.extend(range(first + _LAST, first, -1))
    return first


def lend_array(frame, words, at, source):
    """Writes an array.array at words[at]; False for those of text."""
    dtype = _entries.get(source.typecode)
    if dtype is None:
        return False
    address, count = source.buffer_info()
    warn_of_moved(_moved(_latest, source, address))
    memory, first, words[at + 1] = _lend(
        frame, source, address, count * source.itemsize, dtype, 1
    )
    words[at] = MEMORY
    memory[first + 5] = words[at + 1] + 64
    memory[first + 6] = 0
    memory[first + 8] = count
    return True


def lend(frame, words, at, source):
    """Writes a Memory (see _host_memory), whose dtype is text, at words[at]."""
    ndim = len(source.shape)
    dimensions = ndim | _READONLY if source.readonly else ndim
    dtype = name(source.dtype)
    frame.keep(dtype)
    warn_of_moved(_moved(_latest, source, source.address))
    memory, first, words[at + 1] = _lend(
        frame, source, source.address, source.nbytes, dtype, dimensions
    )
    words[at] = MEMORY
    shape, _reals, place, address = frame.slots(ndim + 1)
    for i in range(ndim):
        shape[place + i] = source.shape[i]
        shape[place + ndim + i] = source.strides[i]
    memory[first + 5] = address
    memory[first + 6] = address + 8 * ndim


def _returned(loans):
    """The call has ended: is Python still interested?  (No loop, for the sake of the JIT.)"""
    global _latest, _weight
    place = loans.pop()
    page, at = _pages[place >> _PAGE_BITS], place & _LAST
    if page.numbers[at]:
        page.addresses[at] = -page.addresses[at]
        _latest = place
        _weight += 1
        if _weight >= _limit:
            untraced(look_through)
    else:
        page.addresses[at] = 0
        page.sources[at] = None
        _unused.append(place)
    if loans:
        _returned(loans)


def look_through():
    """Ends the loans that are over."""
    global _limit, _weight
    if not _looking.acquire(False):
        return
    try:
        _weight = 0
        alive, over, moved = 0, [], []
        for number, page in enumerate(_pages):
            numbers, addresses = page.numbers, page.addresses
            for at in range(_LAST + 1):
                if addresses[at] > 0:
                    if numbers[at]:
                        alive += 1
                        if alive <= _CHECKED:
                            moved.append(_moved(number << _PAGE_BITS | at, None, 0))
                    else:
                        addresses[at] = 0
                        page.sources[at] = None
                        over.append(number << _PAGE_BITS | at)
        over.reverse()
        _unused.extend(over)
        _limit = max(_FEWEST, 2 * alive)
    finally:
        _looking.release()
    for one in moved:
        warn_of_moved(one)


def lent():
    """The host objects that Python looks at, one for each array."""
    look_through()
    sources = [one for page in _pages for one in page.sources if one is not None]
    return [one.source if type(one) is Memory else one for one in sources]


def _moved(place, source, now):
    """The host object of a loan if its memory has moved, else None.

    `now` is where `source` is, in case that it is of that one.
    """
    if not _pages:
        return None
    page, at = _pages[place >> _PAGE_BITS], place & _LAST
    lent, before = page.sources[at], page.addresses[at]
    if before <= 0 or not page.numbers[at]:
        return None
    if lent is source:
        moved = (now or 1) != before
    elif type(lent) is array.array:
        moved = (lent.buffer_info()[0] or 1) != before
    else:
        moved = lent.moved()
    if moved:
        return lent.source if type(lent) is Memory else lent
    return None


def warn_of_moved(source):
    """For what `_moved` gives."""
    if source is not None:
        warnings.warn(
            "an %s was resized while Python looks at its memory; the memory has moved, "
            "and Python's array is invalid" % type(source).__name__,
            RuntimeWarning,
            stacklevel=4,
        )


_memory.returned = _returned
_lifetime.swept = look_through
