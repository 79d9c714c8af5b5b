"""Runs one script as `python script.py` would, without a display, and saves its figures.

    driver.py SCRIPT FOLDER     figures go to FOLDER/figures, the script works in FOLDER/files
    driver.py --serve           the same for each line "SCRIPT<tab>FOLDER<tab>SECONDS" of the
                                input, in a fork that shares the imports; prints a line for each

The same file drives both Pythons.
"""

import os
import random
import runpy
import sys
import traceback


def run(script, folder):
    figures, files = os.path.join(folder, "figures"), os.path.join(folder, "files")
    for one in (figures, files):
        os.makedirs(one, exist_ok=True)
    os.chdir(files)
    import matplotlib.pyplot as plt
    import numpy as np

    plt.switch_backend("Agg")
    shown = []

    def save(*args, **kwargs):
        """Stands in for plt.show: saves the windows, and they are closed."""
        shown.append(None)
        for number in plt.get_fignums():
            name = "%02d-%02d.png" % (len(shown), number)
            plt.figure(number).savefig(os.path.join(figures, name))
        plt.close("all")

    plt.show = save
    random.seed(0)
    np.random.seed(0)
    sys.argv[:] = [script]
    sys.path[0] = os.path.dirname(script)
    runpy.run_path(script, run_name="__main__")
    save()


def serve():
    import matplotlib.pyplot  # noqa: F401
    import numpy  # noqa: F401

    for line in sys.stdin:
        script, folder, seconds = line.rstrip("\n").split("\t")
        os.makedirs(folder, exist_ok=True)
        child = os.fork()
        if not child:
            _in_fork(script, folder, int(seconds))
        _child, status = os.waitpid(child, 0)
        print(status, flush=True)


def _in_fork(script, folder, seconds):
    import signal

    status = 1
    try:
        signal.alarm(seconds)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(os.path.join(folder, "output"), flags), 1)
        os.dup2(os.open(os.path.join(folder, "errors"), flags), 2)
        run(script, folder)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if sys.argv[1] == "--serve":
    serve()
else:
    run(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
