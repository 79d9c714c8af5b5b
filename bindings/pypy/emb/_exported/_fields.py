"""Fields of dataclasses, for Python, which has others for the same."""

import dataclasses

from .._abi._convert import Unconvertible
from .._proxies._object import Object
from ._host_classes import host_classes

_GIVEN = ("default", "default_factory", "init", "repr", "hash", "compare", "metadata", "kw_only")


def given_to(field):
    """What makes one, as keywords of `dataclasses.field`."""
    given = {each: getattr(field, each, dataclasses.MISSING) for each in _GIVEN}
    given["metadata"] = dict(field.metadata)
    return {each: value for each, value in given.items() if value is not dataclasses.MISSING}


def _described(kind):
    """The name and the type of each that a class has, or says what is to be given to it, and the name of its
    kind, and what makes it; without what Python cannot have."""
    found = []
    for field in kind.__dataclass_fields__.values():
        given = {name: _of_python(value) for name, value in given_to(field).items()}
        kept = {name: value[0] for name, value in given.items() if value}
        found.append((field.name, *(_of_python(field.type) or (object,)), field._field_type.name, kept))
    return tuple(found)


def fields_there(kind):
    """What `dataclasses.fields` of Python's finds for a class of the host."""
    return host_classes("dataclass_fields")(_described(kind))


def _of_python(value):
    """(What it is in Python,), or nothing."""
    try:
        return (Object(value),)
    except (Unconvertible, ValueError, TypeError):
        return ()
