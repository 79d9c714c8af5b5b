"""The process ends while daemon threads of the host, which is CPython, call the embedded Python
and are called by it.

Arguments: "attached": to the host itself; "raw": nobody ends Python's part before the host's end.
"""

import ctypes
import sys
import threading
import time

import raw

FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p,
    ctypes.c_int64, ctypes.c_void_p,
)  # fmt: skip


@FUNCTION
def called(userdata, args, nargs, keywords, length, result):
    return 0


def work():
    try:
        while True:
            raw.evaluate("f() or sum(range(1000))")
    except raw.Failed:
        pass  # Python has ended; to print it while the host ends too would be asking for trouble


def main():
    if "attached" in sys.argv:
        raw.check(raw.lib.emb_init(None))
    else:
        raw.start()
    handle = ctypes.c_uint64()
    new = raw.lib.emb_callback_new
    new.argtypes = [ctypes.c_char_p, ctypes.c_int64] * 2 + [ctypes.c_void_p] * 2
    new.argtypes += [ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p]
    raw.check(new(b"f", -1, None, 0, called, None, 0, None, ctypes.byref(handle)))
    raw.bind("f", handle.value)
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
    time.sleep(0.05)
    if "raw" not in sys.argv:
        raw.check(raw.lib.emb_shutdown())
    print("host done", flush=True)


main()
