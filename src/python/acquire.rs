//! Taking the GIL under a thread's own state, which is made or found where libemb has none; giving it
//! back.

use super::ffi::PyThreadState;
use super::runtime::Runtime;
use super::states;
use crate::failure::Outcome;
use crate::thread::Thread;

/// Whether the calling thread holds the GIL already.
#[inline]
pub(super) fn holds(runtime: &Runtime, own: *mut PyThreadState) -> bool {
    let current = runtime.current.get();
    if current == own {
        return !own.is_null();
    }
    // Where the current state is kept for each thread, any state at all means that this thread
    // runs Python, be it under a state that somebody else made for it.
    runtime.current.is_of_thread && !current.is_null() && !is_of_subinterpreter(runtime, current)
}

#[inline]
fn is_of_subinterpreter(runtime: &Runtime, state: *mut PyThreadState) -> bool {
    let all = runtime.subinterpreters.as_ref();
    all.is_some_and(|all| all.have(state))
}

/// Makes sure that the calling thread holds the GIL; says whether it was taken for that.
#[inline]
pub(super) fn acquire(runtime: &Runtime, thread: &Thread) -> Outcome<bool> {
    let own = thread.state();
    if holds(runtime, own) {
        return Ok(false);
    }
    if own.is_null() || runtime.subinterpreters.is_some() {
        return acquire_first(runtime, thread);
    }
    // SAFETY: the state belongs to this thread, which does not hold the GIL.
    unsafe { (runtime.api.PyEval_RestoreThread)(own) };
    Ok(true)
}

/// A thread that libemb has no state for: one that Python started (or whose state somebody else
/// made, and may delete at any time: never remembered), or a host thread's first operation. Also each
/// operation where the Python is the host's own, which may run subinterpreters on any thread.
#[cold]
fn acquire_first(runtime: &Runtime, thread: &Thread) -> Outcome<bool> {
    // SAFETY: these functions may be called on any thread without the GIL; the state that is
    // restored is this thread's own.
    unsafe {
        let mut known = (runtime.api.PyGILState_GetThisThreadState)();
        if let Some(subinterpreters) = &runtime.subinterpreters {
            subinterpreters.refuse(known)?;
        }
        if !thread.state().is_null() {
            known = thread.state();
        }
        if known.is_null() {
            states::make(runtime)?;
            thread.set_state(runtime.current.get());
            return Ok(true);
        }
        if holds(runtime, known) {
            return Ok(false);
        }
        (runtime.api.PyEval_RestoreThread)(known);
        Ok(true)
    }
}

/// Gives the GIL back that this thread took, when every operation in between has left its thread state
/// current.
#[inline(always)]
pub(super) fn give_back(runtime: &Runtime) {
    // SAFETY: this thread holds the GIL.
    unsafe { (runtime.api.PyEval_SaveThread)() };
}

/// Gives the GIL back at its end, if `acquire` took it.
pub(super) struct Leave<'r> {
    pub runtime: &'r Runtime,
    pub took_gil: bool,
}

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.took_gil {
            give_back(self.runtime);
        }
    }
}
