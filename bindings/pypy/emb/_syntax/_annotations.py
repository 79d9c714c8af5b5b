"""Annotations that a later Python evaluates, and the host's does not: `x: int | None = None`.

They are what keeps most newer programs from running on PyPy 3.9, though nothing depends on them but who
reads them.  So such an annotation becomes a text, as `from __future__ import annotations` makes of all:
CPython, whose libraries read it, evaluates it.
"""

import ast
import re
import sys

from ._marked import Marked

_EVALUATES = sys.version_info >= (3, 10) or not hasattr(ast, "unparse")


class Texts(Marked):
    MARK = re.compile(r"\|")

    def may_be_in(self):
        return not _EVALUATES and super().may_be_in()

    def rewrite(self, tree):
        if not _are_texts(tree):
            self.visit(tree)

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


def _are_texts(tree):
    return any([
        isinstance(one, ast.ImportFrom) and one.module == "__future__" and "annotations" in [n.name for n in one.names]
        for one in tree.body
    ])  # fmt: skip
