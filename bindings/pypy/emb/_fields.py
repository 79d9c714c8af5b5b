"""Fields of dataclasses, for Python, which has others for the same."""

import dataclasses

from ._convert import Unconvertible
from ._object import Object

_GIVEN = ("init", "repr", "hash", "compare", "metadata", "kw_only")
_DEFAULTS = ("default", "default_factory")


def given_to(field):
    """What makes one, as keywords of `dataclasses.field`."""
    given = {each: getattr(field, each) for each in _GIVEN if hasattr(field, each)}
    given["metadata"] = dict(given["metadata"])
    for each in _DEFAULTS:
        if getattr(field, each) is not dataclasses.MISSING:
            given[each] = getattr(field, each)
    return given


def described(kind):
    """The name and the type of each that a class has, and what makes it; without what Python cannot have."""
    found = []
    for field in dataclasses.fields(kind):
        given = {name: _of_python(value) for name, value in given_to(field).items()}
        kept = {name: value[0] for name, value in given.items() if value}
        found.append((field.name, *(_of_python(field.type) or (object,)), kept))
    return tuple(found)


def _of_python(value):
    """(What it is in Python,), or nothing."""
    try:
        return (Object(value),)
    except (Unconvertible, ValueError, TypeError):
        return ()
