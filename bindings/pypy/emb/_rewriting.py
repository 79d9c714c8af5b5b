"""The program's own source, as the host compiles it: a few things mean the same in other words.

What is compiled already, of modules that are rewritten, is of no use then.
"""

import ast
from importlib.machinery import SourceFileLoader
from importlib.util import decode_source

from . import _annotations, _by_class, _class_asked, _plainly
from ._files import is_of_the_program

_KINDS = (_annotations.Texts, _by_class.Calls, _class_asked.Calls, _plainly.Calls)


def compiled(source, file):
    """The code of a program."""
    return compile(_rewritten(source, file) or source, file, "exec", dont_inherit=True)


def _rewritten(source, file):
    """The syntax tree with what is written in other words; None where there is nothing of that kind."""
    text = decode_source(source) if isinstance(source, bytes) else source
    wanted = [one for one in [kind(text) for kind in _KINDS] if one.may_be_in()]
    if not wanted:
        return None
    tree = ast.parse(source, file)
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
