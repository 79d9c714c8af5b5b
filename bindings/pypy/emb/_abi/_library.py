"""Finds libemb.so, chooses a backend, and checks that the two fit together.

Importing this module loads the library, which by itself starts nothing and changes
nothing in the process.  `backend` is the one object everything else calls:

    functions          namespace of the C functions; integers in, integers out
    block(slots)       -> (owner, words, reals, address): zeroed memory for `slots`
                       emb_values; words and reals index the same memory as signed
                       64-bit integers and as doubles; it lives as long as `owner`
    pointer_to(words)  -> what `put_address` writes into
    put_address(pointer, source) writes where an array.array is into the first of the words
    area(nbytes)       -> (owner, area, address): bytes, written by slice assignment
    peek(address, slots) -> (words, reals) on memory of somebody else
    read_bytes(address, length) -> bytes, copied
    hold(data)         -> (owner, address) of immutable bytes, not copied if possible
    buffer_address(obj) -> (owner, address, nbytes, readonly) of any contiguous buffer
    open_memory(address, nbytes, owner) -> a buffer object over foreign memory that
                       keeps `owner` alive
    items(address, ctype) -> what reads and writes numbers of a C type there by their place,
                       counted from the address, in both directions; no bounds
    pointer(address, ctype, owner) -> a C pointer of the backend's own kind
    callback(kind, function, failed=None) -> (owner, address) of a C function of the type
                       `kind` (see _declarations.CALLBACKS); `failed`, given the exception,
                       gives the result where the function raised in spite of itself
                       (cffi only)
"""

import os
import sys

from . import _declarations

FILE_NAME = {"darwin": "libemb.dylib", "win32": "emb.dll"}.get(sys.platform, "libemb.so")


class LibraryMissing(ImportError):
    """libemb itself was not found, does not load, or is of another ABI version."""


def _places():
    """The places to look at, in order, as (description, path) pairs."""
    chosen = os.environ.get("EMB_LIBRARY")
    if chosen:
        # Who names a file wants that one: no silent second choice.
        yield "EMB_LIBRARY", chosen
        return
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield "beside the package", os.path.join(package, FILE_NAME)
    tree = os.path.dirname(os.path.dirname(os.path.dirname(package)))
    yield "build tree", os.path.join(tree, "target", "release", FILE_NAME)
    yield "system loader", FILE_NAME


def _backend_class():
    """The class named by EMB_BACKEND, or the quickest one this host has."""
    wanted = os.environ.get("EMB_BACKEND", "")
    if wanted not in ("", "cffi", "ctypes"):
        raise LibraryMissing("EMB_BACKEND is %r; it can be 'cffi' or 'ctypes'" % wanted)
    if wanted != "ctypes":
        try:
            from ._cffi import Backend

            return Backend
        except ImportError as error:
            if wanted:
                raise LibraryMissing(
                    "EMB_BACKEND is 'cffi', which this Python lacks (%s); install the package cffi, "
                    "or use EMB_BACKEND=ctypes" % error
                ) from None
    from ._ctypes import Backend

    return Backend


def _load():
    if sys.byteorder != "little":
        raise LibraryMissing("emb reads values as 64-bit words and needs a little-endian machine")
    backend_class = _backend_class()
    refusals = []
    for description, path in _places():
        if os.path.dirname(path) and not os.path.exists(path):
            refusals.append("  %s: %s: no such file" % (description, path))
            continue
        try:
            backend = backend_class(path)
        except (OSError, AttributeError) as error:
            refusals.append("  %s: %s: %s" % (description, path, error))
            continue
        version = backend.functions.emb_abi_version()
        expected = _declarations.CONSTANTS["EMB_ABI_VERSION"]
        if version != expected:
            raise LibraryMissing(
                "%s has ABI version %d, this package needs %d; install the two from one release"
                % (path, version, expected)
            )
        return backend, path
    raise LibraryMissing(
        "libemb was not found. Tried:\n%s\nBuild it with `make build` (or `cargo build "
        "--release`) in the source tree, or set EMB_LIBRARY to the file." % "\n".join(refusals)
    )


backend, path = _load()
functions = backend.functions
