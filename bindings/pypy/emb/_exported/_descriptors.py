"""Descriptors of the program, objects of a class with `__get__`, `__set__` or `__delete__`, in classes that
Python has for the host's.

Python's class has a descriptor of its own that asks the host's.  In a class that derives from Python's,
what gives way to the attributes of an instance must do so in the host, too, where it does not see these:
something stands in front of it that looks.
"""

from .._inheritance import _classes
from .._inheritance._class_attributes import hosts_own
from .._interpreter import _stdlib
from .._interpreter._code import Part
from .._interpreter._there import python
from .._proxies._handle import Handle

_SOURCE = '''
class Descriptor:
    "Reads what the host's gives; the attributes of an instance come before."
    def __init__(self, get):
        self._get = get
    def __get__(self, instance, owner=None):
        return self._get(instance, owner)

class DataDescriptor(Descriptor):
    "One that comes before the attributes of an instance."
    def __init__(self, get, set, delete):
        Descriptor.__init__(self, get)
        self._set, self._delete = set, delete
    def __set__(self, instance, value):
        if self._set is None:
            raise AttributeError("__set__")
        self._set(instance, value)
    def __delete__(self, instance):
        if self._delete is None:
            raise AttributeError("__delete__")
        self._delete(instance)
'''
_python = Part(_SOURCE)


def is_descriptor(value):
    if isinstance(value, (Handle, type)):
        return False
    return any([hasattr(type(value), each) for each in ("__get__", "__set__", "__delete__")])


def is_data(value):
    """Whether it comes before what an instance has."""
    return hasattr(type(value), "__set__") or hasattr(type(value), "__delete__")


def descriptor(name, value):
    """Python's descriptor for one of the host's that is in a class under a name."""
    kind = type(value)

    def read(instance, owner):
        if instance is None:
            return getattr(_classes.as_class(owner), name)
        instance = _classes.as_instance(instance)
        if hasattr(kind, "__get__") and issubclass(type(instance), _classes.Instance):
            return kind.__get__(value, instance, type(instance))  # Python has looked for what comes before
        return getattr(instance, name)

    def write(instance, given):
        kind.__set__(value, _classes.as_instance(instance), given)

    def delete(instance):
        kind.__delete__(value, _classes.as_instance(instance))

    read._emb_read_as = write._emb_read_as = delete._emb_read_as = None
    if not is_data(value):
        return _python("Descriptor")(read)
    return _python("DataDescriptor")(
        read, write if hasattr(kind, "__set__") else None, delete if hasattr(kind, "__delete__") else None
    )


def reader(value):
    """Python's descriptor that gives what a metaclass has for its classes."""

    def read(kind, owner):
        kind = None if kind is None else _classes.as_class(kind)
        get = getattr(type(value), "__get__", None)
        return value if get is None else get(value, kind, type(kind))

    read._emb_read_as = None
    return _python("Descriptor")(read)


class GivingWay:
    """Stands in the host's class for a descriptor after which, or instead of which, an instance is asked."""

    def __init__(self, name, descriptor):
        self._name, self.descriptor = name, descriptor

    def __get__(self, instance, owner):
        if instance is not None:
            own = python("own_value")(instance, self._name)
            if own:
                return hosts_own(instance, self._name, own[0])
        get = getattr(type(self.descriptor), "__get__", None)
        return self.descriptor if get is None else get(self.descriptor, instance, owner)

    @property
    def __isabstractmethod__(self):
        return getattr(self.descriptor, "__isabstractmethod__", False)

    def __set_name__(self, owner, name):
        tell = getattr(type(self.descriptor), "__set_name__", None)
        if tell is not None:
            tell(self.descriptor, owner, name)


class GivingWayWhenRead(GivingWay):
    """For one that has no `__get__`."""

    def __set__(self, instance, value):
        type(self.descriptor).__set__(self.descriptor, instance, value)

    def __delete__(self, instance):
        type(self.descriptor).__delete__(self.descriptor, instance)


def in_front(name, value):
    """What the host's class is to have for a member: itself, but for the descriptors that give way.

    Not for methods, which each call would ask Python for, and what the library has looks itself.
    """
    if not is_descriptor(value) or callable(value) or _stdlib.is_standard(type(value).__module__):
        return value
    if not is_data(value):
        return GivingWay(name, value)
    return value if hasattr(type(value), "__get__") else GivingWayWhenRead(name, value)


def behind(value):
    """What it stands in front of; any other member itself."""
    return value.descriptor if issubclass(type(value), GivingWay) else value
