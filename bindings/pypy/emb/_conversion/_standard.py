"""Values of the standard library come back as the host's: dates, Decimal, Fraction, paths, UUIDs, addresses,
time zones; and so do slices, NotImplemented and Ellipsis.  Some have to be made anew for Python, too.
"""

import builtins
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import importlib
import pathlib
import re

from .._abi._calls import call_for_object, call_method
from .._abi._crossings import number
from .._abi._library import functions
from .._exported._fields import given_to
from .._interpreter import _session
from .._interpreter._code import Part, find, the_host_s
from .._proxies._arrivals import class_number, mirrors, special, watch
from .._proxies._handle import Handle
from .._proxies._object import Object, wrap

_identity = functions.emb_object_identity
_object_free = functions.emb_object_free

_CLASSES = (
    datetime.date,
    datetime.datetime,
    datetime.time,
    datetime.timedelta,
    datetime.timezone,
    decimal.Decimal,
    fractions.Fraction,
    pathlib.PosixPath,
    pathlib.PurePosixPath,
)
# Others that each side has, and whose objects may be of either.
_COMMON = {
    name: getattr(builtins, name)
    for name in (
        "bool bytes complex dict enumerate filter float frozenset int list map object range reversed set slice str"
        " tuple type zip"
    ).split()
}
for _name in ("Counter", "OrderedDict", "defaultdict", "deque"):
    _COMMON["collections." + _name] = getattr(collections, _name)


_NOT_YET = enum.auto().value  # what says that an enumeration is to say
_FLAGS = re.ASCII | re.IGNORECASE | re.LOCALE | re.MULTILINE | re.DOTALL | re.VERBOSE


def same(kind, value):
    """Python's (a proxy) for a compiled pattern, a time zone, what its text
    says, what is said of a field of a dataclass or what
    is to be the value of a member of an enumeration; None for any other value."""
    if kind is re.Pattern:
        return find("re.compile")(value.pattern, int(value.flags & _FLAGS))
    if kind in _OF_FIELDS:
        name = next((name for name in _MARKS if getattr(dataclasses, name) is value), None)
        if name is None:
            return _field(value)
        return wrap(call_for_object(_python("marked")._emb_handle, (name,)))
    if kind is enum.auto and value.value is _NOT_YET:
        return wrap(call_for_object(find("enum.auto")._emb_handle, ()))
    if kind.__name__ == "ZoneInfo" and kind.__module__ == "zoneinfo" and value.key:
        return wrap(call_for_object(find("zoneinfo.ZoneInfo")._emb_handle, (value.key,)))
    name = getattr(kind, "__module__", None), kind.__name__  # a ctypes array has no module
    if name in _BY_TEXT:
        return wrap(call_for_object(find("%s.%s" % name)._emb_handle, (str(value),)))
    return None


def restoring(module, name, make):
    """`make`, which makes proxies of objects of a class; or what makes values of the host of them."""
    if (module, name) in (("dataclasses", "_MISSING_TYPE"), ("dataclasses", "_FIELD_BASE")):
        return _mark_maker(make)
    if (module, name) in _BY_TEXT:
        return _text_maker(make, module, name)
    return _zone_maker(make) if (module, name) == ("zoneinfo", "ZoneInfo") else make


# Classes of modules that few programs want, whose objects are what their texts say.
_BY_TEXT = {("uuid", "UUID")}.union(
    ("ipaddress", "IPv%d%s" % (version, what)) for version in (4, 6) for what in ("Address", "Interface", "Network")
)


# By what these are, and nothing else, the library knows what it has said of fields.
_MARKS = ("MISSING", "_FIELD", "_FIELD_CLASSVAR", "_FIELD_INITVAR")
_OF_FIELDS = {dataclasses.Field, *(type(getattr(dataclasses, name)) for name in _MARKS)}
_SOURCE = '''
import dataclasses

def mark(value):
    return next((name for name in MARKS if getattr(dataclasses, name) is value), None)

def marked(name):
    return getattr(dataclasses, name)
'''
_python = Part(_SOURCE, lambda: {"MARKS": _MARKS})


def _mark_maker(make):
    def become(handle):
        proxy = make(handle)
        name = _python("mark")(proxy)
        return proxy if name is None else getattr(dataclasses, name)

    return become


def _field(value):
    """Python's for what a class statement says of a field; None for a field that a dataclass has."""
    if type(value) is not dataclasses.Field or value.name is not None:
        return None
    return find("dataclasses.field")(**given_to(value))


def _zone_maker(make):
    def become(handle):
        proxy = make(handle)
        try:
            from zoneinfo import ZoneInfo  # seldom wanted

            return ZoneInfo(proxy.key)
        except Exception:
            return proxy  # one that has no name, or of which the host knows nothing

    return become


def _text_maker(make, module, name):
    def become(handle):
        proxy = make(handle)
        try:
            return getattr(importlib.import_module(module), name)(str(proxy))
        except Exception:
            return proxy

    return become


# Classes of which the host has none of its objects come back, but find themselves in its dicts: what makes of
# one the host's, which has the hash.
_HASHED = {
    ("builtins", "frozenset"): frozenset,
    ("builtins", "range"): lambda one: range(one.start, one.stop, one.step),
    ("re", "Pattern"): lambda one: re.compile(one.pattern, int(one.flags)),
    ("types", "GenericAlias"): lambda one: one.__origin__[one.__args__],
}


def hash_of(module, name):
    """`__hash__` of the proxies of a class."""
    make = _HASHED.get((module, name))
    return Object.__hash__ if make is None else lambda self: hash(make(self))


classes = {}  # id() of Python's class for each of these -> the host's


def _restorer(kind):
    def restore(handle):
        proxy = wrap(handle)
        try:
            # As pickle does it: what the class is to be called with.
            args = call_method(handle, "__reduce_ex__", (4,), {})[1]
            if not any(issubclass(type(one), Handle) and not _is_zone(one) for one in args):
                return kind(*args)
        except Exception:
            pass  # a time zone, for example, of which the host has none
        return proxy

    return restore


def _slice(handle):
    parts = call_method(handle, "__reduce_ex__", (4,), {})[1]
    _object_free(handle)
    return slice(*parts)


def _text(handle):
    """A str that has no UTF-8: with lone surrogates, as in the name of a file."""
    data = call_method(handle, "encode", ("utf-8", "surrogatepass"), {})
    _object_free(handle)
    return data.decode("utf-8", "surrogatepass")


def _always(value):
    """Of a class that has one object."""

    def restore(handle):
        _object_free(handle)
        return value

    return restore


def _is_zone(value):
    return isinstance(value, datetime.tzinfo)


def _know():
    watch(number(_identity, find("type")._emb_handle))  # some of its objects are the host's
    for value in (NotImplemented, Ellipsis, None):
        kind = the_host_s[type(value)] = find("type")(value)
        special[class_number(number(_identity, kind._emb_handle))] = _always(value)
    special[class_number(number(_identity, find("slice")._emb_handle))] = _slice
    special[class_number(number(_identity, find("str")._emb_handle))] = _text
    for kind in _CLASSES:
        # Some versions define them in a module within, or beside, the one that users know.
        module = kind.__module__.lstrip("_").partition(".")[0]
        there = find("%s.%s" % (module, kind.__name__))
        address = number(_identity, there._emb_handle)
        the_host_s[kind], mirrors[address] = there, kind
        special[class_number(address)] = _restorer(kind)
    for name, kind in _COMMON.items():
        the_host_s[kind] = find(name)
    for kind, proxy in the_host_s.items():
        classes[number(_identity, proxy._emb_handle)] = kind


_session.after_start(_know)
_session.after_shutdown(classes.clear)
_session.after_shutdown(the_host_s.clear)
