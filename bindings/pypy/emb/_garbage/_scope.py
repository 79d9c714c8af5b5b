"""`with emb.scope():` releases at its end what was made inside, without a collection."""

import threading
import weakref

from .._proxies import _object
from .._proxies._handle import Handle
from . import _lifetime, _notes


class scope:
    """What this thread makes inside the block is released when the block ends.

        with emb.scope() as here:
            for i in range(1000):
                total = here.keep((a * i).cumsum())   # all else that came up is let go

    An object that is used afterwards, and was not kept, raises BadHandle.  Scopes nest; what
    one keeps belongs to the scope around it.  In CPython objects go by themselves, and this
    releases those that are left.
    """

    __slots__ = ("_made", "_kept", "_next_look", "_outer", "_thread")

    def __enter__(self):
        self._made, self._kept = {}, []
        self._next_look = 1024
        self._thread = threading.get_ident()
        with _changing:
            self._outer = _open.get(self._thread)
            _open[self._thread] = self
            _lifetime.noted, _notes.is_of_scope = _note, _is_of_scope
        return self

    def keep(self, proxy):
        """Leaves `proxy` to the scope around this one, or to the collector; gives it back."""
        if not isinstance(proxy, Handle):
            raise TypeError("keep() takes an emb.Object, not %s" % type(proxy).__name__)
        proxy._emb_handle  # what has no object of its own yet gets one that stays
        self._kept.append(proxy._emb_owner)
        return proxy

    def __exit__(self, kind, value, traceback):
        with _changing:
            if self._outer is None:
                del _open[self._thread]
            else:
                _open[self._thread] = self._outer
            if not _open:
                _lifetime.noted = _notes.is_of_scope = None
        kept = {id(proxy) for proxy in self._kept}
        for handle, reference in self._made.items():
            proxy = reference()
            if proxy is None:
                continue
            if id(proxy) not in kept:
                _object.release(proxy)
            elif self._outer is not None:
                self._outer._made[handle] = reference
        self._made, self._kept = {}, []

    def _remember(self, proxy):
        made = self._made
        made[proxy._emb_handle] = weakref.ref(proxy)
        if len(made) >= self._next_look:
            alive = [(handle, one) for handle, one in made.items() if one() is not None]
            made = self._made = dict(alive)
            self._next_look = max(1024, 2 * len(made))


scope.__module__ = "emb"


class _Apart(scope):
    """What is made inside lasts."""

    __slots__ = ()

    def _remember(self, proxy):
        pass


_open = {}  # thread -> its innermost scope
_changing = threading.Lock()


_lifetime.apart = _Apart


def _note(proxy):
    innermost = _open.get(threading.get_ident())
    if innermost is not None:
        innermost._remember(proxy)


def _in_scope():
    return threading.get_ident() in _open


def _is_of_scope(handle):
    """Whether the proxy with this handle will end with a scope."""
    for scope in list(_open.values()):
        while scope is not None:
            if handle in scope._made:
                return True
            scope = scope._outer
    return False


_lifetime.in_scope = _in_scope
