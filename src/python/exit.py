# What the end of an interpreter does for its user, and nothing of what tears it down.
import atexit
import sys
import threading


def join_threads():
    if threading.current_thread() is threading.main_thread():
        threading._shutdown()
        return
    # In any other thread `_shutdown` would wait for the main one, which may be waiting for us.
    for call in reversed(getattr(threading, "_threading_atexits", ())):
        call()
    mine = (threading.current_thread(), threading.main_thread())
    while True:
        others = [t for t in threading.enumerate() if not t.daemon and t not in mine]
        if not others:
            break
        for thread in others:
            thread.join()


def flush(stream):
    # A stream may be None, closed, or connected to a reader that is gone.
    if stream is not None:
        stream.flush()


def attempt(step, *args):
    # One failure must not keep the others from running.
    try:
        step(*args)
    except BaseException as error:
        return error


error = attempt(join_threads)
if error is not None:
    sys.excepthook(type(error), error, error.__traceback__)
attempt(atexit._run_exitfuncs)  # prints what its functions raise
attempt(flush, sys.stdout)
attempt(flush, sys.stderr)
