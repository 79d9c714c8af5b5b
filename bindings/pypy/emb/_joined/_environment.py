"""One environment: what a program or a library puts into `os.environ` is in that of both sides.

The process has one anyway, and each side a copy, made when it starts.  So whoever changes something
tells the other side, which changes its copy.
"""

import os

from .._interpreter._code import Both

_SOURCE = '''
import os

views = os.environ, os.environb
data = os.environ._data

class Environ(os._Environ):
    "Tells the other side what it changes."
    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        key = self.encodekey(key)
        tell(key, data[key])
    def __delitem__(self, key):
        super().__delitem__(key)
        tell(self.encodekey(key), None)

def told(key, value):
    "The other side has changed a variable, of the process too."
    if value is None:
        data.pop(key, None)
    else:
        data[key] = value

def told_all(variables):
    data.update(variables)

def become(kind):
    for each in views:
        each.__class__ = kind

def join():
    become(Environ)

def part():
    become(os._Environ)
'''

_both = Both(_SOURCE, "os")


def join():
    """From now on."""
    if isinstance(os.environ, os._Environ):  # or the program has put something else there
        _both.join()
        _both.there("told_all")(dict(_both.here["data"]))  # also what has been put there since Python started
