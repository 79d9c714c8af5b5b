"""The proxy: a Python object of the embedded CPython that behaves like one of the host."""

import types

from .._abi import _convert
from .._abi._calls import call_method
from .._abi._crossings import box, delattribute, fetch, getattribute, number, setattribute
from .._abi._library import functions
from .._garbage import _lifetime
from .._garbage._collector import variables
from .._interpreter import _session
from ._handle import Exporter, Handle, Owner, new_of
from ._operators import Operators
from ._protocols import EVERYWHERE
from ._static import mro_of, space_of

_new, _own = object.__new__, _lifetime.own
_new_exporter, _own_exporter = new_of(Exporter), _lifetime.own_exporter
_STR, _REPR = 0, 1

failed = None  # see raise_again

# Set by modules that depend on this one.
learn: object  # _methods: (proxy, name, bound method) after such an attribute has been read
builtin = None  # _code: name -> proxy of Python's builtin function of that name
class_of = None  # _shown: the class that a proxy shows as its own
signature_of = None  # _signature: what inspect.signature() gives for a proxy
deepcopy: object  # _copying: (proxy, memo) -> its copy
reduce = None  # _pickling: what pickle is to keep of a proxy
mro_entries = None  # _classes: what stands among the bases of a host class for a proxy


class OfObject:
    """`proxy.__doc__` is the object's; `Object.__doc__` is the class's.  So are others of that kind."""

    def __init__(self, name, text):
        self.name, self.text = name, text

    def __get__(self, instance, owner):
        if instance is None:
            return self.text
        return getattribute(instance._emb_handle, self.name)


class _Init:
    """`Object(value)` makes a proxy; `proxy.__init__` is Python's, for `Base.__init__(self)`."""

    def __get__(self, instance, owner):
        if instance is None:
            return self._make
        try:
            handle = instance._emb_handle
        except AttributeError:
            return types.MethodType(self._make, instance)
        return getattribute(handle, "__init__")

    @staticmethod
    def _make(proxy, value):
        _session.ensure()
        _own(proxy, box(value))


class ObjectType(type):
    """The class of the proxy classes: `Object(value)` is a proxy with every protocol."""

    def __call__(cls, *args, **kwargs):
        return type.__call__(Whole if cls is Object else cls, *args, **kwargs)

    @property
    def __mro__(cls):
        # Abstract classes look for methods in these.
        return tuple([one for one in mro_of(cls) if "_emb_hidden" not in space_of(one)])


_DICTS = ("__annotations__", "__kwdefaults__")


def attribute(name, value):
    """What an attribute of that name is to the host."""
    # functools.wraps() hands these on, and a function of the host takes no other mapping.
    return dict(value) if name in _DICTS and value is not None else value


def raise_again(proxy, name):
    """Raises what a learned method (see _methods) has raised a moment ago: the host asks
    `__getattr__` after every AttributeError, and Python is not to be asked a second time."""
    global failed
    known, failed = failed, None
    if known is not None and known[0] is proxy and known[1] == name:
        raise known[2]


class Object(Operators, Handle, metaclass=ObjectType):
    __slots__ = ()
    _emb_owner = property(lambda self: self)  # that of the object; see _scalar
    _emb_is_function = False  # whether it is a function of Python code
    _emb_is_bound = False  # whether it is a method of Python code, see _methods
    _emb_weighs = True  # whether there may be memory behind it, see _weighing

    __doc__ = OfObject(
        "__doc__",
        """An object of the embedded Python.

        Attributes, calls, items, iteration, operators, text, `with` and the number
        protocols all go to it; results of the classes None, bool, int, float, str,
        complex, bytes and tuple come back as values of the host, everything else as an
        Object.
        `Object(value)` makes one from a host value: Object([1, 2]) is a list over
        there.  An Object owns one reference, which is released some time after the
        Object has died.
        """
    )

    __init__ = _Init()

    def __init_subclass__(cls):
        # type(x) as a base would make proxies of nothing.
        derives = hasattr(type(cls), "_emb_derives") or issubclass(cls, type)  # a metaclass of the program
        if not derives and not cls.__module__.startswith("emb."):
            raise TypeError("derive from a class of Python, or x.__class__; not from emb.Object")

    # --- attributes and calls

    def __getattr__(self, name):
        if name.startswith("_emb_"):
            raise AttributeError(name)
        if failed is not None:
            raise_again(self, name)
        value = attribute(name, getattribute(self._emb_handle, name))
        kind = type(value)
        if issubclass(kind, Object) and kind._emb_is_bound:
            learn(self, name, value)
        return value

    def __setattr__(self, name, value):
        setattribute(self._emb_handle, name, value, True)

    def __delattr__(self, name):
        delattribute(self._emb_handle, name)

    @property
    def __class__(self):
        return class_of(self)

    @property
    def __signature__(self):
        return signature_of(self)

    def __dir__(self):
        return list(builtin("dir")(self))

    # --- truth, identity, text

    def __bool__(self):
        return number(functions.emb_object_truth, self._emb_handle, 32) != 0

    def __hash__(self):
        return number(functions.emb_object_hash, self._emb_handle)

    def __str__(self):
        return fetch(functions.emb_object_text, self._emb_handle, _STR)

    def __repr__(self):
        return fetch(functions.emb_object_text, self._emb_handle, _REPR)

    def __format__(self, spec):
        return builtin("format")(self, spec)

    def __pow__(self, exponent, modulus=None):
        if modulus is None:
            return Operators.__pow__(self, exponent)
        return builtin("pow")(self, exponent, modulus)

    def __rpow__(self, base, modulus=None):
        if modulus is None:
            return Operators.__rpow__(self, base)
        return builtin("pow")(base, self, modulus)

    # --- classes

    def __instancecheck__(self, instance):
        try:
            return builtin("isinstance")(instance, self)
        except _convert.Unconvertible:
            return False

    def __subclasscheck__(self, subclass):
        try:
            return builtin("issubclass")(subclass, self)
        except _convert.Unconvertible:
            return False

    # --- copies

    def __copy__(self):
        return builtin("copy.copy")(self)

    def __deepcopy__(self, memo):
        return deepcopy(self, memo)

    def __reduce_ex__(self, protocol):
        return reduce(self, protocol)

    def __reduce__(self):
        return getattribute(self._emb_handle, "__reduce__")()


def entries(self, bases):
    """`__mro_entries__` of proxies that are no classes of the host, but may be of Python's."""
    return mro_entries(self, bases)


# Of objects whose class nobody has looked at: what they cannot do, Python will say.
Whole = ObjectType(
    "Object",
    (Object, Owner),
    dict(
        EVERYWHERE, __mro_entries__=entries, __slots__=(), __module__=__name__,
        __doc__=Object.__dict__["__doc__"],
    ),  # fmt: skip
)


def maker(host):
    """What makes a proxy of the class `host` that owns a handle."""
    # Each names what it calls, so that a JIT knows it.
    if issubclass(host, Exporter):

        def become(handle):
            proxy = _new_exporter(host)
            _own_exporter(proxy, handle)
            return proxy

    else:

        def become(handle):
            proxy = _new(host)
            _own(proxy, handle)
            return proxy

    return become


wrap = maker(Whole)
# The same for an object that has no memory to look at.
_LIGHT = {"__slots__": (), "__module__": __name__, "_emb_weighs": False}
wrap_light = maker(ObjectType("Object", (Whole,), _LIGHT))


def possible(values):
    """A dict of Python's (a proxy) with those of a dict that Python can have."""
    found = Object({})
    for name, value in list(values.items()):
        try:
            found[name] = value
        except (_convert.Unconvertible, ValueError):
            pass
    return found


@_lifetime.lasting
def another(proxy):
    """A second proxy of the same object, for the package to keep whatever becomes of the first."""
    return wrap(box(proxy))


def release(proxy):
    """Releases the object behind the proxy now, instead of after the proxy's death.

    For large objects, and where a destructor must have run.  Using the proxy
    afterwards raises BadHandle.  Twice is harmless.
    """
    if not isinstance(proxy, Handle):
        raise TypeError("release() takes an emb.Object, not %s" % type(proxy).__name__)
    proxy = proxy._emb_owner
    handle = proxy._emb_handle
    if handle > 0:
        _lifetime.forget(proxy)
        _lifetime.release(handle)


def method(proxy, name, *args, **kwargs):
    """proxy.name(*args, **kwargs) in one crossing, without an object for the bound method."""
    if not isinstance(proxy, Handle):
        raise TypeError("method() takes an emb.Object, not %s" % type(proxy).__name__)
    return call_method(proxy._emb_handle, name, args, kwargs)


variables(globals(), "failed")
