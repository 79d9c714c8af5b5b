"""The report names the libraries that both worlds have brought along."""

import ctypes
import os
import shutil
import tempfile

import raw


def find(name):
    with open("/proc/self/maps") as maps:
        return next(line.split()[-1] for line in maps if name in line)


def twice():
    return {one["library"]: one["files"] for one in raw.doctor()["twice"]}


def main():
    raw.start()
    raw.run("import numpy")
    before = twice()
    assert "libstdc++" not in before and "libcrypto" not in before, before
    folder = tempfile.mkdtemp()
    try:
        # As a package of the host may bring them: from files of its own.
        for name in ("libstdc++.so.6", "libcrypto.so.3"):
            ctypes.CDLL(name)
            copy = os.path.join(folder, name)
            shutil.copy(find(name), copy)
            ctypes.CDLL(copy)
            files = twice()[name.split(".")[0]]
            assert len(files) == 2 and copy in files, files
    finally:
        shutil.rmtree(folder)
    print(twice())


main()
