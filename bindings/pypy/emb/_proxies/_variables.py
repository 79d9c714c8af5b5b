"""Variables of Python's modules, which programs read again and again: `math.pi`, `np.sqrt`.

Python has a number of the version of a module's variables, which is another one after each change.  As
long as it is the same, a variable is what it was when it was read, which takes no crossing: a JIT reads
one word.  Plain values are kept, objects only as long as somebody else in the host holds them.
"""

import weakref

from .._abi._error import failure
from .._abi._library import backend, functions
from .._abi._memory import finish, give, take
from .._abi._names import name
from .._garbage import _lifetime
from .._garbage._collector import untraced
from .._interpreter import _session
from ._handle import RELEASED, Owner
from ._object import Object

_PLAIN = (int, float, complex, bool, str, bytes, type(None))
_NAMES_KEPT = 64  # PyPy's JIT knows what is in an object that has no more attributes than that
_READ_ANEW = 100  # times: then a variable, or those beside it, changes too often

_get_handle = Owner._emb_handle.__get__
_reference = weakref.ref
_open = True  # while Python runs


class _Known:
    """What a variable was when a word in memory (by its place) had a value."""

    __slots__ = ("place", "version", "value", "is_weak", "owns", "tries")


class _Variables:
    """Those of a module that have been read, by their names."""


def reader(memory, get_variables, set_variables):
    """`__getattr__` for modules; `memory`: all of it, in words; a descriptor's functions for what each
    module has of its own."""

    def __getattr__(self, name_):
        if not _open or _lifetime.noted is not None:
            return Object.__getattr__(self, name_)
        try:
            read = get_variables(self)
        except AttributeError:
            read = None
        if read is None:
            return untraced(first_time, self, name_)
        known = getattr(read, name_, None)
        if type(known) is not _Known:  # None, or what any object has
            return untraced(look, self, read, name_, 0)
        if memory[known.place] == known.version and _get_handle(self) != RELEASED:
            if not known.is_weak:
                return known.value
            value = known.value()
            if value is not None and (not known.owns or _get_handle(value) != RELEASED):
                return value
            return untraced(look, self, read, name_, known.tries)
        if known.tries < _READ_ANEW:
            return untraced(look, self, read, name_, known.tries + 1)
        return Object.__getattr__(self, name_)

    def first_time(module, name_):
        read = _Variables()
        set_variables(module, read)
        return look(module, read, name_, 0)

    def look(module, read, name_, tries):
        """Reads a variable, and notes what it is where it will be told when that changes."""
        if name_[:1] == "_":
            return Object.__getattr__(module, name_)
        place = _place(module._emb_handle, name_)
        before = memory[place] if place else 0
        value = Object.__getattr__(module, name_)
        is_weak = type(value) not in _PLAIN
        if not place and _place(module._emb_handle, name_):
            return value  # reading it has made it a variable: a submodule that is imported when it is wanted
        if not place or is_weak and not _lasts(value):
            place, before, tries = _nowhere, 0, _READ_ANEW
        elif memory[place] != before:
            return value
        known = _Known()
        known.tries, known.is_weak = tries, is_weak
        known.owns = issubclass(type(value), Owner)
        known.place, known.version = place, before
        known.value = None
        if place != _nowhere:
            known.value = _reference(value) if is_weak else value
        if len(read.__dict__) < _NAMES_KEPT or name_ in read.__dict__:
            setattr(read, name_, known)
        return value

    owner, words, _reals, address = backend.block(1)
    words[0] = 1  # where nothing is told of changes, this is another number than the 0 beside it
    _nowhere = address // 8 - 1
    _kept.append(owner)
    return __getattr__


_kept = []


def _place(handle, name_):
    """Where the word is, counted in words from the first that a pointer may lead to; 0 for none."""
    entry = name(name_)
    frame = take()
    try:
        frame.words[0] = 0
        status = functions.emb_object_version(handle, entry[0], entry[1], frame.address)
        if status:
            raise failure(status)
        return frame.words[0] // 8 - 1 if frame.words[0] else 0
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _lasts(value):
    """Whether what stands for a variable's object may do so again."""
    return issubclass(type(value), (Owner, type))


def _close():
    global _open
    _open = False


_session.before_shutdown(_close)
