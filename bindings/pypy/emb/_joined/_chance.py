"""One generator of random numbers: what a program seeds is what Python's libraries draw from.

Python's `random` keeps its ways of drawing, and asks the host's generator for each number.
"""

from .._abi._crossings import number
from .._abi._library import functions
from .._interpreter._code import Part
from .._proxies._arrivals import mirrors, watch

_identity = functions.emb_object_identity

_SOURCE = '''
import random

def join(own):
    kind = type("Random", (random.Random,), {name: staticmethod(one) for name, one in own.items()})
    shared = kind.__new__(kind)
    for name, function in list(vars(random).items()):
        if getattr(function, "__self__", None) is random._inst:
            setattr(random, name, getattr(shared, name))
    random._inst = shared
    return shared, kind
'''
_OF_THE_HOST = ("random", "getrandbits", "seed", "getstate", "setstate", "gauss")

_python = Part(_SOURCE)


def join(random):
    """From now on there is one generator, that of the host's module, and what Python says of it is that."""
    shared, kind = _python("join")({name: getattr(random._inst, name) for name in _OF_THE_HOST})
    mirrors[number(_identity, shared._emb_handle)] = random._inst
    watch(number(_identity, kind._emb_handle))
