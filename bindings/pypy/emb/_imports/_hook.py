"""The import hook: `import numpy as np` finds the package in the embedded Python.

It stands before the host's own finders, because these may find files of a package that
the host cannot load: Debian's pypy3 has CPython's dist-packages on its path.  Who names
a module in `here` or `there` decides; otherwise the host imports what it can import
itself, and the rest comes from the embedded Python.  The parts of a package come from
where the package came from.
"""

import importlib.machinery
import importlib.util
import os
import pathlib
import re
import sys

from .._abi._error import NoPython, NotRunning
from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._code import Part, find, import_mod
from .._interpreter._files import is_folder_of_the_program
from .._proxies._modules import Module, is_module

here = set()  # names of modules that the host imports, whatever there is
there = set()  # names of modules that come from the embedded Python

# The folders of CPython's packages, which Debian's pypy3 has on its path too.
_CPYTHONS = re.compile(r"[/\\]python\d[\d.]*[/\\](dist|site)-packages$")
_EXTENSIONS = (".so", ".pyd")
_STDLIB = os.path.dirname(os.path.abspath(os.__file__))
# Modules of the library of which a host may have all but the part that does the work.
_PARTS = dict.fromkeys(("tkinter", "turtle", "turtledemo", "idlelib"), "_tkinter")
_PARTS.update(tracemalloc="_tracemalloc", symtable="_symtable")

_SOURCE = """
import importlib.util, sys, types

def loaded(name):
    return sys.modules[name]

def metadata_of(name):
    import importlib.metadata
    try:
        return str(importlib.metadata.distribution(name)._path)
    except importlib.metadata.PackageNotFoundError:
        return None

def all_metadata():
    import importlib.metadata
    return tuple(str(one._path) for one in importlib.metadata.distributions() if hasattr(one, "_path"))

def all_modules():
    import pkgutil
    return tuple((name, is_package) for finder, name, is_package in pkgutil.iter_modules())

def asked(name, what, *arguments):
    return getattr(sys.modules[name].__spec__.loader, what)(*arguments)

def locate(name):
    "What a ModuleSpec needs to know of a module: None where there is no such module."
    module = sys.modules.get(name)
    if module is not None:
        path = getattr(module, "__path__", None)
        return getattr(module, "__file__", None), path if path is None else tuple(path)
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    path = spec.submodule_search_locations
    return spec.origin, path if path is None else tuple(path)
"""

_on_ready = []


class Loader:
    """Imports one module in the embedded Python."""

    def __init__(self, name):
        self._name = name
        self._made = False

    @lasting
    def create_module(self, spec):
        self._made = True
        import_mod(spec.name)
        module = _python("loaded")(spec.name)
        return module if is_module(module) else Module(module)

    def exec_module(self, module):
        if self._made:
            self._made = False
        else:
            find("importlib.reload")(module)

    def module_repr(self, module):
        return repr(module)

    def get_data(self, path):
        return _python("asked")(self._name, "get_data", path)

    def is_package(self, name):
        return _python("asked")(self._name, "is_package", name)

    def get_filename(self, name):
        return _python("asked")(self._name, "get_filename", name)

    def get_source(self, name):
        return _python("asked")(self._name, "get_source", name)

    def get_code(self, name):
        source = self.get_source(name)
        return None if source is None else compile(source, self.get_filename(name), "exec", dont_inherit=True)


class Finder:
    """Decides for each module from where it comes."""

    def find_spec(self, name, path=None, target=None):
        if is_host():
            return None
        from_there, own = decide(name, target)
        if from_there:
            return _spec_there(name, own is not None and is_folder_of_the_program(own)) or own
        return own

    def find_distributions(self, context):
        """What importlib.metadata asks for: the folder that tells the version of a package."""
        import importlib.metadata as metadata  # seldom wanted

        if is_host():
            return
        if context.name is None:
            for path in _told("all_metadata"):
                yield metadata.PathDistribution(pathlib.Path(path))
            return
        for own in importlib.machinery.PathFinder.find_distributions(context):
            if not _is_of_cpython(os.path.dirname(str(own._path))):
                return
        path = _told("metadata_of", context.name)
        if path:
            yield metadata.PathDistribution(pathlib.Path(path))

    def iter_modules(self, prefix=""):
        """What pkgutil asks for: the modules that can be imported from there."""
        if not is_host():
            for name, is_package in _told("all_modules"):
                if name[0] != "_" and _choice(name) is not False:
                    yield prefix + name, is_package


def decide(name, target=None):
    """Whether a module comes from the embedded Python, and the spec of the host's own, if one was
    looked for."""
    choice = _choice(name)
    if choice is not None:
        return choice, None
    parent = name.rpartition(".")[0]
    if parent:
        return is_module(sys.modules.get(parent)), None
    own = _own_spec(name, target)
    if own is not None:
        return _is_foreign(own), own
    # What is private to one Python's library is of no use in another's.
    return not name.startswith("_"), None


class MissingFinder:
    """The last one: says for both sides that there is no such module, in the host's own words;
    where it was looked for is told when nobody catches the exception (see _traceback)."""

    def find_spec(self, name, path=None, target=None):
        if "." in name or name.startswith("_") or not _is_importing(sys._getframe(1)):
            return None
        if is_host() or _choice(name) is False:
            return None
        try:
            _locate(name)
            reason = "neither this Python nor %s has it" % find("sys.executable")
        except (NoPython, NotRunning) as error:
            reason = "this Python has none, and another one to look in is not there: %s" % error
        error = ModuleNotFoundError("No module named %r" % name, name=name)
        error.emb_reason = reason
        raise error


finder, missing_finder = Finder(), MissingFinder()


def install():
    """Puts the hook in its place; a second time changes nothing."""
    if finder not in sys.meta_path:
        sys.meta_path.insert(0, finder)
        sys.meta_path.append(missing_finder)


def uninstall():
    """Takes the hook away.  What was imported stays imported."""
    sys.meta_path[:] = [
        one for one in sys.meta_path if one is not finder and one is not missing_finder
    ]


def on_ready(function):
    """`function` runs before the first module is looked for in the embedded Python."""
    _on_ready.append(function)


def is_there(name):
    """Whether the module would come from the embedded Python."""
    spec = importlib.util.find_spec(name)
    return spec is not None and isinstance(spec.loader, Loader)


def is_host():
    """Whether the embedded Python is, or will be, the host: it imports all that there is."""
    if sys.implementation.name != "cpython" or _session.beside_by_default:
        return False
    return not _session.apart()


def _choice(name):
    """True: there.  False: here.  None: nobody has said."""
    while name:
        if name in there:
            return True
        if name in here:
            return False
        name = name.rpartition(".")[0]
    return None


def _own_spec(name, target):
    """What the host's other finders find."""
    for other in sys.meta_path:
        if other is finder or other is missing_finder:
            continue
        find_spec = getattr(other, "find_spec", None)
        spec = find_spec and find_spec(name, None, target)
        if spec is not None:
            return spec
    return None


def _is_foreign(spec):
    """Whether what the host has found is made for CPython, or may be nothing at all."""
    if spec.origin in ("built-in", "frozen"):
        return False
    if spec.origin is None or spec.loader is None:
        return True  # a folder, not a package: a package on the other side comes first
    folder = os.path.dirname(spec.origin)
    if spec.submodule_search_locations is not None:
        folder = os.path.dirname(folder)
    if folder == _STDLIB:
        part = _PARTS.get(spec.name)
        return part is not None and _own_spec(part, None) is None
    if _is_of_cpython(folder):
        return True
    return any(_has_foreign_extension(one) for one in spec.submodule_search_locations or ())


def _is_of_cpython(folder):
    return sys.implementation.name != "cpython" and _CPYTHONS.search(folder) is not None


def _has_foreign_extension(folder):
    own = tuple(importlib.machinery.EXTENSION_SUFFIXES)
    for _path, _folders, files in os.walk(folder):
        for file in files:
            # "x.cpython-311-x86_64-linux-gnu.so" or "x.abi3.so", not a library in C.
            if file.endswith(_EXTENSIONS) and not file.endswith(own):
                if re.search(r"\.(cpython-|cp\d|abi3)[^/\\]*$", file):
                    return True
    return False


def _spec_there(name, but_a_folder=False):
    try:
        located = _locate(name)
    except (NoPython, NotRunning):
        return None
    if located is None or but_a_folder and located[0] is None:
        return None
    return spec_of(name, *located)


def spec_of(name, origin, path):
    spec = importlib.machinery.ModuleSpec(
        name, Loader(name), origin=origin, is_package=path is not None
    )
    if path is not None:
        spec.submodule_search_locations = list(path)
    spec.has_location = origin is not None
    return spec


def _prepare():
    _session.ensure()
    for one in _on_ready:
        one()
    return {}


_python = Part(_SOURCE, _prepare)


def _told(name, *arguments):
    """The same, or nothing where there is no Python."""
    try:
        return _python(name)(*arguments) or ()
    except (NoPython, NotRunning):
        return ()


def _locate(name):
    return _python("locate")(name)


def _is_importing(frame):
    """Whether an import asks, not importlib.util.find_spec, which wants None for an answer."""
    while frame is not None and "importlib" in frame.f_code.co_filename:
        if frame.f_code.co_name == "_find_and_load_unlocked":
            return True
        frame = frame.f_back
    return False
