"""The program's own source, as the host compiles it: a few things mean the same in other words.

What is compiled already, of modules that are rewritten, is of no use then.
"""

import __future__
import ast
from importlib.machinery import SourceFileLoader
from importlib.util import decode_source

from . import _annotations, _by_class, _class_asked, _plainly
from ._files import is_of_the_program

_KINDS = (_annotations.Texts, _by_class.Calls, _class_asked.Calls, _plainly.Calls)


def compiled(source, file, mode="exec", flags=0):
    """The code of a program, or of what it is given line by line."""
    return compile(_rewritten(source, file, mode, flags) or source, file, mode, flags, dont_inherit=True)


def _rewritten(source, file, mode="exec", flags=0):
    """The syntax tree with what is written in other words; None where there is nothing of that kind."""
    text = decode_source(source) if isinstance(source, bytes) else source
    kinds = _KINDS[1:] if flags & __future__.annotations.compiler_flag else _KINDS
    wanted = [one for one in [kind(text) for kind in kinds] if one.may_be_in()]
    if not wanted:
        return None
    tree = compile(source, file, mode, flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    for one in wanted:
        one.rewrite(tree)
    return tree if any([one.found for one in wanted]) else None


def watch():
    """From now on also in modules of the program."""
    get_code = SourceFileLoader.get_code

    def of_the_program(self, fullname):
        file = self.get_filename(fullname)
        if is_of_the_program(file):
            source = self.get_data(file)
            tree = _rewritten(source, file)
            if tree is not None:
                return compile(tree, file, "exec", dont_inherit=True)
        return get_code(self, fullname)

    SourceFileLoader.get_code = of_the_program
