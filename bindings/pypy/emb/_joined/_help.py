"""help() of what is Python's, and all else that pydoc writes about it, is what Python's own pydoc says."""

import functools

from .._errors._exception_classes import mirrored
from .._interpreter._code import find
from .._proxies._handle import Handle
from .._proxies._types import Type


def _is_python_s(thing):
    return issubclass(type(thing), (Handle, Type)) or isinstance(thing, type) and thing in mirrored


def join(pydoc):
    """From now on; of a name it says what it says of the thing."""
    render_doc = pydoc.render_doc

    @functools.wraps(render_doc)
    def render(thing, title="Python Library Documentation: %s", forceload=0, renderer=None):
        named = isinstance(thing, str)
        if _is_python_s(pydoc.resolve(thing, forceload)[0] if named else thing):
            plain = renderer is pydoc.plaintext
            return find("pydoc.render_doc")(thing, title, forceload, find("pydoc.plaintext") if plain else None)
        return render_doc(thing, title, forceload, renderer)

    pydoc.render_doc = render
