"""Weak references of Python to what stands there for an object or a function of the host.

What stands for it goes when Python no longer holds it, and weak references to it would break though the
host's object is alive.  So where there are some, the host holds what stands for it from then on, and
its own object weakly: they end with that object.  What Python has again is held as usual, until a full
collection finds that it is not any more.
"""

import types
import weakref

from . import _entries, _lifetime, _object, _session
from ._code import Part

_SOURCE = '''
import sys

references = sys.getrefcount
'''

_python = Part(_SOURCE)
_held = {}  # token -> proxy of what stands for the host's object, which is held weakly
_again = []  # tokens of those that Python has had again


class Faint:
    """In the place of an object that the host may drop."""

    __slots__ = ("reference", "token")

    def __init__(self, value, token):
        refer = weakref.WeakMethod if type(value) is types.MethodType else weakref.ref
        self.reference = refer(value, lambda _reference: _held.pop(token, None))
        self.token = token

    def value(self):
        """The object, which Python has again; None where there is no more."""
        value = self.reference()
        if value is not None and self.token in _held:
            _entries.entries[self.token].function = value
            _again.append(self.token)
        return value

    def __call__(self, *args, **kwargs):
        return self.value()(*args, **kwargs)


@_lifetime.lasting
def outlived(value):
    """Python, of what stands for an object of the host: only weak references look at it any more."""
    token, entry = _entries.entry_of(value)
    handle = _entries.living(entry)
    if handle:
        _held[token] = _object.wrap_light(handle)
        _weaken(token)


def _weaken(token):
    entry = _entries.entries.get(token)
    try:
        entry.function = Faint(entry.function, token)
    except TypeError:
        _held.pop(token, None)  # of a class without weak references: it is dropped as usual


def _let_go():
    """What Python has not kept is held weakly again."""
    tokens = _again[:]
    del _again[: len(tokens)]
    if not tokens or not _session.running():
        return
    alone = _python("references")(_object.Object([]))
    for token in set(tokens):
        proxy = _held.get(token)
        if proxy is None:
            continue
        if _python("references")(proxy) > alone:
            _again.append(token)
        else:
            _weaken(token)


_lifetime.at_full_collections.append(_let_go)
_session.after_shutdown(_held.clear)
_entries.Faint = Faint
