"""Walks through the parts of a syntax tree that stand on marked lines of the source.

To walk through a whole tree takes PyPy many times what it takes to make it.
"""

import ast
import bisect


def call_of(name, arguments, place):
    """The call of a function by that name, for what stands at a place."""
    call = ast.Call(ast.Name(name, ast.Load()), arguments, [])
    return ast.fix_missing_locations(ast.copy_location(call, place))


class Marked(ast.NodeTransformer):
    """Writes some things in other words; `found` tells whether there was anything."""

    MARK: object  # a pattern that is found on the line where such a thing begins

    def __init__(self, source):
        self.found = False
        self._lines = _lines_of(self.MARK, source)

    def may_be_in(self):
        return bool(self._lines)

    def rewrite(self, tree):
        self.visit(tree)

    def visit(self, node):
        # To a function, or a class, belong its decorators, which stand above.
        first = (getattr(node, "decorator_list", None) or (node,))[0]
        if hasattr(first, "lineno") and not self._is_any(first.lineno, node.end_lineno):
            return node
        return super().visit(node)

    def _is_any(self, first, last):
        at = bisect.bisect_left(self._lines, first)
        return at < len(self._lines) and self._lines[at] <= last


def _lines_of(mark, source):
    """The numbers of the marked lines, in order."""
    lines, number, place = [], 1, 0
    for one in mark.finditer(source):
        number += source.count("\n", place, one.start())
        place = one.start()
        lines.append(number)
    return lines
