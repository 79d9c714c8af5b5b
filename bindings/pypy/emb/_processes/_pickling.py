"""Pickles of proxies: Python's own pickle, with holes where the host's classes, functions and plain objects
are, which the host's pickle keeps beside it.  Python's own pickle loads what the host's has made of a
proxy, too: `np.load`, `pd.read_pickle`.

Each is pickled once, whatever refers to it: what is the host's, by the pickler of the host; and of Python's
objects it is known what they are part of, where that pickler is found.
"""

import operator
import pickle
import sys
import weakref

from .._interpreter import _session
from .._interpreter._code import Part
from .._interpreter._there import python
from .._proxies import _object
from .._proxies._modules import is_module

_PROTOCOL = 4  # for what is among Python's objects
_EARLIEST = 2  # with which these can be told

_SOURCE = '''
import io
import operator
import pickle
import sys

def stands_there(cls):
    "Whether it is one that derives from the host's, and can be found in a module of the host alone."
    if not any(id(one) in made for one in cls.__mro__):
        return False
    try:
        return operator.attrgetter(cls.__qualname__)(sys.modules[cls.__module__]) is not cls
    except (AttributeError, KeyError):
        return True

class Pickler(pickle.Pickler):
    def __init__(self, file, protocol, earlier):
        super().__init__(file, protocol)
        self.earlier = earlier  # id() of what is in other pickles -> where, and itself
        self.holes, self.places = [], {}  # what is the host's, or in these; id() of each -> its place
    def persistent_id(self, value):
        kind = type(value)
        if issubclass(kind, type):
            is_hole = id(value) in made or "_emb_class" in value.__dict__ or stands_there(value)
        else:
            is_hole = kind in callables or hasattr(kind, "_emb_class")
            is_hole = is_hole or id(value) in self.earlier and kind not in VALUES
        if not is_hole:
            return None
        if id(value) not in self.places:
            self.places[id(value)] = len(self.holes)
            self.holes.append(value)
        return self.places[id(value)]

# These are the same by themselves.
VALUES = str, bytes, int, float, complex, tuple, frozenset, type(stands_there), type(len)

class Dumps:
    "What one pickler of the host has come to."
    def __init__(self):
        self.number, self.last, self.known = 0, None, {}
    def part(self, value, protocol):
        "The number of the pickle that it is part of, its place in what that has memorized; and a new one."
        if self.last is not None:
            for address, (place, one) in self.last.memo.copy().items():
                self.known.setdefault(address, (self.number, place, one))
            self.number, self.last = self.number + 1, None
        if id(value) in self.known:
            return *self.known[id(value)][:2], None
        file = io.BytesIO()
        pickler = Pickler(file, protocol, self.known)
        pickler.dump(value)
        self.known[id(value)], self.last = (self.number, None, value), pickler
        return self.number, None, (file.getvalue(), tuple(pickler.holes))

class Unpickler(pickle.Unpickler):
    def __init__(self, data, holes):
        super().__init__(io.BytesIO(data))
        self.holes = holes
        self.value, self.known = self.load(), None
    def persistent_load(self, place):
        return self.holes[place]
    def at(self, place):
        if place is None:
            return self.value
        if self.known is None:
            self.known = self.memo.copy()
        return self.known[place]

def load(data, *holes):
    return Unpickler(data, holes)

def part(loaded, place):
    return loaded.at(place)
'''

_OF_PYTHON = '''
import sys
import types

def join():
    "What the host's pickle names is to be found: not imported, for that is the host's."
    package, module = types.ModuleType("emb"), types.ModuleType(NAME)
    package.__path__ = []
    package._pickling = module
    module.load, module.part = load, part
    sys.modules.update({"emb": package, NAME: module})
'''

_python = Part(
    _SOURCE,
    lambda: {
        "made": python("made"),
        "callables": python("callables"),
    },
)


class _Pickle:
    """What Python's pickle has made of an object, with all that it refers to, and what is in the holes."""

    def __init__(self, data, holes):
        self._parts = data, *holes

    def __reduce_ex__(self, protocol):
        return load, self._parts


class _Dumps:
    """What a pickler of the host has come to."""

    def __init__(self):
        self._python = _python("Dumps")()
        self._pickles = []

    def are_of(self, memo, frame):
        """Whether these are in a pickler's memo, which may have been cleared, or in the making."""
        if any(id(one) in memo for one in reversed(self._pickles)):
            return True
        first = self._pickles[0] if self._pickles else self
        while frame is not None and not (frame.f_code is _SAVE and frame.f_locals["obj"] is first):
            frame = frame.f_back
        return frame is not None

    def part(self, proxy, protocol):
        """The pickle that an object is part of, and its place there."""
        number, place, new = self._python.part(proxy, max(protocol, _EARLIEST))
        if new is not None:
            self._pickles.append(_Pickle(*new))
        return self._pickles[number], place


_dumps = weakref.WeakKeyDictionary()  # pickler -> _Dumps


def _dumps_of_caller():
    """Those of the pickler that is at work.  One that is made in C nobody can find."""
    frame = sys._getframe(1)
    for _ in range(_FAR):
        if frame is None:
            break
        if frame.f_code is _SAVE:
            pickler = frame.f_locals["self"]
            known = _dumps.get(pickler)
            if known is None or not known.are_of(pickler.memo, frame):
                known = _dumps[pickler] = _Dumps()
            return known
        frame = frame.f_back
    return _Dumps()


_SAVE = pickle._Pickler.save.__code__
_FAR = 6  # frames between that and what asks


def reduce(proxy, protocol=_PROTOCOL):
    """What `__reduce_ex__` of a proxy gives."""
    return _of_the_program(proxy) or (part, _dumps_of_caller().part(proxy, protocol))


def _of_the_program(proxy):
    """The name of what stands under that in a module of the program, as a function that a decorator of
    Python's has made; None for anything else."""
    try:
        name, module = proxy.__qualname__, sys.modules[proxy.__module__]
        if not is_module(module) and operator.attrgetter(name)(module) is proxy:
            return name
    except Exception:
        pass  # most have no such names, or other things of that name
    return None


def load(data, *holes):
    """What knows the parts of what Python's pickle has made."""
    _session.ensure()
    return _python("load")(data, *holes)


def part(loaded, place):
    """An object of Python's out of what has been loaded."""
    return _python("part")(loaded, place)


def _join():
    if _session.apart():
        _modules("join")()


_modules = Part(_OF_PYTHON, lambda: {"NAME": __name__, "load": load, "part": part})
_session.after_start(_join)
_object.reduce = reduce
