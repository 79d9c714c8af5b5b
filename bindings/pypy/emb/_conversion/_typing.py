"""Types as annotations write them: `Optional[int]`, `list[str]`, `Callable[[int], str]`, `T`.

They are descriptions, so Python gets the same description with its own words.
"""

import dataclasses
import functools
import types
import typing
import weakref

from .._garbage._lifetime import lasting
from .._interpreter._code import find, the_host_s
from .._interpreter._session import after_shutdown
from .._proxies._handle import Handle

new_type: object  # set by _described: what `NewType` has made -> proxy of Python's
_made = weakref.WeakKeyDictionary()  # description of the host's, such as a TypeVar -> proxy of Python's
_GenericAlias = getattr(types, "GenericAlias", None)


def translate(value):
    """Python's word (a proxy) for what stands in an annotation; None for anything else."""
    kind = type(value)
    if value is type(None):
        return the_host_s[value]
    if _GenericAlias is not None and kind is _GenericAlias:
        return _of_class(value.__origin__, value.__args__)
    if kind is dataclasses.InitVar:
        return find("dataclasses.InitVar")(value.type)
    if getattr(kind, "__module__", None) != "typing":  # arrays of ctypes have none
        return None
    if kind is typing.TypeVar:
        return once(value, _variable)
    if kind.__name__ == "NewType":
        return new_type(value)
    if kind is typing.ForwardRef:
        return find("typing.ForwardRef")(value.__forward_arg__)
    if getattr(value, "__args__", None) and hasattr(value, "__origin__"):
        return _alias(value)
    name = getattr(value, "_name", None)
    return _named(name) if name else None


def _named(name):
    try:
        return find("typing." + name)
    except AttributeError:
        return None


def _alias(value):
    args = typing.get_args(value)
    if hasattr(value, "__metadata__"):
        return _subscribed(_named("Annotated"), args)
    if value.__origin__ is typing.Union:
        return _subscribed(typing.Union, args)
    name, origin = getattr(value, "_name", None), value.__origin__
    if not name and origin.__module__ == "typing":
        name = getattr(origin, "_name", None) or origin.__name__  # Literal, Generic
    generic = _named(name or "")
    if generic is None:
        return _of_class(value.__origin__, args)
    if generic == find("typing.Callable") and type(args[0]) is list:
        args = (args[0], args[1])
    return _subscribed(generic, args)


def _of_class(origin, args):
    """For `list[int]`; None for a class of the program, which has no parameters over there."""
    if origin.__module__.partition(".")[0] not in ("builtins", "collections"):
        return None
    return _subscribed(origin, args)


def _subscribed(generic, args):
    return find("operator.getitem")(generic, args if len(args) != 1 else args[0])


@lasting
def once(value, make):
    made = _made.get(value)
    if made is None:
        made = _made.setdefault(value, make(value))
    return made


def _variable(value):
    return find("typing.TypeVar")(
        value.__name__, *value.__constraints__, bound=value.__bound__,
        covariant=value.__covariant__, contravariant=value.__contravariant__,
    )  # fmt: skip


def join():
    """From now on what is a type by Python's word is one for the host's `typing`, too: `Optional[Self]`,
    `Annotated[A | B, ...]`."""
    own = typing._type_check

    @functools.wraps(own)
    def _type_check(arg, *args, **kwargs):
        return arg if issubclass(type(arg), Handle) else own(arg, *args, **kwargs)

    typing._type_check = _type_check


after_shutdown(_made.clear)
