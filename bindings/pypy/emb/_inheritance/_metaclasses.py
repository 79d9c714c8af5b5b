"""Metaclasses of Python's that make classes of those that stand for the host's.

`type.__new__(Meta, name, (C,), body)` is an error where C is a class of a metaclass that Meta knows
nothing of, and so are those that stand for the host's.  Python's own objects these classes are for,
and not the host's: so they derive instead from what stands for a class of the host among the bases
of another, which has the same methods, and no metaclass.
"""

# A part of what stands for the host's classes (see _host_classes), whose names it uses.
SOURCE = '''
import ctypes
import gc

make_class = type.__new__

def __new__(meta, *args, **kwargs):
    if len(args) != 3 or type(args[1]) is not tuple or not isinstance(args[2], dict):
        return make_class(meta, *args, **kwargs)  # which says what is wrong
    name, bases, body = args
    body = with_module(body, sys._getframe().f_back)
    if not issubclass(meta, HostType):
        bases = tuple(mixin(one) if issubclass(type(one), HostType) else one for one in bases)
    return make_class(meta, name, bases, body, **kwargs)

def mixin(cls):
    return host_mixin(cls) if "_emb_class" in dict_of(cls) else cls

def with_module(body, caller):
    "A class's, with the module that Python takes, that of who calls: to it, this would be one of ours."
    if "__module__" in body or caller is None or "__name__" not in caller.f_globals:
        return body
    return {**body, "__module__": caller.f_globals["__name__"]}

def descendant(name, bases, body, keywords):
    "A class of Python's that derives from the host's; None where its objects can only be the host's."
    known = [host_base(one) for one in bases if "_emb_class" in dict_of(one)]
    if None in known:
        return None
    others, body = iter(known), with_module(body, sys._getframe(1).f_back)
    bases = tuple(next(others)[0] if "_emb_class" in dict_of(one) else one for one in bases)
    is_told = any(told for base, told in known)
    cls = make_class(type, name, bases, body, **({} if is_told else keywords))
    for base, _told in known:
        lacks = [each for each in abstract_in(base) or () if getattr(cls, each) is getattr(base, each)]
        if lacks:
            ask_for(cls, lacks)
    if is_told:
        host_descendant(cls, **keywords)
    return cls

def look_again(metas):
    "Metaclasses look for `__new__` when they are made: those that there are do so again."
    for meta in metas:
        if "__new__" not in dict_of(meta):
            try:
                meta.__new__ = __new__
                del meta.__new__
            except TypeError:
                pass  # made in C
        look_again(type.__subclasses__(meta))

def replace_new():
    modified, space = ctypes.pythonapi.PyType_Modified, gc.get_referents(dict_of(type))[0]
    if type(space["__new__"]) is not staticmethod:  # else another thread has come first
        space["__new__"] = staticmethod(__new__)
    modified(ctypes.py_object(type))
    look_again(type.__subclasses__(type))
'''
