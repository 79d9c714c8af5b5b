"""Annotations that a later Python evaluates, and the host's does not: `x: int | None = None`.

They are what keeps most newer programs from running on PyPy 3.9, though nothing depends on them but who
reads them.  So such an annotation becomes a text, as `from __future__ import annotations` makes of all:
CPython, whose libraries read it, evaluates it.
"""

import ast
import os
import sys
from importlib.machinery import SourceFileLoader

from ._program import is_installed

_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_EVALUATES = sys.version_info >= (3, 10) or not hasattr(ast, "unparse")


class _Texts(ast.NodeTransformer):
    def __init__(self):
        self.found = False

    def visit_arg(self, node):
        node.annotation = self._text(node.annotation)
        return self.generic_visit(node)

    def visit_AnnAssign(self, node):
        node.annotation = self._text(node.annotation)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node):
        node.returns = self._text(node.returns)
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def _text(self, annotation):
        if annotation is None or not any([_is_union(one) for one in ast.walk(annotation)]):
            return annotation
        self.found = True
        return ast.copy_location(ast.Constant(ast.unparse(annotation)), annotation)


def _is_union(node):
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def compiled(source, file):
    """The code of a program."""
    return compile(_with_texts(source, file) or source, file, "exec", dont_inherit=True)


def _with_texts(source, file):
    """The syntax tree with such texts; None where there are none."""
    bar = b"|" if isinstance(source, bytes) else "|"
    if _EVALUATES or bar not in source:
        return None
    tree, texts = ast.parse(source, file), _Texts()
    if not _are_texts(tree):
        texts.visit(tree)
    return tree if texts.found else None


def watch():
    """From now on also in modules of the program, of which what is compiled already is of no use then."""
    if _EVALUATES:
        return
    get_code = SourceFileLoader.get_code

    def of_the_program(self, fullname):
        file = self.get_filename(fullname)
        if not is_installed(file) and not file.startswith(_LIBRARY):
            source = self.get_data(file)
            tree = _with_texts(source, file)
            if tree is not None:
                return compile(tree, file, "exec", dont_inherit=True)
        return get_code(self, fullname)

    SourceFileLoader.get_code = of_the_program


def _are_texts(tree):
    return any([
        isinstance(one, ast.ImportFrom) and one.module == "__future__" and "annotations" in [n.name for n in one.names]
        for one in tree.body
    ])  # fmt: skip
