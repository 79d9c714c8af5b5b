"""What the process takes, which tells of memory that no object exports: pictures, tables, graphs, frames.

It is compared with what was left by the last full collection of the host.  What C's allocator and the
host's keep though it is free does not count: garbage would fill it unnoticed.  Of others, which do not
tell, some of that is known by how many proxies have died: if few are left of those that the process has
grown with, little of the memory is in use.
"""

import os
from time import perf_counter

from ._collector import unused, variables

_PAGE = os.sysconf("SC_PAGE_SIZE")
_MORE = 128 << 20  # by so many bytes it may grow before a full collection begins,
_PART = 4  # or by such a part of what was left
_SELDOM = 20  # collections because of what is only estimated take such a part of the time,
_RARELY = 100  # asking the allocators such a part,
_HARDLY = 200  # and looking, which is always done
_SOON = 5e-3  # seconds in which it does not grow by much
_FREE = 8  # the place of that among what it tells

_latest = 0  # when it was looked at last
_look_again = 0.0  # when it may be again
_left = 0  # what was in use after the last full collection; less, if it took less meanwhile
_taken = 0  # what it took then
_before = 0  # the same, when that began
_outlived = 0  # proxies that have outlived a minor collection since then
_each = 0  # about how many bytes were behind each of these, at times when they made it grow
_proxies = 0  # that had outlived any, and were alive then
_again = 0.0  # when there may be another because of what these weigh
_free = 0  # what the allocators have said
_next = 0.0  # when they are asked again
_ask = None  # how


def resident():
    """How many bytes of memory the process has; 0 where nothing tells."""
    try:
        file = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return 0
    try:
        return int(os.read(file, 100).split()[1]) * _PAGE
    finally:
        os.close(file)


def look():
    """Of what it takes now it will be said by how much it has grown, and whether it is much."""
    global _left, _latest, _look_again
    begin = perf_counter()
    if begin < _look_again:
        return
    _latest = resident()
    _left = min(_left or _latest, _latest)
    now = perf_counter()
    _look_again = now + min(_SOON, _HARDLY * (now - begin))


def has_grown():
    """Whether there is more that may be young."""
    return resident() - _latest > _MORE


def is_much():
    """Whether it is time for a full collection."""
    more = max(_MORE, _left // _PART)
    if _latest <= _left + more:
        return False
    used = _used()
    if used <= _left + more:
        return False
    return used > _taken + more or _outlived * _each > more and perf_counter() > _again


def outlived(count):
    """So many proxies have outlived a minor collection."""
    global _outlived
    _outlived += count


def begin():
    """A full collection begins."""
    global _before, _again
    _before, _again = _used(), perf_counter()


def settle(proxies):
    """It has ended, and what died in it is free.  So many proxies are alive that have outlived any."""
    global _latest, _left, _taken, _outlived, _each, _proxies, _next, _again
    _latest, _next = resident(), 0.0
    used = _used()
    grown, alive = max(0, used - _left), max(0, proxies - _proxies)
    _each = max(_each * 3 // 4, (_before - _taken) // max(1, _outlived))
    _left = min(used, _left + grown * alive // max(1, _outlived))
    _taken, _proxies, _outlived = used, proxies, 0
    now = perf_counter()
    _again = now + _SELDOM * (now - _again)


def _used():
    global _free, _next
    begin = perf_counter()
    if begin >= _next:
        _free = _told_free()
        now = perf_counter()
        _next = now + _RARELY * (now - begin)
    return _latest - _free


def _told_free():
    global _ask
    if _ask is None:
        _ask = _asking()
    return _ask() + unused()


def _asking():
    """A function that asks the allocator, where it tells."""
    try:
        import ctypes

        library = ctypes.CDLL(None)
        try:
            ask, kind = library.mallinfo2, ctypes.c_size_t
        except AttributeError:
            ask, kind = library.mallinfo, ctypes.c_uint  # before glibc 2.33
    except (ImportError, OSError, AttributeError):
        return int  # 0

    class Told(ctypes.Structure):
        _fields_ = [("told", kind * 10)]

    ask.restype = Told
    return lambda: ask().told[_FREE]


variables(globals(), "_latest _look_again _left _taken _before _outlived _each _proxies _again _free _next")
