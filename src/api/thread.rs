//! Lock scopes: the GIL, kept for a series of calls.

use crate::boundary;
use crate::python::gil;
use crate::status::emb_status;

/// Takes the GIL and keeps it until the matching `emb_gil_release`: a series of operations then
/// takes it once. Scopes nest. Without a scope each operation takes the GIL for itself, and
/// Python's other threads run in between.
///
/// A free-threaded Python has no GIL: there a scope keeps nobody out, and spares each operation in
/// it the way in and out. In a scope the host must not wait for another thread that uses Python.
///
/// Not for a host that is CPython itself and releases the GIL around foreign calls (as ctypes
/// does): it holds the GIL between calls anyway, and would wait for itself.
///
/// Ownership: the scope belongs to the calling thread. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL.
/// Threads: any; waits for the GIL. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_gil_acquire() -> emb_status {
    boundary::host(gil::lock)
}

/// Closes the innermost lock scope. A pending error stays.
///
/// Ownership: the scope of the calling thread ends. Errors: EMB_BAD_CALL without an open scope,
/// EMB_NOT_RUNNING. Threads: the one that opened the scope. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_gil_release() -> emb_status {
    boundary::aside(gil::unlock)
}
