"""Names of attributes, methods and keywords: (address, length, owner) of each in UTF-8, in memory that
is kept, because names come again."""

import sys

from .._garbage._collector import untraced
from ._library import backend

_MOST = 4096
_LAST, _ROOM = 63, 64

_names = {}  # name -> its entry
_keywords = {}  # tuple of names -> the entry of the joined names


class _Names:
    """Has names as attributes.  PyPy's JIT looks into a dict each time; but in that of an object it knows
    what it finds, if that has few attributes and their names are in the program."""


def _few_names():
    return vars(_Names())


class _Keyword:
    """The last of some, up to three, of a call: the entry of all, and what is known of each that may follow."""

    def __init__(self):
        self.entry, self.following = None, _few_names()


_spread = tuple([_few_names() for _ in range(_LAST + 1)])  # entries, by the hash of their names
_first = tuple([_few_names() for _ in range(_LAST + 1)])  # the same, of first keywords


def name(text):
    """The entry of a name."""
    entry = _find_name(text)
    return untraced(_make_name, text) if entry is None else entry


def joined(kwargs):
    """The entry of the names of keywords, by which libemb keeps what it made of them; its length is -1
    where there are some that cannot be joined."""
    entry = _find_keywords(kwargs)
    return untraced(_join, tuple(kwargs)) if entry is None else entry


if sys.implementation.name == "pypy":

    def _find_name(text):
        entry = _spread[hash(text) & _LAST].get(text) if type(text) is str else None
        return _names.get(text) if entry is None else entry

    def _find_keywords(kwargs):
        # A tuple is hashed anew each time; and unpacking is no loop to a JIT.
        count, found = len(kwargs), None
        if count == 1:
            (one,) = kwargs
            found = _find_first(one)
        elif count == 2:
            one, two = kwargs
            found = _find_next(_find_first(one), two)
        elif count == 3:
            one, two, three = kwargs
            found = _find_next(_find_next(_find_first(one), two), three)
        entry = None if found is None else found.entry
        return _keywords.get(tuple(kwargs)) if entry is None else entry

    def _find_first(text):
        return _first[hash(text) & _LAST].get(text)

    def _find_next(found, text):
        return None if found is None else found.following.get(text)

    def _keep_name(text, entry):
        if type(text) is str:
            _put(_spread[hash(text) & _LAST], text, entry)

    def _keep_keywords(texts, entry):
        if len(texts) > 3:
            return
        known = _first[hash(texts[0]) & _LAST]
        for text in texts:
            keyword = _put(known, text, _Keyword())
            if keyword is None:
                return
            known = keyword.following
        keyword.entry = entry

    def _put(known, text, value):
        """Gives what is known from then on; None where there is no more room."""
        return known.setdefault(text, value) if len(known) < _ROOM else known.get(text)

else:
    _find_name = _names.get

    def _find_keywords(kwargs):
        return _keywords.get(tuple(kwargs))

    def _keep_name(_text, _entry):
        """There is the dict."""

    _keep_keywords = _keep_name


def _make_name(text):
    if not isinstance(text, str):
        raise TypeError("a name is a str, not %s" % type(text).__name__)
    data = text.encode("utf-8")
    owner, area, address = backend.area(len(data) + 1)
    area[0 : len(data)] = data
    entry = address, len(data), owner
    _keep_name(text, entry)
    return _kept(_names, text, entry)


def _join(texts):
    if any(not one or "," in one or " " in one for one in texts):
        entry = (0, -1, None)
    else:
        entry = name(",".join(texts))
    _keep_keywords(texts, entry)
    return _kept(_keywords, texts, entry)


def _kept(entries, key, entry):
    if len(entries) >= _MOST:
        # The entries in use are held by their users, because an entry has its memory's owner.
        entries.clear()
    entries[key] = entry
    return entry
