"""Objects of the program's classes beside numpy's scalars: `np.float64(2) * vector`.

To numpy what is no array, nor becomes one, is an object, which it has meet the plain number that the scalar
stands for; the object's class says what comes of it.  The host can have the two meet without numpy.
"""

import weakref

from .._interpreter._stdlib import is_standard
from ._handle import Handle
from ._static import is_written_in_python, mro_of, space_of, static

# What makes an array of an object, or has a say in it.
_OF_ARRAYS = (
    "__array__", "__array_interface__", "__array_struct__", "__array_ufunc__", "__array_priority__",
    "__array_prepare__", "__array_wrap__", "__buffer__", "__getitem__", "__len__", "__getattr__",
)  # fmt: skip
_known = weakref.WeakKeyDictionary()  # class -> whether its objects are none


def is_no_array(value):
    """Whether numpy does nothing with an object but have it meet numbers; the program's classes are asked once."""
    kind = type(value)
    if issubclass(kind, Handle):
        return False
    known = _known.get(kind)
    if known is None:
        known = _known[kind] = _look(kind)
    return known


def _look(kind):
    if static(kind, "__getattribute__") is not space_of(object)["__getattribute__"]:
        return False
    return all(map(_is_plain, mro_of(kind)[:-1])) and not any(hasattr(kind, name) for name in _OF_ARRAYS)


def _is_plain(kind):
    """Whether it is a class of the program's, or of a package's."""
    return is_written_in_python(kind) and not is_standard(space_of(kind).get("__module__"))
