//! Lock scopes: the GIL, kept for a series of calls, or given back by a host function; and forks,
//! which Python is prepared for.

use crate::boundary;
use crate::python::{fork, scope, suspend};
use crate::status::emb_status;

/// Takes the GIL and keeps it until the matching `emb_gil_release`: a series of operations then
/// takes it once. Scopes nest. Without a scope each operation takes the GIL for itself, and
/// Python's other threads run in between.
///
/// A free-threaded Python has no GIL: there a scope keeps nobody out, and spares each operation in
/// it the way in and out. In a scope the host must not wait for another thread that uses Python.
///
/// Not for a host that is the CPython itself, attached to, and releases the GIL around foreign
/// calls (as ctypes does): it holds the GIL between calls anyway, and would wait for itself.
///
/// Ownership: the scope belongs to the calling thread. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL.
/// Threads: any; waits for the GIL. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_gil_acquire() -> emb_status {
    boundary::host(scope::lock)
}

/// Closes the innermost lock scope. A pending error stays.
///
/// Ownership: the scope of the calling thread ends. Errors: EMB_BAD_CALL without an open scope,
/// EMB_NOT_RUNNING. Threads: the one that opened the scope. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_gil_release() -> emb_status {
    boundary::aside(scope::unlock)
}

/// Gives the GIL back until the host function that runs on this thread returns to Python, which has
/// called it. Meanwhile each operation takes the GIL for itself, and scopes may be opened as usual.
/// For functions that wait for other threads of the host, which would wait for the GIL if they use
/// Python too. A second call changes nothing. The function's arguments stay valid. Not for release
/// functions, which are called in the middle of what Python, or another call of libemb, does.
///
/// Ownership: none. Errors: EMB_BAD_CALL outside of a host function, or in a scope that it opened;
/// EMB_NOT_RUNNING. Threads: the one that runs the host function. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_gil_suspend() -> emb_status {
    boundary::aside(suspend::suspend)
}

/// Prepares Python for a fork after which the child, too, goes on with it: call it, fork on the
/// same thread, then call `emb_fork_parent` or `emb_fork_child`. Takes the GIL until then. In the
/// child of any other fork every call gives EMB_NOT_RUNNING, unless Python forked itself
/// (`os.fork`, `multiprocessing`). The child has no other threads, neither of the host nor of
/// Python.
///
/// Ownership: a lock scope of the calling thread. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL when it was
/// called already. Threads: any; waits for the GIL. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_fork_prepare() -> emb_status {
    boundary::host(fork::prepare)
}

/// After `emb_fork_prepare` and a fork, in the process that has forked, also if the fork failed.
///
/// Ownership: ends the lock scope. Errors: EMB_BAD_CALL without emb_fork_prepare or in the child,
/// EMB_NOT_RUNNING. Threads: the one that has forked. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_fork_parent() -> emb_status {
    boundary::aside(fork::parent)
}

/// After `emb_fork_prepare` and a fork, in the new process: there Python goes on, in this thread.
///
/// Ownership: ends the lock scope. Errors: EMB_BAD_CALL without emb_fork_prepare or in the process
/// that has forked, EMB_NOT_RUNNING. Threads: the one that has forked. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_fork_child() -> emb_status {
    boundary::aside(fork::child)
}
