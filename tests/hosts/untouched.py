"""Nothing of the libraries that the host had loaded is written to: not their code, not
their constants, and not the tables through which they call each other.

Runs with LD_BIND_NOW=1, so that the loader fills in those tables at the start and not
at the first call of each function.
"""

import ctypes
import os
import struct
import sys

import raw


def mappings():
    """(start, end, permissions, offset, path) of each mapped file."""
    with open("/proc/self/maps") as maps:
        for line in maps:
            fields = line.split(None, 5)
            if len(fields) == 6 and fields[5].startswith("/"):
                start, end = (int(part, 16) for part in fields[0].split("-"))
                yield start, end, fields[1], int(fields[2], 16), fields[5].rstrip("\n")


def tables(path):
    """(address, size) of the tables that the loader fills in, relative to the library."""
    with open(path, "rb") as file:
        data = file.read(64)
        at, size, count, names = struct.unpack("<Q10xHHH", data[40:48] + data[48:64])
        file.seek(at)
        headers = file.read(size * count)
        headers = [
            struct.unpack_from("<IIQQQQ", headers, size * index) for index in range(count)
        ]
        file.seek(headers[names][4])
        text = file.read(headers[names][5])
    for name, _kind, _flags, address, _offset, length in headers:
        name = text[name : text.index(b"\0", name)]
        if name in (b".got", b".got.plt", b".data.rel.ro", b".dynamic", b".init_array"):
            yield name.decode(), address, length


def regions():
    """What must not change, as a dict of (path, what) to (address, length)."""
    found, bases = {}, {}
    for start, end, permissions, offset, path in mappings():
        # The embedded Python's files may be mapped for a moment while they are examined.
        if not os.path.exists(path) or ".so" not in path and "pypy" not in path:
            continue
        bases.setdefault(path, start - offset)
        if permissions[1] != "w":
            found[path, "%s at %#x" % (permissions, offset)] = start, end - start
    for path, base in bases.items():
        for name, address, length in tables(path):
            found[path, name] = base + address, length
    return found


def contents(places):
    # Not through pointers: a page that cannot be read must be an error, not a crash.
    with open("/proc/self/mem", "rb", 0) as memory:
        result = {}
        for key, (address, length) in places.items():
            memory.seek(address)
            result[key] = hash(memory.read(length))
        return result


def tamper():
    """Changes one slot of PyPy's, to see that this test can fail."""
    [address] = {
        address
        for (path, what), (address, _length) in regions().items()
        if "libpypy" in path and what == ".got"
    }
    libc = ctypes.CDLL(None)
    page = address & ~4095
    assert libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(8192), 3) == 0
    slots = ctypes.cast(address, ctypes.POINTER(ctypes.c_uint64))
    slots[[index for index in range(200) if slots[index] == 0][0]] = 1


def main():
    raw.lib.emb_abi_version()
    places = regions()
    before = contents(places)
    raw.start()
    raw.run("import sys, ctypes, ssl, sqlite3, decimal, hashlib, numpy, numpy.linalg")
    raw.run("import matplotlib.pylab as pylab; pylab.plot([1, 2])")
    if "tamper" in sys.argv:
        tamper()
    after = contents(places)
    changed = [key for key in before if before[key] != after[key]]
    assert not changed, changed
    files = {path for path, _what in places}
    assert any("libpypy" in path for path in files) and any("libc.so" in p for p in files), files
    size = sum(length for _start, length in places.values())
    print("%d regions of %d files, %.0f MB, are unchanged" % (len(places), len(files), size / 1e6))


main()
