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
from ._collector import untraced, variables
from ._convert import MEMORY
from ._host_memory import Memory
from ._library import backend
from ._memory import name

_READONLY = _declarations.CONSTANTS["EMB_ARRAY_READONLY"] << 32  # flags stand above ndim
_SIZE = 64  # bytes of an emb_memory, whose words are:
_DATA, _DTYPE, _DIMENSIONS, _SHAPE, _STRIDES, _HELD = 1, 2, 4, 5, 6, 7
_LENGTH, _NUMBER = 8, 9  # behind it: the shape of an array.array, and what libemb writes
_WORDS = 10
_PAGE_BITS = 12
_LAST = (1 << _PAGE_BITS) - 1
_CHECKED = 64  # how many are checked for having moved, in such a look
_FEWEST = 1024  # loans between two looks; for the memory behind them, 16 KiB count as one

_LETTERS = ["bi", "Bu", "hi", "Hu", "ii", "Iu", "li", "Lu", "qi", "Qu", "ff", "df"]
dtypes = {letter: "<%s%d" % (kind, array.array(letter).itemsize) for letter, kind in _LETTERS}
_entries = {letter: name(dtype) for letter, dtype in dtypes.items()}
_double = _entries["d"]


class _Page:
    """A part of the ledger: for each place an emb_memory and its number, and what is lent.

    For good, because libemb may write there whenever it likes.
    """

    __slots__ = ("words", "address", "sources", "begins", "_owner")

    def __init__(self):
        count = 1 << _PAGE_BITS
        self._owner, self.words, _reals, self.address = backend.block(count * _WORDS // 2)
        # Two lists, so that nothing is allocated for a loan, and a collector has little to look at.
        self.sources = [None] * count
        self.begins = [0] * count  # of their memory


_first = _Page()
_pages = [_first]
_unused = list(range(_LAST, -1, -1))  # places in the ledger, the lowest last
_left = []  # those that a call has left behind, and none has looked at since they were over
_latest = 0  # the latest of these
_weight = 0  # of the loans that there were since the last look
_limit = _FEWEST  # what that may be
_adding, _looking = threading.Lock(), threading.Lock()


def _page(place):
    # Of the first one, a JIT knows where its memory is.
    return _first if place <= _LAST else _pages[place >> _PAGE_BITS]


def _add_page():
    with _adding:
        first = len(_pages) << _PAGE_BITS
        _pages.append(_Page())
    _unused.extend(range(first + _LAST, first, -1))
    return first


def _lend(frame, source, begin, nbytes, dtype, dimensions):
    """A new loan, (words, place of its first, address); shape and strides are left to the caller."""
    global _weight
    try:
        place = _unused.pop()
    except IndexError:
        place = untraced(_add_page)
    _weight += nbytes >> 14
    frame.busy = True
    frame.lent.append(place)
    page, at = _page(place), place & _LAST
    page.begins[at] = begin
    page.sources[at] = source
    at *= _WORDS
    words, address = page.words, page.address + 8 * at
    words[at] = _SIZE
    words[at + _DATA] = begin
    words[at + _DTYPE] = dtype[0]
    words[at + _DTYPE + 1] = dtype[1]
    words[at + _DIMENSIONS] = dimensions
    words[at + _HELD] = address + 8 * _NUMBER
    return words, at, address


def lend_array(frame, words, at, source):
    """Writes an array.array at words[at]; False for those of text."""
    typecode = source.typecode
    # A letter beside another is no work for a JIT, one in a dict is.
    dtype = _double if typecode == "d" else _entries.get(typecode)
    if dtype is None:
        return False
    begin, count = source.buffer_info()
    warn_of_moved(_moved(_latest, source, begin))
    memory, first, address = _lend(frame, source, begin, count * source.itemsize, dtype, 1)
    memory[first + _SHAPE] = address + 8 * _LENGTH
    memory[first + _STRIDES] = 0
    memory[first + _LENGTH] = count
    words[at] = MEMORY
    words[at + 1] = address
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
    memory[first + _SHAPE] = address
    memory[first + _STRIDES] = address + 8 * ndim


def _is_held(place):
    return _page(place).words[(place & _LAST) * _WORDS + _NUMBER] != 0


def _returned(loans):
    """The call has ended: is Python still interested?  (No loop, for the sake of the JIT.)"""
    global _latest, _weight
    place = loans.pop()
    if _is_held(place):
        _left.append(place)
        _latest = place
        _weight += 1
        if _weight >= _limit:
            untraced(look_through)
    else:
        _page(place).sources[place & _LAST] = None
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
        count = len(_left)
        alive, over = [], []
        for place in _left[:count]:
            if _is_held(place):
                alive.append(place)
            else:
                _page(place).sources[place & _LAST] = None
                over.append(place)
        _left[:count] = alive  # other threads only append
        over.reverse()
        _unused.extend(over)
        _limit = max(_FEWEST, 2 * len(alive))
        moved = [_moved(place, None, 0) for place in alive[:_CHECKED]]
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
    if not _is_held(place):
        return None
    page, at = _page(place), place & _LAST
    lent, before = page.sources[at], page.begins[at]
    if lent is source:
        moved = now != before
    elif type(lent) is array.array:
        moved = lent.buffer_info()[0] != before
    else:
        moved = lent is not None and lent.moved()
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
variables(globals(), "_latest _weight _limit")
