"""Modules and source text."""

import os

from .._abi import _calls
from .._abi._calls import call
from .._abi._crossings import FORM, fetch, getattribute
from .._abi._error import failure
from .._abi._library import functions
from .._abi._memory import finish, give, take
from .._garbage._lifetime import lasting
from .._proxies import _object, _protocols
from .._proxies._handle import Handle, Owner
from . import _session

_found = {}  # dotted name -> proxy, of what the package itself needs
the_host_s = {}  # class that comes from Python as the host's own -> its proxy, set by _standard


def import_mod(name):
    """The module `name`; "a.b.c" gives a.b.c, not a.  Raises ImportError like `import`."""
    _session.ensure()
    data = _text("name", name)
    frame = take()
    try:
        status = functions.emb_import(frame.bytes(data), len(data), frame.address)
        if status:
            raise failure(status)
        return _object.wrap(frame.words[0])
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def run(source, globals=None, file="<emb>"):
    """Executes statements of Python in `globals`, a proxy of a dict (default: __main__'s).

    `file` is the name that tracebacks show.
    """
    handle = _globals(globals)
    data = _text("source", source)
    file_data = _text("file", file)
    frame = take()
    try:
        status = functions.emb_run(
            frame.bytes(data), len(data), frame.bytes(file_data), len(file_data), handle
        )
        if status:
            raise failure(status)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def evaluate(source, globals=None):
    """The value of an expression of Python in `globals`, as for `run`."""
    handle = _globals(globals)
    data = _text("source", source)
    frame = take()
    try:
        return fetch(functions.emb_eval, frame.bytes(data), len(data), handle, FORM)
    finally:
        if frame.busy:
            finish(frame)
        give(frame)


def _text(what, text):
    if not isinstance(text, str):
        raise TypeError("%s must be a str, not %s" % (what, type(text).__name__))
    return text.encode("utf-8")


def _globals(globals):
    _session.ensure()
    if globals is None:
        return 0
    if not isinstance(globals, Handle):
        raise TypeError(
            "globals must be an emb.Object of a dict, for example Object({}), not %s"
            % type(globals).__name__
        )
    return globals._emb_handle


def find(name):
    """The proxy of "module.attribute", or of a builtin; looked up once."""
    proxy = _found.get(name)
    return _find(name) if proxy is None else proxy


@lasting
def _find(name):
    module, _, attribute = name.rpartition(".")
    owner = import_mod(module or "builtins")
    found = proxy_of_class(getattribute(owner._emb_handle, attribute))
    # Of several threads the first: what is not kept here is soon gone, and its handle with it.
    return _found.setdefault(name, found)


def proxy_of_class(found):
    """What has come from Python, or, if that is a class that both sides have, the proxy of Python's."""
    return the_host_s.get(found, found) if type(found) is type else found


def _call_with_odd_keywords(handle, args, kwargs):
    """emb_call separates keywords by commas; for names with one, Python spreads a dict."""
    spread = _found.get("spread")
    if spread is None:
        made = lasting(evaluate)("lambda f, args, kwargs: f(*args, **kwargs)")
        spread = _found.setdefault("spread", made)
    return call(spread._emb_handle, (Borrowed(handle), args, kwargs), {})


class Part:
    """Code in Python that is part of the package: run when something of it is wanted first.

    `given` makes the names that the code may use, and is called just before; `begin` names a function
    in it that is to be called then.  Of threads that want it first at the same time each does all
    this, as none may wait for another; but all have what the first of them has made.
    """

    def __init__(self, source, given=dict, begin=None):
        self._source, self._given, self._begin = source, given, begin
        self._spaces = []
        self._is_ready = False
        self._known = {}
        _session.after_shutdown(self._forget)

    def __call__(self, name):
        known = self._known.get(name)
        return self._find(name) if known is None else known

    def known(self, name):
        """What has been wanted before; None for what has not."""
        return self._known.get(name)

    @lasting
    def _find(self, name):
        if not self._is_ready:
            self._run()
        return self._known.setdefault(name, self._spaces[0][name])

    def _run(self):
        space = _object.Object(self._given())
        run(self._source, space, file="<emb>")
        self._spaces.append(space)
        if self._begin is not None:
            self._spaces[0][self._begin]()
        self._is_ready = True

    def _forget(self):
        self._is_ready = False
        self._spaces.clear()
        self._known.clear()


class Both:
    """Code that runs on both sides, each of which has as `tell` the function `told` of the other one; its
    functions `join` and `part` begin and end what it does."""

    def __init__(self, source, name):
        self._source, self.here = source, {"__name__": name}
        self.there = Part(source, lambda: {"tell": lambda *what: self.here["told"](*what)})

    def join(self):
        """From now on, until the embedded Python ends."""
        # In the package's folder, whose frames no traceback shows.
        file = os.path.join(os.path.dirname(__file__), "<%s>" % self.here["__name__"])
        exec(compile(self._source, file, "exec"), self.here)
        self.here["tell"] = self.there("told")
        self.there("join")()
        self.here["join"]()
        _session.before_shutdown(self._part)

    def _part(self):
        self.here["part"]()
        self.there("part")()


class Borrowed(Owner):
    """A handle that somebody else owns."""

    __slots__ = ()

    def __init__(self, handle):
        self._emb_handle = handle


_object.builtin = _protocols.builtin = find
_calls.call_with_odd_keywords = _call_with_odd_keywords
_session.after_shutdown(_found.clear)
