"""What stands in classes of the host, looked up without asking anybody."""

mro_of = type.__dict__["__mro__"].__get__
space_of = type.__dict__["__dict__"].__get__


def static(kind, name):
    """What the first class of the MRO has under a name; None where none has it."""
    for one in mro_of(kind):
        if name in space_of(one):
            return space_of(one)[name]
    return None


def is_written_in_python(kind):
    """Whether a class of the host is one of a class statement, and not made in C."""
    space = space_of(kind)
    return object not in kind.__bases__ or "__weakref__" in space or "__slots__" in space


def is_exception_class(value):
    """Whether it is one of the host's classes of exceptions."""
    return issubclass(type(value), type) and any(one is BaseException for one in mro_of(value))


def abstract(kind):
    """The names of the methods that the host's classes ask for, and that are not there."""
    asked = set()
    for base in mro_of(kind):
        asked.update(name for name, value in list(space_of(base).items()) if _is_abstract(value))
    return sorted(name for name in asked if _is_abstract(static(kind, name)))


def _is_abstract(value):
    return getattr(value, "__isabstractmethod__", False) is True
