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
        self.addresses = [0] * (1 << _PAGE_BITS)  # of the sources, once the call has ended


class Lent:
    """What `pack` writes for memory: the address of its emb_memory."""

    __slots__ = ("address",)

    def __init__(self, address):
        self.address = address


_pages = []
_unused = []  # places in the ledger, the lowest last
_weight = 0  # of the loans that calls have left behind since the last look
_limit = _FEWEST  # what that may be
_latest = 0  # the place of the latest of them
_adding, _looking = threading.Lock(), threading.Lock()


def _lend(frame, source, address, nbytes, dtype, dimensions):
    """The emb_memory of a new loan, without shape and strides: (words, index, its address)."""
    try:
        place = _unused.pop()
    except IndexError:
        place = _add_page()
    page = _pages[place >> _PAGE_BITS]
    page.sources[place & _LAST] = source
    frame.lent += (nbytes, address, place)
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


def lend_array(frame, source):
    """An array.array for `pack`; None for those of text."""
    dtype = _entries.get(source.typecode)
    if dtype is None:
        return None
    address, count = source.buffer_info()
    if _pages:
        _warn_if_moved(_latest, source, address)
    nbytes = count * source.itemsize
    words, at, memory = _lend(frame, source, address, nbytes, dtype, 1)
    words[at + 5] = memory + 64
    words[at + 6] = 0
    words[at + 8] = count
    return Lent(memory)


def lend(frame, memory):
    """A Memory (see _host_memory) for `pack`; its dtype is text."""
    ndim = len(memory.shape)
    dimensions = ndim | _READONLY if memory.readonly else ndim
    dtype = name(memory.dtype)
    frame.keep.append(dtype)
    words, at, lent = _lend(frame, memory, memory.address, memory.nbytes, dtype, dimensions)
    shape, _reals, first, address = frame.slots(ndim + 1)
    for i in range(ndim):
        shape[first + i] = memory.shape[i]
        shape[first + ndim + i] = memory.strides[i]
    words[at + 5] = address
    words[at + 6] = address + 8 * ndim
    return Lent(lent)


def _returned(loans):
    """The call has ended: is Python still interested?  (No loop, for the sake of the JIT.)"""
    global _latest, _weight
    place, address, nbytes = loans.pop(), loans.pop(), loans.pop()
    page = _pages[place >> _PAGE_BITS]
    if page.numbers[place & _LAST]:
        page.addresses[place & _LAST] = address
        _latest = place
        _weight += 1 + (nbytes >> 14)
        if _weight >= _limit:
            _lifetime.apart(look_through)
    else:
        page.sources[place & _LAST] = None
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
        alive, over = 0, []
        for number, page in enumerate(_pages):
            numbers, addresses = page.numbers, page.addresses
            for at in range(_LAST + 1):
                if addresses[at]:
                    if numbers[at]:
                        alive += 1
                        if alive < _CHECKED:
                            _warn_if_moved(number << _PAGE_BITS | at, None, 0)
                    else:
                        addresses[at] = 0
                        page.sources[at] = None
                        over.append(number << _PAGE_BITS | at)
        over.reverse()
        _unused.extend(over)
        _limit = max(_FEWEST, alive)
    finally:
        _looking.release()


def lent():
    """The host objects that Python looks at, one for each array."""
    look_through()
    sources = [one for page in _pages for one in page.sources if one is not None]
    return [one.source if type(one) is Memory else one for one in sources]


def _warn_if_moved(place, source, now):
    """`now` is where `source` is, if the loan at this place should be of it."""
    page, at = _pages[place >> _PAGE_BITS], place & _LAST
    lent, before = page.sources[at], page.addresses[at]
    if not before or not page.numbers[at]:
        return
    if lent is source:
        moved = now != before
    elif type(lent) is array.array:
        moved = lent.buffer_info()[0] != before
    else:
        moved = lent.moved()
    if moved:
        warn_of_moved(lent.source if type(lent) is Memory else lent)


def warn_of_moved(source):
    warnings.warn(
        "an %s was resized while Python looks at its memory; the memory has moved, "
        "and Python's array is invalid" % type(source).__name__,
        RuntimeWarning,
        stacklevel=4,
    )


_memory.returned = _returned
_convert.Lent = Lent
_lifetime.swept = look_through
