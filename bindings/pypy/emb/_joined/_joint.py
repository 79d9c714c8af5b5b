"""What a program expects of one Python: one output and input, one environment, one set of warning
filters, one help(), one stack, one generator of random numbers, one set of context variables, one pprint(),
one logging, one sys.exit(), one __main__.

Used by the import hook.
"""

import sys

from .._callables import _frames
from .._conversion import _typing
from .._errors import _chains, _exception_classes, _handled, _traceback
from .._imports import _hook, _program
from .._imports._on_import import when_imported
from .._inheritance import _metas
from .._interpreter import _session
from .._syntax import _lines, _sources
from . import (  # noqa: F401
    _chance,
    _contexts,
    _decimals,
    _ending,
    _environment,
    _exits,
    _filters,
    _help,
    _jit,
    _logs,
    _pretty,
    _registered,
    _sizes,
    _streams,
    _unclosed,
)


def join():
    """All of it from now on; the hook's first use of the embedded Python calls it."""
    if _session.apart():
        _streams.join()
        _filters.join()
        _environment.join()
        _exception_classes.exits_the_host()
        _program.join()
        _metas.join()
        _frames.join()
        _handled.join()
        _chains.join()
        _typing.join()
        when_imported("random", _chance.join)
        when_imported("logging", _logs.join)
        when_imported("contextvars", _contexts.join)
        when_imported("decimal", _decimals.join)
        when_imported("linecache", _lines.join)
        when_imported("csv", _join_csv)
        when_imported("sqlite3", _registered.join_sqlite)
        when_imported("pydoc", _help.join)
        when_imported("traceback", _traceback.join)
        when_imported("pprint", _pretty.join_pprint)
        when_imported("marshal", _pretty.join_marshal)
        when_imported("xmlrpc.client", _pretty.join_xmlrpc)
        if sys.implementation.name != "cpython":
            _jit.join()
            _sizes.join()
            _sources.join()
            _exits.join()
            _unclosed.join()


def _join_csv(csv):
    _pretty.join_csv(csv)
    _registered.join_csv(csv)


_hook.on_ready(join)
