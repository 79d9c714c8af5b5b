"""Pickles of proxies: Python's own pickle, in which the host's classes, functions and plain objects
are what the host's pickle makes of them.  Python's own pickle loads what the host's has made of a
proxy, too: `np.load`, `pd.read_pickle`.
"""

import operator
import pickle
import sys

from . import _object, _session
from ._code import Part
from ._modules import is_module
from ._there import python

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
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.known = {}  # id() of what is the host's -> its number, and itself
    def persistent_id(self, value):
        kind = type(value)
        if issubclass(kind, type):
            is_hosts = id(value) in made or "_emb_class" in value.__dict__ or stands_there(value)
        else:
            is_hosts = kind in callables or hasattr(kind, "_emb_class")
        if not is_hosts:
            return None
        if id(value) in self.known:
            return self.known[id(value)][0], None
        number = len(self.known)
        self.known[id(value)] = number, value
        return number, dumps(value)

class Unpickler(pickle.Unpickler):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.known = {}
    def persistent_load(self, identity):
        number, data = identity
        if data is not None:
            self.known[number] = loads(data)
        return self.known[number]

def dump(value, protocol):
    file = io.BytesIO()
    Pickler(file, protocol).dump(value)
    return file.getvalue()

def load(data):
    return Unpickler(io.BytesIO(data)).load()
'''

_OF_PYTHON = '''
import sys
import types

def join():
    "What the host's pickle names is to be found: not imported, for that is the host's."
    package, module = types.ModuleType("emb"), types.ModuleType(NAME)
    package.__path__ = []
    package._pickling = module
    module.unpickle = unpickle
    sys.modules.update({"emb": package, NAME: module})
'''

_python = Part(
    _SOURCE,
    lambda: {
        "made": python("made"),
        "callables": python("callables"),
        "dumps": lambda value: pickle.dumps(value, _PROTOCOL),
        "loads": lambda data: pickle.loads(data),
    },
)


def reduce(proxy, protocol=_PROTOCOL):
    """What `__reduce_ex__` of a proxy gives."""
    return _of_the_program(proxy) or (unpickle, (_python("dump")(proxy, max(protocol, _EARLIEST)),))


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


def unpickle(data):
    """A pickled proxy holds what Python's pickle made of the object."""
    _session.ensure()
    return _python("load")(data)


def _join():
    if _session.apart():
        _modules("join")()


_modules = Part(_OF_PYTHON, lambda: {"NAME": __name__, "unpickle": unpickle})
_session.after_start(_join)
_object.reduce = reduce
