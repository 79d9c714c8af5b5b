"""Decorators of Python's, such as those of attrs, that change a class of the host, or make it anew."""

import functools
import types

from .._proxies._handle import Handle

# A part of what stands for the host's classes (see _host_classes), whose names it uses.
SOURCE = '''
import functools
import types

def readable(host, name, value):
    "A member of a class as code is to find it that reads functions: the host's function itself."
    parts = (value.fget, value.fset, value.fdel) if type(value) is property else (value,)
    if not any(map(only_calls, parts)):
        return value
    known = read.setdefault(id(host), {})
    if name not in known or known[name][0] is not value:
        parts = [one.__wrapped__ if only_calls(one) else one for one in parts]
        known[name] = value, property(*parts, value.__doc__) if type(value) is property else parts[0]
    return known[name][1]

def only_calls(function):
    "Whether it is one of ours, around the host's."
    return (
        type(function) is types.FunctionType
        and function.__code__.co_filename == only_calls.__code__.co_filename
        and type(getattr(function, "__wrapped__", function)) is not types.FunctionType
    )

read = {}  # id() of what stands for a host's class -> {name: (member, as it is to be found)}

def remade(cls, body):
    """A decorator (attrs, with slots) has made the class anew: so is the host's, where it is to have
    slots; or else, what the decorator has changed is changed."""
    values = host_values(host_class(cls))
    own = {**host_methods(host_class(cls)), **dict_of(cls)}
    own = {name: readable(host_class(cls), name, value) for name, value in own.items()}
    changed = {
        name: storing(name, value) for name, value in body.items()
        if name not in values and name not in OF_CLASSES and own.get(name, own) is not value
    }
    gone = tuple(name for name in values if name not in body and name[:2] != "__")
    if "__slots__" in body:
        new = host_anew(host_class(cls), changed, gone, tuple(body["__slots__"]))
        if new is not None:
            return new
    for name, value in changed.items():
        setattr(cls, name, value)
    for name in gone:
        host_delete(host_class(cls), name)
    return cls

OF_CLASSES = (
    "__dict__", "__weakref__", "__slots__", "__module__", "__qualname__", "__doc__", "__classcell__",
)

def storing(name, function):
    """Of what Python's code puts into a class, a `__setattr__`: it may end in that of `object`, which
    goes round the host's object."""
    if name != "__setattr__" or type(function) is not types.FunctionType or hasattr(function, "_emb_stores"):
        return function
    @functools.wraps(function)
    def __setattr__(self, name, value):
        function(self, name, value)
        if name in in_itself(self):
            host_store(self, name, in_itself(self).pop(name))
    __setattr__._emb_stores = True
    return __setattr__
'''

_MADE_ANEW = frozenset(("__dict__", "__weakref__", "__slots__"))


def made_anew(host, changed, gone, slots):
    """A class like the host's, with slots; None where its objects need a dict."""
    kind = host._emb_kind
    body = {name: value for name, value in vars(kind).items() if name not in _MADE_ANEW}
    if any(isinstance(one, functools.cached_property) for one in body.values()):
        return None
    for name in gone:
        body.pop(name, None)
    body.update(changed, __slots__=slots)
    new = type(kind)(kind.__name__, kind.__bases__, body)
    for one in body.values():
        turn_to(new, kind, one)
    return new


def turn_to(new, old, member):
    """What a method of a class calls its class (`super()`) is the new one."""
    if issubclass(type(member), Handle):
        return  # Python would be asked for what it has not
    for one in (member, *[getattr(member, name, None) for name in ("__func__", "fget", "fset", "fdel")]):
        for cell in one.__closure__ or () if type(one) is types.FunctionType else ():
            try:
                if cell.cell_contents is old:
                    cell.cell_contents = new
            except ValueError:
                pass  # it is empty
