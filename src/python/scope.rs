//! Lock scopes: a thread keeps the GIL over many operations.

use super::acquire::{Leave, acquire};
use super::deferred;
use super::runtime;
use super::token::Python;
use crate::failure::{Failure, Outcome};
use crate::status::EMB_BAD_CALL;
use crate::thread::Thread;

/// Opens a lock scope: the thread keeps the GIL until the matching `unlock`.
pub(crate) fn lock(thread: &Thread) -> Outcome<()> {
    let runtime = runtime::required()?;
    let depth = thread.locks.get();
    let took_gil = acquire(runtime, thread)?;
    if let Err(ended) = runtime::required() {
        drop(Leave { runtime, took_gil });
        return Err(ended);
    }
    if depth == 0 {
        thread.lock_took_gil.set(took_gil);
    } else if took_gil {
        // Python gave the GIL up inside the scope (a callback out of code that released it):
        // the inner scope cannot be told apart from the outer one when it ends.
        drop(Leave { runtime, took_gil });
        return Err(Failure::own(
            EMB_BAD_CALL,
            "this thread is inside an emb_gil_acquire scope, but Python code called from it has released the GIL",
        ));
    }
    thread.locks.set(depth + 1);
    // What was released elsewhere is dropped now: it may be all that the host wants of this call.
    deferred::settle(Python::assume(runtime, thread));
    Ok(())
}

/// Closes the innermost lock scope, also one that Python has not survived.
pub(crate) fn unlock(thread: &Thread) -> Outcome<()> {
    let depth = thread.locks.get();
    let is_open = depth > thread.locks_outside();
    let Some(runtime) = runtime::loaded().filter(|_| is_open) else {
        runtime::required()?;
        return Err(Failure::own(
            EMB_BAD_CALL,
            "emb_gil_release without a matching emb_gil_acquire on this thread",
        ));
    };
    thread.locks.set(depth - 1);
    if depth == 1 {
        let took_gil = thread.lock_took_gil.replace(false);
        drop(Leave { runtime, took_gil });
    }
    Ok(())
}
