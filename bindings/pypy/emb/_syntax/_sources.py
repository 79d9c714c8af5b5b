"""The source of what a program makes by `exec`, `eval` and `compile`.

No Python keeps it, but for code that is read to be compiled once more (see _twins), as by numba, which a
CPython would not have to read again.  So the latest of those that define a function are kept here.
"""

import __future__
import builtins
import collections
import functools
import operator
import sys
import types

from .._callables import _twins
from .._interpreter._files import is_machinery

try:
    from __pypy__ import hidden_applevel

    _is_hidden = True
except ImportError:
    _is_hidden = False

    def hidden_applevel(function):
        """Its frame is left out wherever frames are looked at; other hosts do not need it."""
        return function


_KEPT = 256  # for each name of a file
_LONGEST = 1 << 20
_sources = collections.defaultdict(collections.OrderedDict)  # name of a file -> {(source, mode): nothing}
_compile = builtins.compile
_FUTURES = functools.reduce(operator.or_, [getattr(__future__, name).compiler_flag for name in __future__.all_feature_names])


def _note(source, file, mode):
    if type(source) is str and ("def " in source or "lambda" in source) and len(source) <= _LONGEST:
        known = _sources[file]
        known[source, mode] = None
        known.move_to_end((source, mode))
        if len(known) > _KEPT:
            known.popitem(last=False)


def _noting(run, mode):
    """`exec` or `eval`, for which it makes no difference that this is in between."""

    @hidden_applevel
    @functools.wraps(run)
    def noted(source, globals=None, locals=None):
        _note(source, "<string>", mode)
        caller = sys._getframe()
        futures = caller.f_code.co_flags & _FUTURES
        if futures and type(source) is str:
            source = _compile(source.lstrip(" \t") if mode == "eval" else source, "<string>", mode, futures, True)
        if globals is None:
            globals = caller.f_globals
            if locals is None:
                locals = caller.f_locals
        return run(source, globals, locals)

    return noted


@hidden_applevel
@functools.wraps(_compile)
def _compiling(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, **more):
    _note(source, filename, mode)
    caller = sys._getframe().f_code
    if not dont_inherit:
        flags |= caller.co_flags & _FUTURES
    if not is_machinery(caller.co_filename):  # which keeps what it compiles, for those without this package, too
        source = rewritten(source, filename, mode, flags)
    return _compile(source, filename, mode, flags, True, optimize, **more)


def rewritten(source, filename, mode, flags):
    """What is compiled in the place of a source; set by _rewriting."""
    return source


def source_of(code):
    """The source that a function's code was made of, and its mode; None where it is not known."""
    for source, mode in reversed(_sources.get(code.co_filename, ())):
        try:
            made = _compile(source, code.co_filename, mode, code.co_flags & _FUTURES, True)
        except (SyntaxError, ValueError):
            continue
        if code in _inside(made):
            return source, mode
    return None


def _inside(code):
    for one in code.co_consts:
        if type(one) is types.CodeType:
            yield one
            yield from _inside(one)


def watch_compile():
    """From now on, where who calls it does not see it."""
    if _is_hidden:
        builtins.compile = _compiling


def join():
    """From now on."""
    builtins.exec, builtins.eval = _noting(exec, "exec"), _noting(eval, "eval")
    watch_compile()
    _twins.source_of = source_of
