"""`import emb.auto`: from now on a plain `import numpy` finds CPython's packages.

    import emb.auto
    import numpy as np

The host imports what it can import itself; the rest comes from the embedded Python.
To have it otherwise, name modules before they are imported:

    emb.auto.there.add("six")       # from the embedded Python, though the host has one
    emb.auto.here.add("yaml")       # from the host, or not at all

or name them in the environment, EMB_THERE=six,attr and EMB_HERE=yaml.  A name stands
for all that is below it.
"""

import os
import sys

from ._errors import _traceback
from ._imports import _imported  # noqa: F401
from ._imports._hook import here, install, there, uninstall
from ._interpreter import _signals
from ._joined import _joint  # noqa: F401  (one output for both)

__all__ = ["here", "install", "there", "uninstall"]

for _variable, _names in (("EMB_HERE", here), ("EMB_THERE", there)):
    _names.update(one.strip() for one in os.environ.get(_variable, "").split(",") if one.strip())

install()
_signals.join()
if sys.excepthook is sys.__excepthook__:
    sys.excepthook = _traceback.excepthook
