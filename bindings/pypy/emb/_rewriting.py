"""The program's own source, as the host compiles it: a few things mean the same in other words.

What is compiled already, of modules that are rewritten, is of no use then.
"""

import ast
from importlib.machinery import SourceFileLoader

from . import _annotations, _plainly
from ._files import is_of_the_program


def compiled(source, file):
    """The code of a program."""
    return compile(_rewritten(source, file) or source, file, "exec", dont_inherit=True)


def _rewritten(source, file):
    """The syntax tree with what is written in other words; None where there is nothing of that kind."""
    wanted = [one for one in (_annotations, _plainly) if one.may_be_in(source)]
    if not wanted:
        return None
    tree = ast.parse(source, file)
    return tree if any([one.rewrite(tree) for one in wanted]) else None


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
