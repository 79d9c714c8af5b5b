"""Methods that are called by a class of the standard library: `dict.__init__(self)` in a class of the program
that derives from Python's dict, by way of a package's class.

The object is Python's, with which the host's dict can do nothing.  So in methods of the program such a call
names another function, which looks for Python's class of that name among the bases.  And what makes a class,
`super().__new__(meta, name, bases, body)` in a metaclass of the program, which is called like a function,
looks whether there is one of Python's among these.
"""

import abc
import ast
import builtins
import re

from .._inheritance import _metas
from .._inheritance._classes import PythonClass, as_instance
from .._interpreter._there import python
from .._proxies._static import mro_of, space_of
from ._marked import Marked, call_of

_NAME, _NEW = "emb.method", "emb.new"  # no identifiers: they are nobody else's
_PLAIN = (type, abc.ABCMeta)
_MAKERS = [one.__new__ for one in _PLAIN]
# What object's own do with them is said elsewhere (see _plainly).
_BUILTIN = {name for name, one in vars(builtins).items() if type(one) is type and one not in (object, type)}


def method(kind, name, one):
    """The method of a class, to be called with an object, or a class, of the program."""
    if type(kind) in _PLAIN:
        derived = one if issubclass(type(one), type) else type(one)
        if issubclass(type(derived), PythonClass):
            return _method_of(derived, kind, name)
    return getattr(kind, name)


def _method_of(derived, kind, name):
    for base in mro_of(derived):
        proxy = space_of(base).get("_emb_stands_for")
        if proxy is not None and (base.__name__, base.__module__) == (kind.__name__, kind.__module__):
            return _maker(proxy) if name == "__new__" else getattr(base, name)
    return getattr(kind, name)


def _maker(proxy):
    def make(cls, *args, **kwargs):
        return as_instance(python("new")(proxy, cls, args, kwargs))

    return make


def new(owner, meta):
    """`__new__` of `type`, or of what `super()` gives, for a metaclass."""
    found = owner.__new__
    return _metas.maker(found) if found in _MAKERS and issubclass(type(meta), type) else found


class Calls(Marked):
    MARK = re.compile(r"\w\.\w+\(\s*(self|cls|mcs|mcls|metacls|meta)\b|\b(super\(.*\)|type)\.__new__\(")

    def __init__(self, source):
        super().__init__(source)
        self._known = _BUILTIN  # names that may be of the standard library
        self._first = None  # of the parameters of the method that this is in
        self._in_class = False

    def rewrite(self, tree):
        self._known = _BUILTIN.union(_imported(tree.body))
        self.visit(tree)

    def visit_ClassDef(self, node):
        outer = self._first, self._in_class
        self._first, self._in_class = None, bool(node.bases)
        self.generic_visit(node)
        self._first, self._in_class = outer
        return node

    def visit_FunctionDef(self, node):
        outer = self._first, self._in_class
        if self._in_class:
            parameters = node.args.posonlyargs + node.args.args
            self._first, self._in_class = parameters[0].arg if parameters else None, False
        self.generic_visit(node)
        self._first, self._in_class = outer
        return node

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Call(self, node):
        called = node.func
        if isinstance(called, ast.Attribute) and self._is_first(node.args):
            first = ast.Name(self._first, ast.Load())
            if self._is_known(called):
                self.found = True
                node.func = call_of(_NAME, [called.value, ast.Constant(called.attr), first], called)
            elif _makes_a_class(called):
                self.found = True
                node.func = call_of(_NEW, [called.value, first], called)
        return self.generic_visit(node)

    def _is_known(self, called):
        """Whether it has the form `Class.name` or `module.Class.name`, of a name that is no class's own."""
        if called.attr[:2] == "__" != called.attr[-2:]:
            return False
        owner = called.value
        while isinstance(owner, ast.Attribute):
            owner = owner.value
        return isinstance(owner, ast.Name) and owner.id in self._known

    def _is_first(self, args):
        return bool(args) and isinstance(args[0], ast.Name) and args[0].id == self._first


def _makes_a_class(called):
    """Whether it has the form `type.__new__` or `super().__new__`."""
    owner = called.value
    if called.attr != "__new__":
        return False
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Name) and owner.func.id == "super"
    return isinstance(owner, ast.Name) and owner.id == "type"


def _imported(body):
    """The names of what is imported outside of functions."""
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for one in node.names:
                yield one.asname or one.name.partition(".")[0]
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _imported(node.body)


setattr(builtins, _NAME, method)
setattr(builtins, _NEW, new)
