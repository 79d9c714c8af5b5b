"""With this folder on PYTHONPATH, a CPython of the version EMB_TEST_BESIDE embeds another one
beside itself, and so do its child processes: the tests of the package are not aware of it.
"""

import os
import sys

if os.environ.get("EMB_TEST_BESIDE") == "%d.%d" % sys.version_info[:2]:
    from emb._interpreter import _session

    _session.beside_by_default = True
