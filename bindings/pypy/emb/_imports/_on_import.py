"""Modules of the host's library that the program may import, or not: what is done to them when it does,
and what needs them only then.

Nothing imports them before: `asyncio` alone takes as long as all of this package.
"""

import sys
from _thread import get_ident
from importlib import import_module
from types import ModuleType

_completions = {}  # name of a module -> all that is done to it when it has been imported


class Later:
    """A module, imported when something of it is asked for."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        return getattr(import_module(self._name), name)


class _Completing:
    """Imports a module to which something is done then."""

    def __init__(self, name, loader):
        self._name, self._loader = name, loader

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        completions = _completions.pop(self._name, ())
        if type(module) is ModuleType:  # else it is one of the embedded Python
            for complete in completions:
                complete(module)


class _Watcher:
    """Stands among the finders, and has the others find."""

    def __init__(self):
        self._finding = set()  # (thread, name)

    def find_spec(self, name, path=None, target=None):
        this = get_ident(), name
        if name not in _completions or this in self._finding:
            return None
        self._finding.add(this)
        try:
            for other in sys.meta_path:
                find_spec = getattr(other, "find_spec", None)
                spec = find_spec and find_spec(name, path, target)
                if spec is not None:
                    if spec.loader is not None:
                        spec.loader = _Completing(name, spec.loader)
                    return spec
        finally:
            self._finding.discard(this)
        return None


_watcher = _Watcher()


def when_imported(name, complete):
    """`complete(module)` runs when a module of the host's library has been imported."""
    module = sys.modules.get(name)
    if module is not None:
        complete(module)
        return
    _completions.setdefault(name, []).append(complete)
    if _watcher not in sys.meta_path:
        sys.meta_path.insert(0, _watcher)
