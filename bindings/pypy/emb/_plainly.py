"""`object.__new__(C)`, `object.__setattr__(x, name, value)` and the like, of classes and objects of Python's.

The host's `object` knows nothing of these: their attributes live in Python, and Python makes them.  In the
program such a call names another, which asks whose the object is.
"""

import ast
import builtins

from . import _classes, _object
from ._class_attributes import hosts_own
from ._classes import as_instance
from ._code import Part
from ._handle import Handle
from ._static import static

_CALLED = ("__new__", "__getattribute__", "__setattr__", "__delattr__")
_NAME = "emb.object"  # no identifier: it is nobody else's

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


class _Calls(ast.NodeTransformer):
    def __init__(self):
        self.found = False

    def visit_Call(self, node):
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in _CALLED:
            if isinstance(called.value, ast.Name) and called.value.id == "object":
                self.found = True
                called.value.id = _NAME
        return self.generic_visit(node)


def may_be_in(source):
    return (b"object.__" if isinstance(source, bytes) else "object.__") in source


def rewrite(tree):
    """Renames what is called in a syntax tree; whether there is any."""
    calls = _Calls()
    calls.visit(tree)
    return calls.found


setattr(builtins, _NAME, Plainly)
