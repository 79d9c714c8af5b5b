"""The name, the documentation and the parameters that Python shows of a host function.

CPython takes the signature of a builtin function, as inspect.signature() gives it, from
documentation that begins with "name(signature)" and a line of two dashes.
"""

import ast
import inspect

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
    return encoded(name), encoded(doc)


def encoded(text):
    return text.replace("\0", "").encode("utf-8", "replace")


def _signature(function):
    """The parameters as CPython reads them, "(a, /, b=1, *, c=...)"; "" if they are unknown."""
    try:
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


def parameters_of(function, annotated=False):
    """(name, kind, (default,) or (), (annotation,) or ()) of each; None if they are unknown."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    empty = inspect.Parameter.empty
    return tuple(
        [
            (
                one.name,
                int(one.kind),
                () if one.default is empty else (one.default,),
                (one.annotation,) if annotated and one.annotation is not empty else (),
            )
            for one in found
        ]
    )


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
