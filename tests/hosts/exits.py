"""One life of a process: numpy and matplotlib are imported and used, and it ends.

How it ends is for the caller to see; with `shutdown`, Python is ended by hand before.
"""

import sys

import raw

raw.start()
raw.run(
    """
import atexit, io, threading
import numpy as np
import matplotlib
matplotlib.use("agg")
import matplotlib.pylab as pylab
x = np.linspace(0, 6, 50)
pylab.plot(x, np.sin(x))
file = io.BytesIO()
pylab.savefig(file)
assert file.getvalue().startswith(b"\\x89PNG")
threading.Thread(target=threading.Event().wait, daemon=True).start()
atexit.register(print, "atexit ran")
"""
)
if sys.argv[1:] == ["shutdown"]:
    raw.check(raw.lib.emb_shutdown())
print("host done", flush=True)
