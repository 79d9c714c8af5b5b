"""Pythons that the host starts as children: they find CPython's packages as the program does.

A process that `multiprocessing` starts anew, and does not fork, imports the program with the same hook.
What `subprocess` starts by `sys.executable` runs as under `python -m emb`.  Used by that.
"""

import os
import sys

from .._imports import _hook
from .._imports._on_import import when_imported
from .._interpreter._files import PACKAGE

_REACHED = "import sys; sys.path.append(%r); " % os.path.dirname(PACKAGE)
_AUTO = _REACHED + "import emb.auto; "
_MAIN = _REACHED + "import runpy; runpy.run_module('emb', run_name='__main__', alter_sys=True)"

_FLAGS = "bBdEiIOqsSuvx"  # options of a Python that take no value
_VALUED = "WX"  # those that do

_options = []  # of emb, with which the program was started


def watch(options):
    """From now on; modules that are there already are changed at once."""
    _options[:] = options
    when_imported("multiprocessing.util", _change_multiprocessing)
    when_imported("subprocess", _change_subprocess)


def _change_multiprocessing(util):
    start = util.spawnv_passfds

    def spawnv_passfds(path, args, passfds):
        args = list(args)
        if _is_this(path) and "-c" in args[:-1]:
            code = args.index("-c") + 1
            if "resource_tracker" not in args[code]:  # it runs nothing of the program's
                args[code] = _AUTO + args[code]
        return start(path, args, passfds)

    util.spawnv_passfds = spawnv_passfds


def _change_subprocess(module):
    execute = module.Popen._execute_child

    def _execute_child(self, args, executable, *more):
        if isinstance(args, (list, tuple)) and args and _is_this(executable or args[0]):
            args = _with_hook(list(args))
        return execute(self, args, executable, *more)

    module.Popen._execute_child = _execute_child


def _is_this(path):
    try:
        return os.fsdecode(path) == sys.executable
    except TypeError:
        return False  # it is for `subprocess` to say so


def _with_hook(args):
    """The arguments of a Python, so that it runs the same under the hook; as they are where it runs
    nothing (`--version`), or has the hook."""
    place = 1
    while place < len(args):
        option = os.fsdecode(args[place])
        if option[:1] != "-" or option in ("-", "-c", "-m"):
            break
        last = option[1:].lstrip(_FLAGS)
        if last and last[0] not in _VALUED:
            return args
        place += 2 if len(last) == 1 else 1
    if args[place : place + 2] == ["-m", "emb"]:
        return args
    return args[:place] + ["-c", _MAIN] + _options + args[place:]
