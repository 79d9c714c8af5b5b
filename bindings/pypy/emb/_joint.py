"""What a program expects of one Python: one output, one set of warning filters, one help(), one stack,
one generator of random numbers, one pprint(), one logging, one __main__.

Used by the import hook.  What the embedded Python prints goes through the host's
sys.stdout and sys.stderr, in order with what the host prints, and to wherever they are
redirected.
"""

import builtins
import sys

from . import _chance, _declarations, _filters, _frames, _hook, _jit, _logs, _pretty, _sent, _session
from ._code import find, run
from ._handle import Handle
from ._error import failure
from ._library import backend, functions
from ._object import Object

_STDOUT = _declarations.CONSTANTS["EMB_STDOUT"]
_STDERR = _declarations.CONSTANTS["EMB_STDERR"]

_MAIN = """
import sys

def __getattr__(name):
    return look_up(name)

main = sys.modules["__main__"]
main.__getattr__ = __getattr__
if file is not None:
    vars(main).setdefault("__file__", file)
"""

_owners = []


def _write(stream, text, length):
    text = backend.read_bytes(text, length).decode("utf-8", "replace")
    (sys.stdout if stream == _STDOUT else sys.stderr).write(text)


def _released(stream):
    """libemb: Python has dropped the stream."""


def _join_streams():
    write, write_address = backend.callback("emb_write", _write)
    release, release_address = backend.callback("emb_release", _released)
    _owners.extend((write, release))
    for stream in (_STDOUT, _STDERR):
        status = functions.emb_stream_set(stream, write_address, stream, 0, release_address)
        if status:
            raise failure(status)


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
        _join_streams()
        _filters.join()
        _join_main()
        _frames.join()
        _hook.when_imported("random", _chance.join)
        _hook.when_imported("logging", _logs.join)
        _hook.when_imported("csv", _pretty.join_csv)
        _hook.when_imported("pprint", _pretty.join_pprint)
        if sys.implementation.name != "cpython":
            _jit.join()


_hook.on_ready(join)
