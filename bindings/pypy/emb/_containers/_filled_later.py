"""Empty lists, dicts and sets among the arguments of a call.

They are there to be filled, at times later, by what the call returns: `lgb.record_evaluation(results)`,
`register(log)`.  So Python gets a container by a handle, and is asked afterwards whether somebody has kept
it: then it has the same items as the host's for as long as _kept_items looks at it.  So it does from
the moment when Python calls a function of the host, to which it may pass it: `start_soon(worker, results)`.
"""

from .._abi import _convert
from .._abi._calls import call
from .._abi._kinds import DICT, LIST, OBJECT, SET
from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._code import find
from . import _kept_items
from ._turns import is_at_it
from ._watched import Argument, own_in

_NAMES = {LIST: "list", DICT: "dict", SET: "set"}
_references = []  # how many there are of one in `keep` that nobody has kept


class _Empty(Argument):
    """One among what a call may change."""

    __slots__ = ("container", "_proxy", "_is_shared")

    def __init__(self, container, proxy):
        self.container, self._proxy, self._is_shared = container, proxy, False

    def pack(self, words, at):
        words[at], words[at + 1] = OBJECT, self._proxy._emb_handle

    def called(self):
        self._is_shared = _kept_items.share(self.container, self._proxy)

    def refresh(self, watched):
        if self._is_shared:
            _kept_items.stay(self.container)
            return
        if not _references:
            _references.append(_kept_items.references(_new("list")))
        _kept_items.keep(self.container, self._proxy, _references[0], own_in(watched))

    def is_for(self, result):
        return result is self._proxy


@lasting
def _new(name):
    return call(find(name)._emb_handle, (), None)


def _pack_shared(frame, kind, container):
    """What stands for a container that Python has, or for an empty one; None for others."""
    known = _kept_items.passed(container)
    if known is not None or container or is_at_it():
        return known
    proxy = _new(_NAMES[kind])
    frame.watch(_Empty(container, proxy))
    return proxy


_convert.pack_shared = _pack_shared
_session.after_shutdown(_references.clear)
