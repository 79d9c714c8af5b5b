"""What the host's pprint, csv, marshal and xmlrpc write of Python's objects is what they would write of the host's.

pprint goes by the function that makes the text of an object, and that of a proxy is always the
same; csv, in PyPy, writes of a float what `repr` says, and not what `str` does; marshal and xmlrpc go by the
class of what they are given.
"""

import collections
import functools

from .._interpreter._code import Part, find
from .._proxies._handle import Handle
from .._proxies._scalar import float64

_SOURCE = '''
import collections

KINDS = (
    list, dict, set, frozenset, type(type.__dict__), collections.OrderedDict,
    collections.defaultdict, collections.Counter, collections.deque,
)
NAMES = {one.__repr__: one.__name__ for one in KINDS}

def kind_of(value):
    "The name of the container as which an object writes itself, if it does."
    return NAMES.get(type(value).__repr__)
'''
_python = Part(_SOURCE)
_COPIES = {
    "list": list,
    "dict": dict,
    "set": set,
    "frozenset": frozenset,
    "mappingproxy": dict,
    "OrderedDict": collections.OrderedDict,
    "defaultdict": lambda value: collections.defaultdict(value.default_factory, value),
    "Counter": collections.Counter,
    "deque": lambda value: collections.deque(value, value.maxlen),
}
_DEEPEST = 50  # levels of containers in a text of one line


def _copy(value):
    """The container of the host that is written like Python's; None for any other object."""
    if not issubclass(type(value), Handle):
        return None
    make = _COPIES.get(_python("kind_of")(value))
    return None if make is None else make(value)


def _deep_copy(value, depth=0):
    """The same with all that is in it; the value itself where nothing of it is Python's."""
    copied = _copy(value)
    inside = value if copied is None else copied
    kind = type(inside)
    if depth < _DEEPEST:
        if kind in (list, tuple):
            found = [_deep_copy(one, depth + 1) for one in inside]
            if any(one is not other for one, other in zip(found, inside)):
                return kind(found)
        elif isinstance(inside, dict) and kind in (dict, collections.OrderedDict):
            found = [(key, _deep_copy(one, depth + 1)) for key, one in inside.items()]
            if any(one is not inside[key] for key, one in found):
                return kind(found)
    return inside


def join_pprint(pprint):
    """From now on it knows Python's containers."""
    printer = pprint.PrettyPrinter
    lay_out, write = printer._format, printer.format

    @functools.wraps(lay_out)
    def _format(self, object, stream, *rest):
        if not issubclass(type(object), Handle):
            return lay_out(self, object, stream, *rest)
        copied = _copy(object)
        if copied is None:
            return stream.write(find("repr")(object))
        return lay_out(self, copied, stream, *rest)

    @functools.wraps(write)
    def format(self, object, *rest):
        return write(self, _deep_copy(object), *rest)

    printer._format, printer.format = _format, format


def join_marshal(marshal):
    """From now on it writes Python's containers."""
    for name in ("dump", "dumps"):
        setattr(marshal, name, _marshalling(getattr(marshal, name)))


def _marshalling(write):
    @functools.wraps(write)
    def writes(value, *rest):
        return write(_deep_copy(value), *rest)

    return writes


def join_xmlrpc(client):
    """The same."""
    marshaller = client.Marshaller
    write = marshaller.dumps

    @functools.wraps(write)
    def dumps(self, values):
        return write(self, _deep_copy(values))

    marshaller.dumps = dumps


def join_csv(csv):
    """From now on it writes numpy's float64 as CPython's does."""
    make = csv.writer

    @functools.wraps(make)
    def writer(*args, **kwargs):
        return _Writer(make(*args, **kwargs))

    csv.writer = writer


class _Writer:
    def __init__(self, own):
        self._own = own

    def __getattr__(self, name):
        return getattr(self._own, name)

    def writerow(self, row):
        return self._own.writerow(map(_plain, row) if hasattr(row, "__iter__") else row)

    def writerows(self, rows):
        for row in rows:
            self.writerow(row)


def _plain(value):
    return float(value) if type(value) is float64 else value
