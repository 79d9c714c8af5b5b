"""`type(x)` in the program is the class by the name of which the program knows it: `type(x) is list`,
`{list: f}[type(x)]`, `type(x) is package.Names`, whose base is a list.

To the host itself, whose own code looks into lists, such objects of Python's are of another class.  So in the
program `type(x)` names a function.  `type(x).name` is asked of the host's class for Python's as before.
"""

import ast
import builtins
import re
import sys

from .._garbage._lifetime import lasting
from .._inheritance._classes import Instance
from .._interpreter._code import find
from .._proxies._handle import Handle
from .._proxies._shown import same
from .._proxies._type import Type
from ._marked import Marked, call_of

_NAME = "emb.type"  # no identifier: it is nobody else's


def asked(called):
    """What is called as `type`, which may be another function by that name."""
    return class_of if called is type else called


def class_of(one):
    """The class of an object, for the program."""
    kind = type(one)
    if not issubclass(kind, Handle) or issubclass(kind, Instance):
        return kind
    if issubclass(kind, type):
        return getattr(kind, "_emb_meta", kind)  # that of the program, without what is joined with it (see _metas)
    if not issubclass(type(kind), Type):
        return one.__class__  # nobody has looked at its class yet
    found, modules = kind._emb_same
    if modules is not None and (modules == len(sys.modules) or not issubclass(type(found), Handle)):
        return found
    return _look(kind, one)


@lasting
def _look(kind, one):
    found = same(kind._emb_python)
    if found is None or found.__name__ != kind.__name__:
        found = find("type")(one)
    type.__setattr__(kind, "_emb_same", (found, len(sys.modules)))
    return found


class Calls(Marked):
    MARK = re.compile(r"\btype\(")

    def visit_Attribute(self, node):
        # What its attributes are, Python's class says.
        if _is_asked(node.value):
            node.value.args = [self.visit(one) for one in node.value.args]
            return node
        return self.generic_visit(node)

    def visit_Call(self, node):
        if _is_asked(node):
            self.found = True
            node.func = call_of(_NAME, [node.func], node.func)
        return self.generic_visit(node)


def _is_asked(node):
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "type"
        and len(node.args) == 1
        and not isinstance(node.args[0], ast.Starred)
        and not node.keywords
    )


setattr(builtins, _NAME, asked)
