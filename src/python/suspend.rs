//! A host function that waits for other threads: Python's lock is given back until it returns.

use std::ptr;

use super::ffi::PyThreadState;
use super::runtime;
use super::token::Python;
use crate::failure::{Failure, Outcome};
use crate::status::EMB_BAD_CALL;
use crate::thread::Thread;

/// What is to be put back when the host function returns.
#[derive(Clone, Copy)]
pub(crate) struct Suspended {
    /// The thread state that was current; null where the GIL has not been given back.
    pub state: *mut PyThreadState,
    locks: u32,
    lock_took_gil: bool,
}

impl Suspended {
    pub(crate) const NOT: Self = Suspended {
        state: ptr::null_mut(),
        locks: 0,
        lock_took_gil: false,
    };
}

/// Gives the GIL back for the rest of the host function that runs on this thread.
pub(crate) fn suspend(thread: &Thread) -> Outcome<()> {
    let runtime = runtime::required()?;
    if !thread.is_in_callback() {
        return Err(refused(
            "emb_gil_suspend outside of a host function that Python has called",
        ));
    }
    if !thread.suspended.get().state.is_null() {
        return Ok(());
    }
    let locks = thread.locks_outside();
    if thread.locks.get() > locks {
        return Err(refused(
            "emb_gil_suspend inside an emb_gil_acquire scope: release the GIL first",
        ));
    }
    // SAFETY: Python has called the function, and so this thread holds the GIL.
    let state = unsafe { (runtime.api.PyEval_SaveThread)() };
    // Scopes that are opened from now on take the GIL, whatever is open further out.
    thread.set_locks(0);
    thread.suspended.set(Suspended {
        state,
        locks,
        lock_took_gil: thread.lock_took_gil.replace(false),
    });
    Ok(())
}

#[cold]
fn refused(message: &'static str) -> Failure {
    Failure::own(EMB_BAD_CALL, message)
}

/// A function of the host has returned: Python goes on with the GIL.
#[inline(always)]
pub(crate) fn end(py: Python<'_>) {
    if !py.thread.suspended.get().state.is_null() {
        resume(py);
    }
}

#[cold]
#[inline(never)]
fn resume(py: Python<'_>) {
    let suspended = py.thread.suspended.replace(Suspended::NOT);
    let is_left_open = py.thread.locks.get() > 0 && py.thread.lock_took_gil.get();
    py.thread.set_locks(suspended.locks);
    py.thread.lock_took_gil.set(suspended.lock_took_gil);
    // SAFETY: what is current when nothing is left open is no state of this thread; a scope that the
    // host has left open has made the same state current again, which is what Python goes on with.
    unsafe {
        if !is_left_open {
            (py.api().PyEval_RestoreThread)(suspended.state);
        }
    }
}
