"""What a program expects of one Python: one output and input, one set of warning filters, one help(),
one stack, one generator of random numbers, one pprint(), one logging, one sys.exit(), one __main__.

Used by the import hook.
"""

import builtins
import sys

from . import _chance, _exception_classes, _filters, _frames, _hook, _jit, _lines, _logs, _pretty
from . import _sent, _session, _streams
from ._code import find, run
from ._handle import Handle
from ._object import Object

_MAIN = """
import sys

def __getattr__(name):
    return look_up(name)

main = sys.modules["__main__"]
main.__getattr__ = __getattr__
if file is not None:
    vars(main).setdefault("__file__", file)
"""


def _join_main():
    """What Python looks for in the program's module, as pickle does with its classes, is the host's.

    Processes that Python starts anew (`spawn`, `forkserver`) run the program's file as such a module
    of their own.
    """
    file = getattr(sys.modules["__main__"], "__file__", None)
    given = {"look_up": _of_the_program, "file": file, "__name__": "emb"}
    run(_MAIN, Object(given), file="<emb>")


def _of_the_program(name):
    if name[:2] == "__":
        raise AttributeError(name)  # about the module itself
    ours = _sent.of_main(name)
    return getattr(sys.modules["__main__"], name) if ours is None else ours


class _Help:
    """help() of a proxy is what Python's own help() shows."""

    def __init__(self, own):
        self._own = own

    def __repr__(self):
        return repr(self._own)

    def __call__(self, *args, **kwargs):
        if len(args) != 1 or not issubclass(type(args[0]), Handle):
            return self._own(*args, **kwargs)
        import pydoc

        return pydoc.pager(find("pydoc.render_doc")(args[0], "Help on %s"))


def join():
    """All of it from now on; the hook's first use of the embedded Python calls it."""
    if _session.apart():
        if hasattr(builtins, "help"):
            builtins.help = _Help(builtins.help)
        _streams.join()
        _filters.join()
        _exception_classes.exits_the_host()
        _join_main()
        _frames.join()
        _hook.when_imported("random", _chance.join)
        _hook.when_imported("logging", _logs.join)
        _hook.when_imported("linecache", _lines.join)
        _hook.when_imported("csv", _pretty.join_csv)
        _hook.when_imported("pprint", _pretty.join_pprint)
        if sys.implementation.name != "cpython":
            _jit.join()


_hook.on_ready(join)
