"""Special methods that are called by their names, of classes and objects of Python's: `object.__new__(C)`,
`object.__setattr__(x, name, value)`, `x.__getattribute__(name)`, `x.__eq__(y)`.

The host's `object` knows nothing of these: their attributes live in Python, and Python makes them.  The
method of a proxy does what the operator does, which never is NotImplemented; and it has none of an object's
attributes.  In the program such a call names another function, which asks whose the object is.
"""

import ast
import builtins
import re

from .._inheritance import _classes
from .._inheritance._class_attributes import hosts_own
from .._inheritance._classes import as_instance
from .._interpreter._code import Part, find
from .._proxies import _object
from .._proxies._handle import Handle
from .._proxies._operators import NAMES
from .._proxies._static import static
from ._marked import Marked, call_of

_CALLED = ("__new__", "__getattribute__", "__setattr__", "__delattr__")
_NAME, _ASKED = "emb.object", "emb.special"  # no identifiers: they are nobody else's
_OF_ONE = frozenset(NAMES) | {"__getattribute__"}

_python = Part("""
def new_of_object(cls):
    return object.__new__(cls)
def get_of_object(instance, name):
    return object.__getattribute__(instance, name)
def set_of_object(instance, name, value):
    object.__setattr__(instance, name, value)
def delete_of_object(instance, name):
    object.__delattr__(instance, name)
""")


class Plainly:
    """What calls of `object` become."""

    def __new__(*args, **kwargs):
        if args and issubclass(type(args[0]), Handle):
            return as_instance(_python("new_of_object")(*args, **kwargs))
        return object.__new__(*args, **kwargs)

    @staticmethod
    def __getattribute__(instance, name):
        if not issubclass(type(instance), Handle):
            return object.__getattribute__(instance, name)
        if issubclass(type(instance), _classes.Instance):
            try:
                return object.__getattribute__(instance, name)
            except AttributeError:
                value = _python("get_of_object")(instance, name)
                return hosts_own(instance, name, _object.attribute(name, value))
        return _python("get_of_object")(instance, name)

    @staticmethod
    def __setattr__(instance, name, value):
        if not _is_python_s(instance, name, "__set__"):
            object.__setattr__(instance, name, value)
            return
        _python("set_of_object")(instance, name, value)
        if issubclass(type(instance), _classes.Instance):
            _classes.keep_of_instance(value, instance, name)
            _classes.own_dict(instance).pop(name, None)

    @staticmethod
    def __delattr__(instance, name):
        if not _is_python_s(instance, name, "__delete__"):
            object.__delattr__(instance, name)
            return
        _python("delete_of_object")(instance, name)
        if issubclass(type(instance), _classes.Instance):
            _classes.own_dict(instance).pop(name, None)


def _is_python_s(instance, name, of_descriptors):
    """Whether an attribute is Python's to change."""
    kind = type(instance)
    if not issubclass(kind, Handle):
        return False
    return not (issubclass(kind, _classes.Instance) and hasattr(type(static(kind, name)), of_descriptors))


def special(one, name):
    """A method of that name of an object, to be called with one argument."""
    kind = type(one)
    if issubclass(kind, Handle) and not issubclass(kind, _classes.Instance):
        return find("getattr")(one, name)
    if name == "__getattribute__" and (kind is super or issubclass(kind, _classes.Instance)):
        return lambda attribute: _attribute(one, attribute)
    return getattr(one, name)


def _attribute(one, name):
    try:
        return one.__getattribute__(name)
    except AttributeError:
        instance = one.__self__ if type(one) is super else one
        if not issubclass(type(instance), _classes.Instance):
            raise
        return Plainly.__getattribute__(instance, name)


class Calls(Marked):
    MARK = re.compile(r"\bobject\.__|\.__(%s)__\(" % "|".join(one.strip("_") for one in sorted(_OF_ONE)))

    def visit_Call(self, node):
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr[:2] == "__":
            if isinstance(called.value, ast.Name) and called.value.id == "object":
                if called.attr in _CALLED:
                    self.found = True
                    called.value.id = _NAME
            elif called.attr in _OF_ONE and len(node.args) == 1 and not node.keywords:
                self.found = True
                node.func = call_of(_ASKED, [called.value, ast.Constant(called.attr)], called)
        return self.generic_visit(node)


setattr(builtins, _NAME, Plainly)
setattr(builtins, _ASKED, special)
