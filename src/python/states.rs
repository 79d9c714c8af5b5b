//! The making of thread states, one for each host thread that uses Python. `deferred` ends them.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use super::ffi::PyThreadState;
use super::runtime::{self, Runtime};
use crate::failure::{Failure, Outcome};
use crate::status::EMB_NOT_RUNNING;

/// Threads that are at it, and forks that want none to be: CPython has its list of states locked
/// meanwhile, and up to 3.11 waits for that lock in the child. Later versions see to it themselves.
static MAKING: AtomicUsize = AtomicUsize::new(0);
static FORKING: AtomicUsize = AtomicUsize::new(0);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Before a fork: waits for states that are being made, and no further ones are until it is over. Not
/// for good: where memory is traced (tracemalloc), making one waits for the GIL, and whoever forks
/// may hold it.
pub(crate) fn before_fork() {
    let is_concerned = |runtime: &Runtime| runtime.version < (3, 12);
    if !runtime::loaded().is_some_and(is_concerned) {
        return;
    }
    FORKING.fetch_add(1, SeqCst);
    for _ in 0..100 {
        if MAKING.load(SeqCst) == 0 {
            break;
        }
        std::thread::sleep(MILLISECOND);
    }
}

/// After a fork, in the process that has forked.
pub(crate) fn in_parent() {
    let _ = FORKING.fetch_update(SeqCst, SeqCst, |forks| forks.checked_sub(1));
}

/// After a fork, in the new process: whoever was at it is not here.
pub(crate) fn in_child() {
    FORKING.store(0, SeqCst);
    MAKING.store(0, SeqCst);
}

/// Counts the calling thread in, for as long as it makes a state.
struct Making;

impl Making {
    fn begin() -> Self {
        loop {
            MAKING.fetch_add(1, SeqCst);
            // In one order with a fork: either that sees this thread, or this one that.
            if FORKING.load(SeqCst) == 0 {
                return Making;
            }
            MAKING.fetch_sub(1, SeqCst);
            std::thread::sleep(MILLISECOND);
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        MAKING.fetch_sub(1, SeqCst);
    }
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
    let _making = Making::begin();
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
