"""What is registered with a module of the library, by a program or by a package, is for both sides:
dialects of csv (`pd.read_csv(file, dialect="mine")`), adapters and converters of sqlite3 (a package of
Python's makes them for the program's connection).

Whoever registers something tells the other side, which registers it, too.
"""

import sys

from .._interpreter._code import Both
from .._proxies._handle import Handle

_BOTH = '''
import sys

def put(names):
    "In place of the functions of these names, wherever the module shows them."
    for module in modules:
        for name, (own, replacement) in names.items():
            if getattr(module, name, None) is own:
                setattr(module, name, replacement)

def join():
    put(functions)
    for one in registered():
        hand_on(*one)

def part():
    put({name: (replacement, own) for name, (own, replacement) in functions.items()})

def hand_on(*what):
    try:
        tell(*what)
    except (TypeError, ValueError):
        pass  # what the other side cannot have
'''
_CSV = _BOTH + '''
import csv

modules = csv,
register, unregister = csv.register_dialect, csv.unregister_dialect
ATTRIBUTES = (
    "delimiter", "quotechar", "escapechar", "doublequote", "skipinitialspace", "lineterminator",
    "quoting", "strict",
)
KNOWN = ("excel", "excel-tab", "unix")

def register_dialect(name, *args, **kwargs):
    register(name, *args, **kwargs)
    hand_on(name, attributes(name))

def unregister_dialect(name):
    unregister(name)
    hand_on(name, None)

def attributes(name):
    dialect = csv.get_dialect(name)
    return {one: getattr(dialect, one) for one in ATTRIBUTES}

def registered():
    return [(name, attributes(name)) for name in csv.list_dialects() if name not in KNOWN]

def told(name, attributes):
    if attributes is not None:
        register(name, **attributes)
    elif name in csv.list_dialects():
        unregister(name)

functions = {
    "register_dialect": (register, register_dialect),
    "unregister_dialect": (unregister, unregister_dialect),
}
'''
_SQLITE = _BOTH + '''
import sqlite3, sqlite3.dbapi2

modules = sqlite3, sqlite3.dbapi2
own = {"register_adapter": sqlite3.register_adapter, "register_converter": sqlite3.register_converter}
KNOWN = ("sqlite3.dbapi2", "_sqlite3")

def register_adapter(type, adapter):
    own["register_adapter"](type, adapter)
    hand_on("register_adapter", type, adapter)

def register_converter(typename, converter):
    own["register_converter"](typename, converter)
    hand_on("register_converter", typename, converter)

def registered():
    found = [("register_adapter", kind, one) for (kind, _), one in sqlite3.adapters.items()]
    found += [("register_converter", name, one) for name, one in sqlite3.converters.items()]
    return [one for one in found if getattr(one[2], "__module__", None) not in KNOWN]

def told(name, what, function):
    own[name](what, function)

functions = {
    "register_adapter": (own["register_adapter"], register_adapter),
    "register_converter": (own["register_converter"], register_converter),
}
'''


def _joining(name, source):
    """What is done with the host's module of that name."""
    both = Both(source, name)

    def join(_module):
        try:
            both.join()
        except ImportError:
            pass  # a Python that was built without it

    return join


_STORED = (int, float, str, bytes)  # as what they are


def _memory(value):
    """What CPython's sqlite3 makes of an object with memory: its bytes."""
    if not issubclass(type(value), Handle) or isinstance(value, _STORED):
        return None
    try:
        return memoryview(value).tobytes()
    except (TypeError, ValueError):
        return None  # there is none


_join_adapters = _joining("sqlite3", _SQLITE)


def join_sqlite(sqlite3):
    _join_adapters(sqlite3)
    if sys.implementation.name == "pypy":
        sqlite3.PrepareProtocol.__adapt__ = staticmethod(_memory)


join_csv = _joining("csv", _CSV)
