//! The making of thread states, one for each host thread that uses Python. `deferred` ends them.

use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use super::ffi::PyThreadState;
use super::runtime::Runtime;
use crate::failure::{Failure, Outcome};
use crate::status::EMB_NOT_RUNNING;

/// One at a time makes a thread state, and none while the process forks.
static MAKING: Mutex<()> = Mutex::new(());

/// Waits for a thread state that is being made, before a fork: CPython has its list of them locked
/// meanwhile, and up to 3.11 waits for that lock in the child. Not for good: where memory is traced
/// (tracemalloc), making one waits for the GIL, and whoever forks may hold it.
pub(crate) fn none_in_the_making() -> Option<MutexGuard<'static, ()>> {
    const MILLISECOND: Duration = Duration::from_millis(1);
    for _ in 0..100 {
        match MAKING.try_lock() {
            Ok(guard) => return Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(MILLISECOND),
        }
    }
    None
}

/// Gives the calling thread, which has none, a thread state, and the GIL. Where Python can say that
/// it is ending (3.15 and later) that is an error; else such a thread waits for good.
pub(crate) fn make(runtime: &Runtime) -> Outcome<()> {
    let Some(attach) = &runtime.attach else {
        // SAFETY: these may be called on any thread, and the state is this thread's own.
        return unsafe {
            let state = new(runtime);
            if state.is_null() {
                return Err(ending());
            }
            (runtime.api.PyEval_RestoreThread)(state);
            Ok(())
        };
    };
    // SAFETY: the view is of the main interpreter, and never closed. The guard keeps that from
    // ending while the state is made, which lasts: its counterpart is `deferred`.
    unsafe {
        let guard = (attach.guard)(attach.view);
        if guard.is_null() {
            return Err(ending());
        }
        let made = (attach.ensure)(guard);
        (attach.close)(guard);
        (!made.is_null()).then_some(()).ok_or_else(ending)
    }
}

/// A thread state that is known to CPython as the calling thread's, as by `PyGILState_Ensure`, but
/// without the wait for the GIL, during which nobody could fork. NULL where there is no interpreter
/// any more.
fn new(runtime: &Runtime) -> *mut PyThreadState {
    let _alone = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: neither needs the GIL, and the interpreter is a live one.
    unsafe {
        let interpreter = (runtime.api.PyInterpreterState_Main)();
        if interpreter.is_null() {
            return ptr::null_mut();
        }
        (runtime.api.PyThreadState_New)(interpreter)
    }
}

#[cold]
fn ending() -> Failure {
    Failure::own(
        EMB_NOT_RUNNING,
        "the Python of this process is ending: it takes no further threads",
    )
}
