"""The name and the documentation that Python shows of a host function.

CPython takes the signature of a builtin function, as inspect.signature() gives it, from
documentation that begins with "name(signature)" and a line of two dashes.
"""

import ast
import inspect
import types

_LITERALS = (type(None), bool, int, float, str, bytes, tuple)


def name_and_doc(function):
    """Two texts in UTF-8, without NUL bytes."""
    name = getattr(function, "__name__", None)
    if not isinstance(name, str) or not name:
        name = type(function).__name__
    doc = getattr(function, "__doc__", None)
    doc = doc if isinstance(doc, str) else ""
    # The short way for the callables of the package itself.
    signature = getattr(type(function), "_emb_signature", None) or _signature(function)
    if signature:
        # CPython compares with what stands behind the last dot.
        doc = "%s%s\n--\n\n%s" % (name.rpartition(".")[2], signature, doc)
    return _encode(name), _encode(doc)


def _encode(text):
    return text.replace("\0", "").encode("utf-8", "replace")


def _signature(function):
    """The parameters as CPython reads them, "(a, /, b=1, *, c=...)"; "" if they are unknown."""
    try:
        if type(function) is types.FunctionType and not function.__dict__:
            return _of_code(function)
        parameters = []
        for one in inspect.signature(function).parameters.values():
            default = one.default
            if default is not one.empty:
                default = _Verbatim(_literal(default))
            parameters.append(one.replace(annotation=one.empty, default=default))
        return str(inspect.Signature(parameters))
    except Exception:
        # Functions without one; and descriptions may be anything, also wrong.
        return ""


def _of_code(function):
    """The same for plain functions, twenty times quicker than by `inspect`."""
    code = function.__code__
    names = code.co_varnames
    count = code.co_argcount
    texts = list(names[:count])
    defaults = function.__defaults__ or ()
    for at, default in enumerate(defaults, count - len(defaults)):
        texts[at] += "=" + _literal(default)
    if code.co_posonlyargcount:
        texts.insert(code.co_posonlyargcount, "/")
    end = count + code.co_kwonlyargcount
    if code.co_flags & inspect.CO_VARARGS:
        texts.append("*" + names[end])
    elif code.co_kwonlyargcount:
        texts.append("*")
    for name in names[count:end]:
        if name in (function.__kwdefaults__ or ()):
            name += "=" + _literal(function.__kwdefaults__[name])
        texts.append(name)
    if code.co_flags & inspect.CO_VARKEYWORDS:
        texts.append("**" + names[end + bool(code.co_flags & inspect.CO_VARARGS)])
    return "(%s)" % ", ".join(texts)


def _literal(value):
    """What may stand in a signature: a literal, or "..." for any other value."""
    if type(value) in _LITERALS:
        text = repr(value)
        try:
            ast.literal_eval(text)
            return text
        except (ValueError, SyntaxError):
            pass  # inf, nan, and tuples with other things in them
    return "..."


class _Verbatim:
    """A default whose repr() is this text."""

    def __init__(self, text):
        self._text = text

    def __repr__(self):
        return self._text
