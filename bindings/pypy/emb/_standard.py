"""Values of the standard library come back as the host's: dates, Decimal, Fraction, paths;
and so do NotImplemented and Ellipsis.
"""

import datetime
import decimal
import fractions
import pathlib

from . import _session
from ._arrivals import class_number, special, watch
from ._calls import call_method, number
from ._code import find
from ._handle import Handle
from ._library import functions
from ._object import wrap

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


def _restorer(kind):
    def restore(handle):
        proxy = wrap(handle)
        try:
            # As pickle does it: what the class is to be called with.
            args = call_method(handle, "__reduce_ex__", (4,), {})[1]
            if not any(isinstance(one, Handle) for one in args):
                return kind(*args)
        except Exception:
            pass  # a time zone, for example, of which the host has none
        return proxy

    return restore


def _always(value):
    """Of a class that has one object."""

    def restore(handle):
        _object_free(handle)
        return value

    return restore


def _know():
    watch(number(_identity, find("type")._emb_handle))  # some of its objects are the host's
    for name, value in (("NotImplemented", NotImplemented), ("Ellipsis", Ellipsis)):
        kind = find("type")(find(name))
        special[class_number(number(_identity, kind._emb_handle))] = _always(value)
    for kind in _CLASSES:
        # Some versions define them in a module within, or beside, the one that users know.
        module = kind.__module__.lstrip("_").partition(".")[0]
        there = find("%s.%s" % (module, kind.__name__))
        address = number(_identity, there._emb_handle)
        special[class_number(address)] = _restorer(kind)


_session.after_start(_know)
