"""Values of classes that Python derives from str, bytes, complex, tuple, datetime and timedelta.

A numpy.str_ must be a str to the host: `",".join(names)` takes nothing else, a dict finds
"a" only by the host's own hash, and `"%s %s" % row` only counts the items of a tuple; a
Timestamp of pandas must be a datetime.  So such an object, which cannot change, is the host's
value in a class derived from its own str, bytes and so on.  What Python's class does in its own
way, and all other attributes, are asked of the object itself, which is also what is passed back.
Where the host's dates are written in Python, their parts are filled in when these look for them.
"""

import datetime

from .._interpreter._code import find
from .._interpreter._there import python
from . import _object
from ._protocols import METHODS
from ._static import static

BUILTIN = {
    "str": str,
    "bytes": bytes,
    "complex": complex,
    "tuple": tuple,
    "datetime": datetime.datetime,
    "timedelta": datetime.timedelta,
}
# The parts of dates, as they are called in those of a host whose own code for dates is Python.
_PARTS = {
    "datetime": "_year _month _day _hour _minute _second _microsecond _tzinfo _fold".split(),
    "timedelta": "_days _seconds _microseconds".split(),
}
_ARE_ATTRIBUTES = hasattr(datetime.datetime, "_year") and hasattr(datetime.timedelta, "_days")

# What makes the value a value is the host's, whatever Python's class has.
_THE_HOSTS = frozenset(
    "__new__ __init__ __getattribute__ __getattr__ __setattr__ __delattr__ __class__ __dict__ __doc__"
    " __module__ __slots__ __weakref__ __hash__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__"
    " __getnewargs__ __reduce__ __reduce_ex__ __init_subclass__"
    " __subclasshook__ __sizeof__ __match_args__ __class_getitem__ __orig_bases__ __annotations__".split()
)

# But how it compares, of which the others tell only what Python code says; their hash then is that code's.
_OF_COMPARED = _THE_HOSTS - frozenset("__eq__ __ne__ __lt__ __le__ __gt__ __ge__".split())
_HASHED = ("str", "bytes", "tuple")


class Heir:
    """What these classes have in common; `_emb_proxy` is the proxy of Python's object."""

    __slots__ = ()

    def __getattr__(self, name):
        if name.startswith("_emb_"):
            raise AttributeError(name)
        return getattr(self._emb_proxy, name)

    def __setattr__(self, name, value):
        setattr(self._emb_proxy, name, value)

    def __delattr__(self, name):
        delattr(self._emb_proxy, name)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self._emb_proxy.__deepcopy__(memo)

    def __reduce_ex__(self, protocol):
        return self._emb_proxy.__reduce_ex__(protocol)

    def __dir__(self):
        return dir(self._emb_proxy)


class DateHeir(Heir):
    """The same for dates, of which the host's own code sets private attributes."""

    __slots__ = ()

    def __setattr__(self, name, value):
        if name[0] == "_":
            object.__setattr__(self, name, value)
        else:
            Heir.__setattr__(self, name, value)

    def __bool__(self):
        return bool(self._emb_proxy)


class _Forward:
    """An attribute that Python's class has overridden."""

    def __init__(self, name):
        self._name = name

    def __get__(self, instance, owner):
        if instance is None:
            return getattr(owner._emb_python, self._name)
        return getattr(instance._emb_proxy, self._name)


class _Part:
    """A part of a date, for the host's own code: all of them are asked for when the first is wanted."""

    def __init__(self, base, name):
        self._base, self._name = base, name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        parts, base = instance.__dict__, self._base
        parts.update(zip(_PARTS[base], python("parts_of_" + base)(instance._emb_proxy)))
        return parts[self._name]


class _Field(_Forward):
    """An attribute that is an item of the tuple."""

    def __init__(self, name, place):
        _Forward.__init__(self, name)
        self._place = place

    def __get__(self, instance, owner):
        return _Forward.__get__(self, None, owner) if instance is None else _item(instance, self._place)


_item = tuple.__getitem__


def _forward(name):
    known = {}  # class of proxies -> what it has by that name

    def method(self, *args, **kwargs):
        proxy = self._emb_proxy
        kind = type(proxy)
        # Not by getattr, which gives what Python's class has, and that may not be what Python calls.
        found = known.get(kind)
        if found is None:
            found = known[kind] = static(kind, name)
        return found.__get__(proxy)(*args, **kwargs)

    method.__name__ = name
    return method


# Set by _types: the class of the classes.
Type = None


def make_class(there, name, base, overridden, fields):
    """The host's class for a class of Python that derives from one of these."""
    body = {"__hash__": BUILTIN[base].__hash__}
    the_hosts = _OF_COMPARED - {"__hash__"} if base in _HASHED else _OF_COMPARED
    heir = DateHeir if base in _PARTS else Heir
    for each in overridden:
        if each in the_hosts:
            continue
        is_special = each in METHODS or hasattr(_object.Object, each) and each[:2] == "__"
        body[each] = _forward(each) if is_special else _Forward(each)
    if base in _PARTS and _ARE_ATTRIBUTES:
        body.update({each: _Part(base, each) for each in _PARTS[base]}, _hashcode=-1)
    for place, each in enumerate(fields):
        body[each] = _Field(each, place)
    body["__module__"] = there.__module__
    return Type(name, (heir, BUILTIN[base]), body, _emb_python=there)


def _plain_str(proxy):
    return python("plain_str")(proxy).decode("utf-8", "surrogatepass")


def maker(host, base, make_proxy):
    """The function that makes an instance of such a class from a handle, which it takes."""
    if base in _PARTS:
        return (_blank_maker if _ARE_ATTRIBUTES else _date_maker)(host, base, make_proxy)
    new = BUILTIN[base].__new__
    plain = _plain_str if base == "str" else find(base)
    return _Maker(host, new, plain, make_proxy).make


class _Maker:
    __slots__ = ("host", "new", "plain", "make_proxy")

    def __init__(self, host, new, plain, make_proxy):
        self.host, self.new, self.plain, self.make_proxy = host, new, plain, make_proxy

    def make(self, handle):
        proxy = self.make_proxy(handle)
        plain = self.plain(proxy)
        value = self.new(self.host, plain)
        value.__dict__["_emb_proxy"] = proxy
        return value


def _blank_maker(host, base, make_proxy):
    new = BUILTIN[base].__mro__[-2].__new__  # of what is not written in Python

    def become(handle):
        value = new(host)
        value.__dict__["_emb_proxy"] = make_proxy(handle)
        return value

    return become


def _date_maker(host, base, make_proxy):
    new, parts_of = BUILTIN[base].__new__, python("parts_of_" + base)

    def become(handle):
        proxy = make_proxy(handle)
        try:
            parts = parts_of(proxy)
            value = new(host, *parts[:8], fold=parts[8]) if len(parts) > 8 else new(host, *parts)
        except Exception:
            return proxy  # of a year that the host does not know, or of a zone
        value.__dict__["_emb_proxy"] = proxy
        return value

    return become
