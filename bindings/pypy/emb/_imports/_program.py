"""The program's own modules, as Python's code finds them in `sys.modules`.

Pickle looks there for a class, and what reads annotations that are text (`from __future__ import
annotations`) evaluates them in the dict of the class's module.  So `__main__` there, and the module of
any class that Python gets to see, or of a function that it pickles, is the host's, if it belongs to the
program; what is installed each side imports for itself.
"""

import os
import sys
import types

from .._abi._convert import Unconvertible
from .._callables import _functions
from .._containers._shared_items import shared
from .._exported import _host_objects
from .._garbage._lifetime import lasting
from .._inheritance import _classes
from .._interpreter import _stdlib
from .._interpreter._code import Part
from .._interpreter._files import is_folder_of_the_program, is_of_the_program
from .._processes import _states
from .._proxies._object import Object

_SOURCE = '''
import importlib.machinery
import importlib.util
import sys
import types

dict_of = types.ModuleType.__dict__["__dict__"].__get__

class Space(dict):
    """All of a module's names that stand for types are in it, for `eval`, which does not ask; of others
    the host is asked."""
    def __init__(self, own):
        self.own = own
    def __setitem__(self, name, value):
        self.own[name] = value
        super().__setitem__(name, value)
    def __delitem__(self, name):
        self.own.pop(name, None)
        super().__delitem__(name)
    def __missing__(self, name):
        try:
            return host_look_up(self.own["__name__"], name)
        except AttributeError:
            raise KeyError(name) from None
    def __contains__(self, name):
        try:
            self[name]
        except KeyError:
            return False
        return True
    def get(self, name, default=None):
        return self[name] if name in self else default

class ProgramModule(types.ModuleType):
    _emb_program = True
    @property
    def __dict__(self):
        own = dict_of(self)
        space = spaces.get(own["__name__"])
        if space is None:
            space = spaces[own["__name__"]] = Space(own)
        new, gone = host_types(own["__name__"])
        for name in gone:
            dict.pop(space, name, None)
        dict.update(space, new)
        dict.update(space, own)
        return space
    def __getattr__(self, name):
        return host_look_up(dict_of(self)["__name__"], name)

spaces = {}

def adopt(name, file, path):
    module = sys.modules.get(name)
    if module is None:
        module = sys.modules[name] = types.ModuleType(name)
        spec = file and importlib.util.spec_from_file_location(name, file, submodule_search_locations=path)
        if spec:
            module.__spec__, module.__loader__, module.__package__ = spec, spec.loader, spec.parent
        if path is not None:
            module.__path__ = path
    elif name != "__main__":
        return  # Python has it itself
    if file is not None:
        dict_of(module).setdefault("__file__", file)
    module.__class__ = ProgramModule

class Finder:
    "First among all: what the program has imported, or made, is not loaded a second time."
    def find_spec(self, name, path=None, target=None):
        package = sys.modules.get(name.partition(".")[0])
        if name in STANDARD or package is not None and not isinstance(package, ProgramModule):
            return None
        if not host_has(name):
            return None
        # Found there meanwhile, it would be loaded as it says itself.
        return importlib.machinery.ModuleSpec(name, self, loader_state=sys.modules.pop(name))
    def create_module(self, spec):
        return spec.loader_state
    def exec_module(self, module):
        pass

STANDARD = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))

def watch_imports():
    sys.meta_path.insert(0, Finder())
'''

# The classes of what names a type, or may be called in an annotation.
_OF_TYPES = ("typing", "typing_extensions", "types")

_adopted = set()  # names of modules that have been looked at
_told = {}  # name of a module -> {name: value} of what Python has been given
_telling = []  # one item while a thread is at it


def _names_a_type(value):
    kind = type(value)
    if isinstance(value, (type, types.ModuleType)) or kind.__module__ in _OF_TYPES:
        return True
    return kind.__module__ == "builtins" and callable(value)


def _types_of(module_name):
    """A dict of Python's (a proxy) with what is new, or another, since the last time; which names are gone."""
    found = Object({})
    if _telling:
        return found, ()
    _telling.append(None)
    try:
        told = _told.setdefault(module_name, {})
        space = {n: one for n, one in list(_space(module_name).items()) if n[:2] != "__" and _names_a_type(one)}
        gone = tuple(name for name in told if name not in space)
        for name, value in space.items():
            if told.get(name, told) is not value:
                try:
                    found[name] = value
                except (Unconvertible, ValueError):
                    continue  # not now, as a class that is just being made
                told[name] = value
        for name in gone:
            del told[name]
        return found, gone
    finally:
        _telling.pop()


def _space(module_name):
    return vars(sys.modules[module_name]) if module_name in sys.modules else {}


def _look_up(module_name, name):
    if name == "__all__":
        return _public(sys.modules[module_name])
    if name[:2] == "__":
        raise AttributeError(name)  # about the module itself
    ours = _states.of_main(name) if module_name == "__main__" else None
    return shared(getattr(sys.modules[module_name], name)) if ours is None else ours


def _public(module):
    """What `from module import *` takes, which Python would look for in its own dict."""
    return tuple(getattr(module, "__all__", None) or [name for name in vars(module) if name[:1] != "_"])


_python = Part(_SOURCE, lambda: {"host_look_up": _look_up, "host_types": _types_of, "host_has": _has})


@lasting
def _adopt(name):
    """Python finds a module of the program, of which it gets a class or a function."""
    if not isinstance(name, str) or name in _adopted:
        return
    _adopted.add(name)
    module = sys.modules.get(name)
    if isinstance(getattr(module, "__file__", None), str) and _is_of_the_program(module, name):
        _show(module, name)


@lasting
def _has(name):
    """Whether it is a module of the program, which Python finds from now on."""
    module = sys.modules.get(name)
    if module is None or not _is_of_the_program(module, name):
        return False
    _adopted.add(name)
    _show(module, name)
    return True


def _is_of_the_program(module, name):
    if type(module) is not types.ModuleType or _stdlib.is_standard(name):
        return False
    file = getattr(module, "__file__", None)
    if not isinstance(file, str):
        spec = getattr(module, "__spec__", None)
        return spec is None or is_folder_of_the_program(spec)  # made, and not loaded, or nothing but a folder
    return is_of_the_program(os.path.abspath(file))


def own_modules():
    """The modules of the program that it has imported, or made."""
    return [module for name, module in list(sys.modules.items()) if _is_of_the_program(module, name)]


def _show(module, name):
    file, path = getattr(module, "__file__", None), getattr(module, "__path__", None)
    _python("adopt")(name, file and os.path.abspath(file), path if path is None else Object([*path]))


def join():
    """From now on; processes that Python starts anew (`spawn`, `forkserver`) run the program's file as
    a `__main__` of their own."""
    _adopted.add("__main__")
    _python("adopt")("__main__", getattr(sys.modules["__main__"], "__file__", None), None)
    _python("watch_imports")()
    _classes.meet_module = _functions.meet_module = _host_objects.meet_module = _adopt
