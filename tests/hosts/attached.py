"""A host that is CPython is attached to: one Python, whose start and end are the host's business.

Named in EMB_PYTHON is another one, which is refused first.
"""

import atexit
import ctypes
import os
import sys
import tempfile
import threading

import raw


def refused(config, *words):
    status = raw.lib.emb_init(config)
    assert status == -6, status
    text = str(raw.Failed(status))
    for word in words:
        assert word in text, (word, text)


def named(path, flags=0):
    data = path.encode()
    return ctypes.byref(raw.Config(ctypes.sizeof(raw.Config), data, len(data), flags, 0))


def main():
    other = os.environ["EMB_PYTHON"]
    refused(None, other, sys.executable, "EMB_BESIDE", "beside=True")
    refused(named(other), other, "EMB_BESIDE")
    assert raw.doctor()["state"] == "idle", "a refusal that has done half of it"
    os.environ["EMB_PYTHON"] = ""

    raw.check(raw.lib.emb_init(named(sys.executable)))
    raw.check(raw.lib.emb_init(named(sys.prefix)))
    report = raw.doctor()
    assert report["state"] == "attached" and report["beside"] is None, report
    with tempfile.TemporaryDirectory() as folder:
        notes = os.path.join(folder, "toy-1.0.dist-info")
        os.mkdir(notes)
        with open(os.path.join(notes, "WHEEL"), "w") as file:
            file.write("Wheel-Version: 1.0\nTag: cp36-cp36m-manylinux1_x86_64\n")
        sys.path.append(folder)
        toy = {"package": "toy 1.0", "built_for": ["3.6m"], "folder": folder}
        assert toy in raw.doctor()["misfits"], raw.doctor()["misfits"]
        sys.path.remove(folder)
    assert toy not in raw.doctor()["misfits"], "what is there now"
    refused(named(other), other, "one Python")
    refused(named(other, 1), other, "first emb_init")

    # The very objects of the host, from any of its threads.
    assert raw.evaluate("id(__import__('sys').modules)") == id(sys.modules)
    done = []

    def work():
        for _ in range(200):
            done.append(raw.evaluate("id(None)") == id(None))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 800 and all(done)

    # A fork of the host's goes on, as the host does.
    pid = os.fork()
    if pid == 0:
        os._exit(raw.evaluate("6 * 7"))
    assert os.waitpid(pid, 0)[1] >> 8 == 42

    # The end of libemb's part is not the end of the host's Python.
    atexit.register(print, "atexit of the host ran")
    raw.check(raw.lib.emb_shutdown())
    assert raw.lib.emb_eval(b"1", -1, 0, 0, ctypes.byref(raw.Value())) == -4
    assert [str(n) for n in range(3)] == ["0", "1", "2"]
    print("attached and left", flush=True)


main()
