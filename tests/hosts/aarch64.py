"""PyPy on AArch64: CPython's extension modules beside it, and memory that both see."""

import array
import json
import platform

import emb

MODULES = "_json _decimal ctypes sqlite3 ssl hashlib datetime random zlib lzma bz2 asyncio"

assert platform.machine() == "aarch64"
numpy = emb.import_mod("numpy")
numbers = array.array("d", range(1000))
shared = numpy.asarray(numbers)
shared *= 2
assert numbers[999] == 1998.0
assert float(numpy.linalg.norm(shared)) == float(numpy.sqrt(numpy.dot(shared, shared)))
assert list(numpy.sort(numpy.asarray([3.0, 1.0, 2.0]))) == [1.0, 2.0, 3.0]
for name in MODULES.split():
    emb.import_mod(name)
assert emb.import_mod("decimal").Decimal("1.5").sqrt().quantize(emb.import_mod("decimal").Decimal("0.001"))
try:
    numpy.linalg.inv([[0.0, 0.0], [0.0, 0.0]])
except Exception as error:
    assert type(error).__name__ == "LinAlgError", error
else:
    raise AssertionError("a singular matrix was inverted")
# PyPy's own modules of the same names still work.
assert json.loads("[1]") == [1]
assert "names clash" in emb.doctor() and "loaded behind stubs" in emb.doctor()
print("all is well")
