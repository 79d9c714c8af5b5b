//! Signals that reach both the host and Python.

use crate::boundary;
use crate::convert;
use crate::handle::emb_handle;
use crate::python::signals;
use crate::status::emb_status;

/// Shares a signal with Python: after the host's handler, which stays in place, Python's takes note,
/// and Python calls `handler(number, frame)` in its main thread as soon as it runs there, as after
/// `signal.signal`. So what runs long in Python can be interrupted (SIGINT), sleeping included. A
/// host that sets its handler anew ends the sharing.
///
/// Ownership: the handle stays the caller's. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE, EMB_EXCEPTION
/// (ValueError: not Python's main thread; TypeError: it cannot be called). Threads: the one that
/// called `emb_init`. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_signal_share(signal: i32, handler: emb_handle) -> emb_status {
    boundary::python(|py| signals::share(py, signal, convert::object(py, handler, "handler")?))
}
