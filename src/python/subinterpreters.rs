//! Subinterpreters of the host's own Python. libemb works in the main interpreter: what it holds are
//! objects of that one, which no other must touch.

use super::ffi::{PyInterpreterState, PyThreadState};
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::status::EMB_BAD_CALL;

/// What tells the thread states of subinterpreters from those of the main one. CPython 3.8 cannot.
pub(crate) struct Subinterpreters {
    main: *mut PyInterpreterState,
    interpreter_of: unsafe extern "C" fn(*mut PyThreadState) -> *mut PyInterpreterState,
}

// SAFETY: the main interpreter is compared with, and never used.
unsafe impl Send for Subinterpreters {}
// SAFETY: as above.
unsafe impl Sync for Subinterpreters {}

impl Subinterpreters {
    /// Of the Python that runs.
    pub(crate) fn of(api: &Symbols) -> Option<Self> {
        Some(Subinterpreters {
            // SAFETY: may be called on any thread, without the GIL.
            main: unsafe { (api.PyInterpreterState_Main)() },
            interpreter_of: api.PyThreadState_GetInterpreter?,
        })
    }

    /// Whether the calling thread's own state, or null, belongs to one of them.
    pub(crate) fn have(&self, state: *mut PyThreadState) -> bool {
        // SAFETY: the state is there for as long as the calling thread runs under it.
        !state.is_null() && unsafe { (self.interpreter_of)(state) } != self.main
    }

    /// The error for a thread that runs one of them, by its state that CPython knows. Before 3.12
    /// that is the first one that a thread has had, so only the threads which a subinterpreter has
    /// started are seen.
    pub(crate) fn refuse(&self, known: *mut PyThreadState) -> Outcome<()> {
        if self.have(known) {
            return Err(Failure::own(
                EMB_BAD_CALL,
                "this thread runs a subinterpreter, and libemb works with the main interpreter of \
                 this process: call it from there",
            ));
        }
        Ok(())
    }
}
