"""The program's own source, as the host compiles it: a few things mean the same in other words.

What has been compiled of modules without that is of no use then: there is other code beside it, in `__pycache__`.
"""

import __future__
import ast
import marshal
import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source, decode_source

from .._interpreter._files import is_of_the_program
from . import _annotations, _by_class, _class_asked, _marked, _plainly, _sources

_OTHERS = (_by_class, _class_asked, _plainly)


def compiled(source, file, mode="exec", flags=0):
    """The code of a program, or of what it is given line by line."""
    return compile(_rewritten(source, file, mode, flags) or source, file, mode, flags, dont_inherit=True)


def _rewritten(source, file, mode="exec", flags=0):
    """The syntax tree with what is written in other words; None where there is nothing of that kind."""
    text = decode_source(source) if isinstance(source, bytes) else source
    # Texts first: they say what the program has written.
    kinds = [] if flags & __future__.annotations.compiler_flag else [_annotations.Texts]
    kinds += [one.Calls for one in _OTHERS]
    wanted = [one for one in [kind(text) for kind in kinds] if one.may_be_in()]
    if not wanted:
        return None
    tree = compile(source, file, mode, flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    for one in wanted:
        one.rewrite(tree)
    return tree if any([one.found for one in wanted]) else None


def _of_module(loader, file):
    """The code of a module; None where it is what it is without this."""
    stats = loader.path_stats(file)
    stamp = _written, file, stats["mtime"], stats["size"]
    path = cache_from_source(file, optimization="emb")
    known, code = _compiled_before(path)
    if known != stamp:
        source = loader.get_data(file)
        tree = _rewritten(source, file)
        code = None if tree is None else compile(tree, file, "exec", dont_inherit=True)
        if not sys.dont_write_bytecode:
            loader.set_data(path, marshal.dumps((stamp, code)))
    return code


# When these were written last, which say what becomes of a program.
_written = tuple([os.stat(one.__file__).st_mtime for one in (_annotations, _marked, *_OTHERS)])


def _compiled_before(path):
    try:
        with open(path, "rb") as file:
            stamp, code = marshal.loads(file.read())
        return stamp, code
    except (OSError, EOFError, ValueError, TypeError):
        return None, None


def _of_source(source, file, mode, flags):
    """What `compile` is to be given of a program's file, which some tool runs: cProfile, trace, pdb."""
    is_source = mode == "exec" and isinstance(source, (str, bytes)) and not flags & ast.PyCF_ONLY_AST
    if is_source and type(file) is str and os.path.isfile(file) and is_of_the_program(os.path.abspath(file)):
        return _rewritten(source, file, mode, flags) or source
    return source


def watch():
    """From now on also in modules of the program."""
    get_code = SourceFileLoader.get_code

    def of_the_program(self, fullname):
        file = self.get_filename(fullname)
        code = _of_module(self, file) if is_of_the_program(file) else None
        return get_code(self, fullname) if code is None else code

    SourceFileLoader.get_code = of_the_program
    _sources.rewritten = _of_source
    _sources.watch_compile()
