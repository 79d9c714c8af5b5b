"""The host's own `multiprocessing`: a process that it starts anew, and does not fork, has to
import the program with the same hook.  Used by `pypy3 -m emb`.
"""

import importlib.util
import os
import sys

_PACKAGES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_BEGIN = "import sys; sys.path.append(%r); import emb.auto; " % _PACKAGES
_UTIL = "multiprocessing.util"


class _Finder:
    """Looks out for the module that starts processes: few programs need it, and it is slow to import."""

    def find_spec(self, name, path=None, target=None):
        if name != _UTIL:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            _change(module)

        spec.loader.exec_module = exec_module
        return spec


def _change(util):
    start = util.spawnv_passfds

    def spawnv_passfds(path, args, passfds):
        args = list(args)
        if os.fsdecode(path) == sys.executable and "-c" in args[:-1]:
            code = args.index("-c") + 1
            if "resource_tracker" not in args[code]:  # it runs nothing of the program's
                args[code] = _BEGIN + args[code]
        return start(path, args, passfds)

    util.spawnv_passfds = spawnv_passfds


def watch():
    """From now on; a module that is there already is changed at once."""
    if _UTIL in sys.modules:
        _change(sys.modules[_UTIL])
    else:
        sys.meta_path.insert(0, _Finder())
