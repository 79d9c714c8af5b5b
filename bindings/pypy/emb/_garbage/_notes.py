"""Which proxy an object has already.

Nothing is noted of a proxy when it is made: most objects never come again.  libemb tells those to
which nobody but the new handle refers, which are new to the host therefore (EMB_OBJECT), from all
others (EMB_SHARED).  When one of these comes, the handles made since the last one are noted in libemb,
as they stand in their rows, and libemb is asked whether one of them is of that object.  To
which proxy that handle belongs is looked for in the batches, or, once proxies have left theirs, in
a table.
"""

import array
import weakref

from .._abi import _declarations
from .._abi._library import backend, functions
from ._batches import ROOM
from ._collector import untraced, variables

_INSTEAD = _declarations.CONSTANTS["EMB_NOTE_INSTEAD"]
_JOINED = 1000  # handles that are noted at once, of proxies in no batch

_note, _noted = functions.emb_object_note, functions.emb_object_noted
_reference = weakref.ref

of_handle = {}  # handle -> weak reference to its proxy: of those that have left their batch
_found = {}  # the same, of those that were found in one
_joined = []  # handles that are to be noted, of proxies that have joined no batch
_closed = []  # rows of the other batches of which not all is noted
_answers = []  # memory for what libemb answers, that is not in use

# Set by _scope while one is open: whether the proxy with a handle will end with a scope.
is_of_scope = None


def _take():
    try:
        return _answers.pop()
    except IndexError:
        return untraced(backend.block, 1)


def close(row):
    """Soon no proxy joins the batch of a row any more."""
    _closed.append(row)


def _note_batch(batch, words, address):
    """Says whether these are all; they are not, where a thread is about to write its handle."""
    first = batch.noted
    count = ROOM - batch.places.__length_hint__() - first
    if not count:
        return True
    _note(batch.row.address + 8 * first, count, 0, address)
    batch.noted = first + words[0]
    return words[0] == count


def _note_closed(joined):
    """Of a batch that another thread is just closing, proxies still join the one `joined`."""
    answer = _take()
    for row in _closed[:]:
        reference = row.reference
        batch = reference and reference()
        if batch is None or _note_batch(batch, answer[1], answer[3]) and batch is not joined:
            _is_noted(row)
    _answers.append(answer)


def _is_noted(row):
    try:
        _closed.remove(row)
    except ValueError:
        pass  # another thread has noted it too


def leave(handles):
    """Notes those of proxies that leave their batch."""
    data, answer = array.array("q", handles), _take()
    _note(data.buffer_info()[0], len(data), 0, answer[3])
    _answers.append(answer)


def swept(rows):
    """What was in batches has been freed, or has left them, but for those of `rows`."""
    for row in _closed[:]:
        if row not in rows:
            _is_noted(row)
    _found.clear()


def join(proxy, handle):
    """What is done for each proxy that joins no batch: all of them, in a host that has none."""
    of_handle[handle] = _reference(proxy)
    _joined.append(handle)
    if len(_joined) >= _JOINED:
        _note_joined()


def _note_joined():
    handles = _joined[:]
    del _joined[: len(handles)]
    leave(handles)


def proxy_of(handle, host, batch, batches):
    """The living proxy, of the class `host`, of the object at a new handle.  None where there is none:
    then the new handle is the one that is noted.  New proxies join `batch`, and `batches()` gives all
    that there are."""
    if _closed:
        untraced(_note_closed, batch)
    if _joined:
        untraced(_note_joined)
    answer = _take()
    _owner, words, _reals, address = answer
    _note_batch(batch, words, address)
    noted = 0 if _noted(handle, address) else words[0]
    proxy, will_end = None, is_of_scope
    if noted:
        proxy = _with_handle(noted, batch, batches)
        if type(proxy) is not host or proxy._emb_handle != noted:
            proxy = None
        elif will_end is not None and will_end(noted):
            proxy = None
        if proxy is None:
            words[0] = handle
            _note(address, 1, _INSTEAD, address)
    _answers.append(answer)
    return proxy


def _with_handle(handle, batch, batches):
    """Whose handle it is; None, or one that has been released, where nobody's."""
    proxy = _among_latest(batch, handle)
    if proxy is not None:
        return proxy
    reference = _found.get(handle)
    if reference is None:
        reference = of_handle.get(handle)
    return untraced(_look_for, handle, batches) if reference is None else reference()


def _among_latest(batch, handle):
    """One of the latest three, without a loop, which would not become part of a JIT's trace."""
    proxies = batch.proxies
    try:
        proxy = proxies[-1]
        if proxy._emb_handle != handle:
            proxy = proxies[-2]
            if proxy._emb_handle != handle:
                proxy = proxies[-3]
                if proxy._emb_handle != handle:
                    return None
        return proxy
    except IndexError:
        return None


def _look_for(handle, batches):
    for batch in batches():
        for proxy in batch.proxies:
            if proxy._emb_handle == handle:
                _found[handle] = _reference(proxy)
                return proxy
    reference = of_handle.get(handle)  # it may have left its batch just now
    return reference and reference()


variables(globals(), "is_of_scope")
