"""An emb_view as 64-bit words, for those who look at many and take what is in them one by one."""

import struct

from .._abi import _declarations

SIZE = struct.calcsize(_declarations.STRUCTS["emb_view"].format)
SLOTS = SIZE // 16 + 1  # of emb_values, that it takes

DATA, NBYTES, ITEMSIZE, NDIM, SHAPE, STRIDES, FORMAT, OWNER = range(1, 9)  # places of its words
NDIM_ONLY = 0x7FFFFFFF  # of that word, in which there is also whether it is read-only
