"""The code of a function of the host, as Python itself would have compiled it.

Some packages do not call a function but read it: numba compiles its code, cloudpickle (and so
joblib) sends it to other processes, inspect.getsource looks up where it stands.  They get a code
object that Python has made of the same source, the variables that it uses, and what it closes
over.  A function whose source is not to be found has only what the host's code says of itself.
"""

import ast
import inspect
import linecache
import re
import textwrap
import tokenize
import types

from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._code import Part, import_mod
from ._frames import Code

_SOURCE = '''
import functools, types

@functools.lru_cache(64)
def compiled(source, file, mode):
    return tuple(inside(compile(source, file, mode, dont_inherit=True)))

def inside(code):
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield one
            yield from inside(one)

def find(source, file, mode, name, line, counts, arguments, free):
    "The codes of that name which begin there, in the order of the source."
    return tuple(
        one for one in compiled(source, file, mode)
        if one.co_name == name and one.co_firstlineno == line
        and (one.co_argcount, one.co_posonlyargcount, one.co_kwonlyargcount) == counts
        and one.co_varnames[:len(arguments)] == arguments and set(one.co_freevars) == set(free)
    )

def names(code):
    used = set(code.co_names)
    for one in inside(code):
        used.update(one.co_names)
    return tuple(used)

def cells(code, values):
    return tuple(types.CellType(*values[name]) for name in code.co_freevars) or None
'''

_python = Part(_SOURCE)
source_of = lambda code: None  # set by _sources: (source, mode) of what the program has made by `exec`
_codes = {}  # code of the host, and its file, which are equal without -> proxy of Python's, or None
_CODES_KEPT = 1000


def code_of(function):
    """Python's code object (a proxy) for that of a function, or the host's where there is none."""
    twin = _twin_of(function.__code__)
    return Code(function.__code__) if twin is None else twin


def _twin_of(code):
    this = code, code.co_filename
    try:
        twin = _codes[this]
    except KeyError:
        if len(_codes) >= _CODES_KEPT:
            _codes.clear()
        twin = _codes[this] = _find(code)
    return twin


@lasting
def _find(code):
    source, mode = "".join(linecache.getlines(code.co_filename)), "exec"
    if not source:
        source, mode = source_of(code) or ("", mode)
    if not source:
        return None
    try:
        found = _python("find")(source, code.co_filename, mode, *_marks(code))
    except (SyntaxError, ValueError):
        return None  # of another version of Python
    if len(found) < 2:
        return found[0] if found else None
    # Of several on one line, the host's own compiler tells which it is.
    alike = [one for one in _inside(compile(source, code.co_filename, mode, 0, True)) if _marks(one) == _marks(code)]
    return found[alike.index(code)] if len(alike) == len(found) and code in alike else None


def _marks(code):
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return code.co_name, code.co_firstlineno, counts, arguments, code.co_freevars


def _inside(code):
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield one
            yield from _inside(one)


def globals_of(function):
    """Of the variables around a function, those that it uses."""
    space = function.__globals__
    twin = _twin_of(function.__code__)
    used = function.__code__.co_names if twin is None else _python("names")(twin)
    for note in function.__annotations__.values():
        if isinstance(note, str):
            used += tuple(re.findall(r"\w+", note))
    used += _names_in_annotations(function.__code__)
    found = {name: space[name] for name in used if name in space}
    found["__name__"] = space.get("__name__")
    found["__builtins__"] = import_mod("builtins")
    return found


def _names_in_annotations(code):
    """What the source names there, for who compiles it anew, and looks at these in the function (typeguard)."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, SyntaxError, ValueError, tokenize.TokenError):
        return ()
    notes = [getattr(one, each, None) for one in ast.walk(tree) for each in ("annotation", "returns")]
    return tuple([one.id for note in notes if note is not None for one in ast.walk(note) if type(one) is ast.Name])


def closure_of(function):
    """The cells that a function closes over; None where it closes over nothing."""
    if not function.__closure__:
        return None
    values = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__):
        try:
            values[name] = (cell.cell_contents,)
        except ValueError:
            values[name] = ()  # it has no value yet
    twin = _twin_of(function.__code__)
    return tuple(function.__closure__) if twin is None else _python("cells")(twin, values)


_session.after_shutdown(_codes.clear)
