"""The memory of a call: slots for its values, bytes for its text.

A `Frame` is taken for one crossing and given back after it, so that nothing is
allocated on the usual path.  Taking and giving are single list operations, which no
other thread can interrupt.
"""

from weakref import ref as _reference

from .._garbage._collector import untraced, variables
from ._library import backend, functions

ARGUMENT_SLOTS = 16  # slot 0 is the result, 1 to 15 the arguments
_NESTED_SLOTS = 48  # items of small tuples, lists, slices among the arguments
_AREA = 1024  # bytes for short text
_MORE_AREA, _LONG = 1 << 16, 2048  # the same where there is much of it; bytes that are not worth to be copied

_free = []
_all = []  # weak references: one that an exception has kept from being given back is no more in use

_object_free = functions.emb_object_free

# Set by _lending: what becomes of a Loan, and of what was lent, when the call has ended.
returned: object
# Set by _shared_items: what is to be looked at when a call has ended, and what does it.
shared_items = {}
came_back: object
goes_in: object  # what does it before a call
# Frames, by their addresses, of calls with containers among their arguments, see _watched; and those of which
# Python has not called the host since.
calls_with_containers, not_called_yet = {}, {}
# Where the host runs something in a context, whose Python's is not entered yet, see _contexts; what does that.
not_entered = []
enter_contexts: object
kept_items = {}  # containers that Python has kept, and that are not looked at each time
# Set by _share where the host locks what is lent: has what was released dropped at once.
settle = None


class Frame:
    """Values and text for one crossing.

    `words` and `reals` are the same memory: emb_value number i is words[2 * i], its
    kind in the low and its length in the high 32 bits, and words[2 * i + 1] or
    reals[2 * i + 1], its payload.
    """

    __slots__ = (
        "words",
        "reals",
        "scratch",
        "address",
        "area",
        "area_address",
        "top",
        "used",
        "lent",
        "source",
        "busy",
        "is_full",
        "_kept",
        "_loans",
        "lent_too",
        "watched",
        "shares",
        "_owners",
        "_more_area",
        "_more_address",
        "_free_bytes",
        "__weakref__",
    )

    def __init__(self):
        # First, because PyPy keeps the first few attributes in the object itself.
        self.busy = False  # whether any of the others has changed; set by what changes it
        self.lent = self.source = None  # memory of the host that is passed, see _lending
        self.is_full = False  # whether there is more to let go of than that, text and values
        owner, self.words, self.reals, self.address = backend.block(ARGUMENT_SLOTS + _NESTED_SLOTS)
        area_owner, self.area, self.area_address = backend.area(_AREA)
        self._owners = owner, area_owner
        self.scratch = backend.pointer_to(self.words)  # words[0], for addresses
        self.top = ARGUMENT_SLOTS
        self.used = 0
        self._kept = []  # host objects that must live as long as the call
        self._loans = []  # handles that were made for this call alone
        self.lent_too = []  # more of it, in pairs
        self.watched = []  # what a call may change, see _watched
        self.shares = False  # whether Python has read containers of the host meanwhile, see _shared_items
        self._more_area, self._more_address, self._free_bytes = None, 0, 0
        _all.append(_reference(self, _all.remove))

    def keep(self, owner):
        """Keeps a host object alive for as long as the call lasts."""
        self.busy = self.is_full = True
        self._kept.append(owner)

    def loan(self, handle):
        """Releases a handle after the call."""
        self.busy = self.is_full = True
        self._loans.append(handle)

    def watch(self, argument):
        """What the call may change: an Argument of _watched."""
        self.busy = self.is_full = True
        if not self.watched:
            calls_with_containers[self.address] = not_called_yet[self.address] = self
        self.watched.append(argument)

    def slots(self, count):
        """Room for `count` values: (words, reals, index of the first word, address)."""
        self.busy = True
        first = self.top
        end = first + count
        if end <= ARGUMENT_SLOTS + _NESTED_SLOTS:
            self.top = end
            return self.words, self.reals, 2 * first, self.address + 16 * first
        owner, words, reals, address = untraced(backend.block, count)
        self.keep(owner)
        return words, reals, 0, address

    def bytes(self, data):
        """The address of a copy of `data` (bytes), or of itself if it is long."""
        self.busy = True
        used = self.used
        end = used + len(data)
        if end <= _AREA:
            if data:
                self.area[used:end] = data
                self.used = end
            return self.area_address + used
        return untraced(self._more_bytes, data)

    def _more_bytes(self, data):
        count = len(data)
        if count > _LONG:
            owner, address = backend.hold(data)
            self.keep((owner, data))
            return address
        if self._free_bytes < count:
            owner, self._more_area, self._more_address = backend.area(_MORE_AREA)
            self.keep(owner)
            self._free_bytes = _MORE_AREA
        at = _MORE_AREA - self._free_bytes
        self._free_bytes -= count
        self._more_area[at : at + count] = data
        return self._more_address + at

    def clear(self):
        """Lets go of what was kept for the call."""
        self.top = ARGUMENT_SLOTS
        self.used = 0
        if self.lent is not None:
            loan, source = self.lent, self.source
            self.lent = self.source = None
            returned(loan, source)
        self.busy = False
        if self.is_full:
            self._empty()

    def _empty(self):
        """The same, of what few calls have."""
        if self.watched:
            self.watched.clear()
            calls_with_containers.pop(self.address, None)
            not_called_yet.pop(self.address, None)
        if self._kept:
            self._kept.clear()
            self._more_area, self._free_bytes = None, 0
        if self._loans:
            for handle in self._loans:
                _object_free(handle)
            self._loans.clear()
            if settle is not None:
                settle()
        if self.lent_too:
            _return_all(self.lent_too)
        self.is_full = False
        if self.shares:
            self.shares = False
            if not came_back():
                self.busy = self.is_full = self.shares = True


_usual = Frame()
_free.append(_usual)
crossings = 0  # how often the host has called Python so far, by what takes a frame


def _return_all(lent):
    """No loop, for the sake of the JIT."""
    returned(*lent.pop())
    if lent:
        _return_all(lent)


def take():
    """A frame of one's own; hand it to `give` when the result has been read."""
    global crossings
    crossings += 1
    frame = None
    try:
        frame = _free.pop()
    except IndexError:
        pass  # and no more, see _batches
    if frame is None:
        frame = untraced(Frame)
    elif frame is _usual:
        frame = _usual  # the same; but a JIT now knows which frame it is, and so where its memory is
    if frame.busy or not_entered:
        _go_in(frame)
    return frame


def take_in_between():
    """The same, for what is no operation of the host's.  `take` does not call it: that would be longer in a trace."""
    global crossings
    crossings += 1
    frame = None
    try:
        frame = _free.pop()
    except IndexError:
        pass
    return untraced(Frame) if frame is None else frame


def _go_in(frame):
    """It is looked at what the host has changed of what Python has; and Python runs in the host's context."""
    try:
        if not_entered:
            enter_contexts()
        if frame.busy:
            goes_in()
    except BaseException:
        give(frame)
        raise


# Ends a call: hands its frame back, as the last thing that is done.  Where the stack has ended there may
# be room for this and for no function of the host, which so is only called where there is more to do.
give = _free.append


def finish(frame):
    """Before that, where the frame is busy."""
    try:
        frame.clear()
    except BaseException:
        # Also where the stack has ended meanwhile: what is left to do is done after the next call.
        frame.busy = True
        give(frame)
        raise


def look_after_calls(any_call):
    """Has `came_back` called after each of the calls that are in progress, or after any call."""
    idle = () if any_call else list(_free)
    for frame in _frames():
        if frame not in idle:
            frame.busy = frame.is_full = frame.shares = True


def looks_after_calls():
    """Whether such a call is in progress."""
    idle = list(_free)
    return any([frame.shares and frame not in idle for frame in _frames()])


def _frames():
    frames = [reference() for reference in list(_all)]
    return [frame for frame in frames if frame is not None]


variables(globals(), "crossings")
