"""Pickles of proxies: Python's own pickle, in which the host's classes, functions and plain objects
are what the host's pickle makes of them.
"""

import pickle

from . import _object, _session
from ._code import Part
from ._there import python

_PROTOCOL = 4  # which every Python here can read

_SOURCE = '''
import io
import pickle

class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        kind = type(value)
        if issubclass(kind, type):
            is_hosts = id(value) in made or "_emb_class" in value.__dict__
        else:
            is_hosts = kind in callables or hasattr(kind, "_emb_class")
        return dumps(value) if is_hosts else None

class Unpickler(pickle.Unpickler):
    def persistent_load(self, data):
        return loads(data)

def dump(value, protocol):
    file = io.BytesIO()
    Pickler(file, protocol).dump(value)
    return file.getvalue()

def load(data):
    return Unpickler(io.BytesIO(data)).load()
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


def reduce(proxy):
    """What `__reduce_ex__` of a proxy gives."""
    return unpickle, (_python("dump")(proxy, _PROTOCOL),)


def unpickle(data):
    """A pickled proxy holds what Python's pickle made of the object."""
    _session.ensure()
    return _python("load")(data)


_object.reduce = reduce
