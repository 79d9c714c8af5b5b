"""PyPy, or CPython beside another, as the host of `family.py`; its start leaves a mark."""

import os

import raw


def main():
    with open(os.environ["CHILDREN_MARKS"], "a") as marks:
        marks.write("%d\n" % os.getpid())
    raw.start()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "family.py").encode()
    raw.check(raw.lib.emb_run_file(path, raw.NUL_TERMINATED, 0))
    raw.check(raw.lib.emb_shutdown())


main()
