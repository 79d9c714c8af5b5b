"""`pypy3 -m emb script.py args…`: runs a program with CPython's packages in reach.

    pypy3 -m emb [options] script.py | folder | archive | -   [arguments]
    pypy3 -m emb [options] -m module [arguments]
    pypy3 -m emb [options] -c code   [arguments]
    pypy3 -m emb [options]                         (a prompt)
    pypy3 -m emb [options] doctor [--json]         what was found, what was chosen and why

    --python PATH      the CPython: an interpreter or the folder of an environment
    --beside           another CPython than the one that runs this, if one does
    --here NAMES       modules that the host imports, separated by commas
    --there NAMES      modules that come from CPython
    --help             this text
"""

import json
import os
import runpy
import sys
import types

from ._abi._error import Error
from ._errors import _traceback
from ._errors._exception_classes import PythonExit
from ._imports import _hook
from ._imports._on_import import when_imported
from ._interpreter import _session
from ._interpreter._files import is_installed
from ._loops._prompt import display
from ._processes import _children
from ._syntax import _rewriting

_path_of_the_host = sys.path[1:]


def _options(arguments):
    """Takes the options of emb from the front of the list."""
    while arguments and arguments[0].startswith("--"):
        name, given, value = arguments.pop(0).partition("=")
        if name == "--help":
            print(__doc__.strip())
            sys.exit()
        if name == "--beside":
            _session.beside_by_default = True
            continue
        if name not in ("--python", "--here", "--there"):
            _misuse("unknown option %s" % name)
        if not given:
            if not arguments:
                _misuse("%s needs a value" % name)
            value = arguments.pop(0)
        if name == "--python":
            os.environ["EMB_PYTHON"] = value
        else:
            names = _hook.here if name == "--here" else _hook.there
            names.update(one.strip() for one in value.split(",") if one.strip())


def _misuse(what):
    sys.stderr.write("emb: %s; `%s -m emb --help` tells what there is\n" % (what, sys.executable))
    sys.exit(2)


def _main_module(**attributes):
    """A new `__main__`; that of emb itself is out of the program's sight."""
    module = types.ModuleType("__main__")
    module.__dict__.update(attributes)
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    return module.__dict__


def _run_source(read, file, space):
    exec(_rewriting.compiled(read(), file), space)


def _run_script(path):
    if os.path.isdir(path) or _is_archive(path):
        sys.path[0] = path
        runpy.run_path(path, run_name="__main__")
        return
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        sys.stderr.write(
            "emb: can't open file %r: [Errno %d] %s\n" % (path, error.errno, error.strerror)
        )
        sys.exit(2)
    if sys.version_info >= (3, 9):
        path = os.path.abspath(path)
    space = _main_module(__file__=path, __cached__=None)
    _run_source(lambda: source, path, space)


def _is_archive(path):
    import zipfile

    return os.path.isfile(path) and zipfile.is_zipfile(path)


def _run_module(name):
    sys.path[0] = os.getcwd()
    if _hook.is_there(name):
        _hook.find("runpy.run_module")(name, run_name="__main__", alter_sys=True)
    else:
        runpy.run_module(name, run_name="__main__", alter_sys=True)


def _prompt():
    import code

    try:
        import readline
        import rlcompleter
    except ImportError:
        pass
    else:
        readline.set_completer(rlcompleter.Completer(_main_module()).complete)
        readline.parse_and_bind("tab: complete")
    sys.displayhook = display
    console = code.InteractiveConsole(_main_module(__doc__=None))
    console.compile = _compiler(console.compile)
    console.interact()


def _compiler(compiler):
    """What compiles lines that are typed; `compiler` tells whether they are whole, and remembers `__future__`."""

    def compiled(source, file, mode):
        if compiler(source, file, mode) is None:
            return None
        return _rewriting.compiled(source, file, mode, compiler.compiler.flags)

    return compiled


def _program(arguments):
    """What is to be run, as a function; sets sys.argv."""
    first = arguments[0] if arguments else ""
    if first in ("-m", "-c") and len(arguments) < 2:
        _misuse("%s needs an argument" % first)
    if first == "-c":
        sys.argv[:] = ["-c"] + arguments[2:]
        sys.path[0] = ""
        return lambda: _run_source(lambda: arguments[1], "<string>", _main_module())
    if first == "-m":
        sys.argv[:] = ["-m"] + arguments[2:]
        return lambda: _run_module(arguments[1])
    if first.startswith("-") and first != "-":
        _misuse("unknown option %s" % first)
    sys.argv[:] = arguments or [""]
    if first in ("", "-"):
        sys.path[0] = ""
        if not first and sys.stdin.isatty():
            return _prompt
        return lambda: _run_source(sys.stdin.read, "<stdin>", _main_module())
    return lambda: _run_script(first)


def _run(program):
    """Runs it; the exit status."""
    try:
        program()
    except SystemExit:
        raise
    except PythonExit as error:
        # The program's Python code is the program's too.
        sys.exit(error.code)
    except BaseException as error:
        failed = error
    else:
        return 0
    sys.excepthook(type(failed), failed, _traceback.clean(failed))
    return 130 if isinstance(failed, KeyboardInterrupt) else 1


def _doctor(arguments):
    """Starts Python here and prints the report; the exit status."""
    if arguments not in ([], ["--json"]):
        _misuse("doctor takes --json and nothing else")
    status = 0
    try:
        _session.init()
    except Error:
        status = 1  # the report says why
    report = _session.doctor(json=bool(arguments))
    print(json.dumps(report) if arguments else report.rstrip())
    return status


def main():
    arguments = sys.argv[1:]
    given = list(arguments)
    _options(arguments)
    if arguments[:1] == ["doctor"]:
        sys.exit(_doctor(arguments[1:]))
    from . import auto  # noqa: F401  (installs the hook)

    _children.watch(given[: len(given) - len(arguments)])
    _hook.on_ready(_share_program)
    _rewriting.watch()
    when_imported("traceback", _traceback.join)  # also of a program that needs no Python
    program = _program(arguments)
    _hide(program, _run, _run_script, _run_module, _run_source)
    sys.exit(_run(program))


def _hide(*functions):
    """`inspect.stack()` is to end with the program: so are the frames below hidden, where the host can do that."""
    try:
        from __pypy__ import hidden_applevel
    except ImportError:
        return
    frame = sys._getframe()
    while frame is not None:
        hidden_applevel(types.FunctionType(frame.f_code, {}))
        frame = frame.f_back
    for function in functions:
        hidden_applevel(function)


def _share_program():
    """Python's own code, and the processes that it starts, see the arguments and the folder of the
    program too, and the folders that it has put beside that."""
    there = _hook.find("sys.path")
    _hook.find("builtins.setattr")(_hook.import_mod("sys"), "argv", _hook.find("builtins.list")(sys.argv))
    there[0:0] = [one for i, one in enumerate(sys.path) if i == 0 or _is_of_the_program(one)]


def _is_of_the_program(folder):
    """Whether the program has put it into its sys.path, and not for packages of the host's."""
    return folder not in _path_of_the_host and not is_installed(str(folder))


main()
