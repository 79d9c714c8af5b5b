"""Not a number.  In the host, those of the same bits are one object; for Python, which knows them by
identity in a dict, a set or a list, they are numpy's, where that has been imported.
"""

import math
import struct

from .._abi import _convert
from .._abi._calls import call_for_object
from .._abi._kinds import FLOAT, OBJECT
from .._garbage._collector import variables
from .._garbage._lifetime import lasting
from .._interpreter import _session
from .._interpreter._code import Part
from ._object import wrap

_SOURCE = """
import sys

def has_numpy():
    return hasattr(sys.modules.get("numpy"), "nan")

def nan():
    return sys.modules["numpy"].nan
"""

_python = Part(_SOURCE)
_BITS = struct.pack("d", math.nan)  # others have a sign, or tell something by theirs

_numpys = None  # the proxy of numpy's


def _pack(words, reals, at, value):
    """Writes it as an argument, or as a part of one."""
    if struct.pack("d", value) == _BITS and (_numpys is not None or _find()):
        words[at] = OBJECT
        words[at + 1] = _numpys._emb_handle
    else:
        words[at] = FLOAT
        reals[at + 1] = value


@lasting
def _find():
    global _numpys
    if _python("has_numpy")():
        _numpys = wrap(call_for_object(_python("nan")._emb_handle, ()))
    return _numpys is not None


def _forget():
    global _numpys
    _numpys = None


_convert.pack_nan = _pack
_session.after_shutdown(_forget)
variables(globals(), "_numpys")
