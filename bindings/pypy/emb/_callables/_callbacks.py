"""Host functions as Python callables.

The same function is the same callable as long as Python holds it, see _entries.

One C function serves all of them.  It runs on any thread that runs Python, and holds
Python's lock as long as the host has no other thread that it might wait for.
"""

import types
from _thread import _count, get_ident

from .._abi._crossings import FORM, box
from .._abi._declarations import CONSTANTS
from .._abi._error import failure
from .._abi._kinds import BOOL, FLOAT, HIGHEST, INT, LOWEST, OBJECT
from .._abi._library import backend, functions
from .._abi._memory import finish, give, not_called_yet, shared_items, take
from .._abi._names import name
from .._abi._reading import read_argument, read_text
from .._garbage._collector import variables
from .._interpreter import _session
from .._interpreter._undisturbed import descend
from .._proxies import _arrivals
from ._entries import Entry, enter, entries, findable, key_of, known, release
from ._signature import encoded, name_and_doc

_FUNCTION = CONSTANTS["EMB_CALLBACK_FUNCTION"]
_BOUND = CONSTANTS["EMB_CALLBACK_BOUND"]
_PACKED = CONSTANTS["EMB_CALLBACK_PACKED"]  # each parameter takes PyPy 6 ns
_USERDATA, _ARGS, _NARGS, _KEYWORDS, _RESULT = 0, 1, 2, 3, 5  # words of an emb_packed_call
_CALL_VALUES = 4  # its size, in emb_values

_object_free = functions.emb_object_free
_peek = backend.peek

_nested = []  # one item for each callback that runs, of any thread: appending is atomic
_SHALLOW = 16  # callbacks in callbacks that need no look at the stack
_ROOM = 150  # calls that must fit on the stack before a callback begins
_keyword_names = {}  # "a,b" -> ("a", "b")
_KEYWORDS_KEPT = 4096

# Set by _threads: the first thread of the host; and what gives Python's lock back for the rest of a
# callback, which may wait for others.
first = get_ident()
give_back: object

# Set by _awaiting and _guest, when there is a task with context variables of its own: function of the host
# that another thread calls -> the same, with those of the task that has started that.
in_context = None
stepping = False  # whether a loop of Python's makes a step in one of the host's (see _guest): the same then

# Set by _watched: Python may pass one of the containers that it has got.
containers_called: object
# Set by _shared_items: what Python has read has the same items as the host's again.
items_called: object
items_go_on: object

# Set by _raised: host exception -> proxy of Python's exception to be raised for it.
raising = None
# Set by _functions: handle of the first callable of a class of Python -> nothing; it may be called
# twice, of two threads.
first_of_its_class: object
_classes_seen = set()  # the forms of callables whose class is complete
_completing = set()  # (thread, form) where it is being completed


# --- Python calls the host


def _called(address):
    """The C function behind every callable; see emb_packed_function in emb.h."""
    _nested.append(None)
    try:
        call, payloads = _peek(address, _CALL_VALUES)
        args, nargs = call[_ARGS], call[_NARGS]
        if _arrivals.others or get_ident() != first:
            give_back()
        if len(_nested) > _SHALLOW:
            descend(_ROOM)
        if not_called_yet:
            containers_called()
        if shared_items:
            items_called()
        function = entries[call[_USERDATA]].function
        if in_context is not None and (stepping or get_ident() != first):
            function = in_context(function)
        if call[_KEYWORDS]:
            value = _call_with_keywords(function, args, nargs, call[_KEYWORDS], call[_KEYWORDS + 1])
        elif nargs == 1:
            words, reals = _peek(args, 1)
            value = function(read_argument(words, reals, 0))
        elif nargs == 2:
            words, reals = _peek(args, 2)
            value = function(read_argument(words, reals, 0), read_argument(words, reals, 2))
        elif nargs == 0:
            value = function()
        else:
            words, reals = _peek(args, nargs)
            value = function(*[read_argument(words, reals, 2 * i) for i in range(nargs)])
        if value is not None:
            _give_result(call, payloads, value)
        return 0
    except BaseException as error:
        failed = error
    finally:
        _nested.pop()
        if shared_items:
            items_go_on()
    # Not inside `except`: a host that is CPython would make the one the other's context.
    try:
        return _failed(failed)
    finally:
        del failed


code = _called.__code__  # by which the frames are known where Python has called the host


def runs():
    """Whether a function of the host runs that Python has called."""
    return bool(_nested)


def may_run():
    """Whether a function of the host runs, or may in another thread: else the host is in one call at most."""
    return bool(_nested) or _arrivals.others or _count() > 0


def is_foreign():
    """Whether this thread is another than the host's first."""
    return get_ident() != first


def _call_with_keywords(function, args, nargs, keywords, keywords_length):
    text = read_text(keywords, keywords_length)
    names = _keyword_names.get(text)
    if names is None:
        if len(_keyword_names) >= _KEYWORDS_KEPT:
            _keyword_names.clear()
        names = _keyword_names[text] = tuple(text.split(","))
    words, reals = _peek(args, nargs + len(names))
    values = [read_argument(words, reals, 2 * i) for i in range(nargs + len(names))]
    return function(*values[:nargs], **dict(zip(names, values[nargs:])))


def _give_result(words, reals, value):
    """Numbers are written as they are; anything else is made here, so that no memory of the
    host has to outlive this call."""
    kind = type(value)
    if kind is float:
        reals[_RESULT + 1] = value
        words[_RESULT] = FLOAT
    elif kind is int and LOWEST <= value <= HIGHEST:
        words[_RESULT + 1] = value
        words[_RESULT] = INT
    elif kind is bool:
        words[_RESULT + 1] = 1 if value else 0
        words[_RESULT] = BOOL
    else:
        words[_RESULT + 1] = box(value)
        words[_RESULT] = OBJECT


def _failed(error):
    """Raises the exception in Python; the status for libemb."""
    try:
        exception = raising(error)
        return functions.emb_error_raise_object(exception._emb_handle)
    except BaseException as obstacle:
        # No room on the stack, or no Python any more: what can be said without either.
        too_deep = isinstance(error, RecursionError) or isinstance(obstacle, RecursionError)
        return functions.emb_error_raise(*(_TOO_FORM if too_deep else _LOST))


_TOO_FORM = (
    name("RecursionError")[:2] + name("maximum recursion depth exceeded in a host function")[:2]
)
_LOST = name("RuntimeError")[:2] + name("a host function raised what cannot be told")[:2]


# For ever: Python may hold callables as long as it runs.
_function_owner, _function = backend.callback("emb_packed_function", _called, _failed)


# --- the host hands functions to Python


def handle_of(function, as_method=False):
    """The handle of the Python callable for a host function, for the caller to release; for a bound
    method that of what Python's method is to call."""
    key = key_of(function)
    return known(key) or _make(function, key, as_method)


def _make(function, key, as_method):
    _session.ensure()
    form = FORM
    if as_method or type(function) is types.FunctionType:
        form |= _FUNCTION | (_BOUND if as_method else 0)
        label, doc = encoded(function.__name__), b""  # the rest is asked of it, see _functions
    else:
        label, doc = name_and_doc(function)
    entry = Entry(function, key)
    token = enter(entry)
    frame = take()
    try:
        words = frame.words
        status = functions.emb_callback_new(
            frame.bytes(label),
            len(label),
            frame.bytes(doc),
            len(doc),
            _function,
            token,
            form | _PACKED,
            release,
            frame.address,
        )
        if status:
            raise failure(status)  # `release` was called all the same
        handle = findable(frame, entry, token, words[0])
    finally:
        if frame.busy:
            finish(frame)
        give(frame)
    if form not in _classes_seen:
        _complete_class(form, handle)
    return handle


def _complete_class(form, handle):
    """No thread uses a callable before the class is complete, but for what completes it."""
    this = get_ident(), form
    if this in _completing:
        return
    _completing.add(this)
    try:
        first_of_its_class(handle)
        _classes_seen.add(form)
    except BaseException:
        _object_free(handle)
        raise
    finally:
        _completing.discard(this)


variables(globals(), "in_context stepping")
_session.after_shutdown(_classes_seen.clear)
