//! Entering and leaving Python.
//!
//! At rest no host thread holds the GIL. An operation takes it under the thread's lasting thread
//! state and gives it back at its end; inside a lock scope, or in a callback from Python, the
//! thread holds it already and entering costs a comparison. A thread state, once made for a host
//! thread, is kept until the thread ends: making one costs more than most operations, and
//! extension modules hold on to it.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::*, fence};

use super::deferred;
use super::errands;
use super::ffi::{Object, PyObject, PyThreadState};
use super::object::Owned;
use super::runtime::{self, Runtime};
use super::states;
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::status::EMB_BAD_CALL;
use crate::thread::Thread;

/// Proof that the calling thread holds the GIL of the running Python.
#[derive(Clone, Copy)]
pub(crate) struct Python<'g> {
    pub runtime: &'static Runtime,
    pub thread: &'g Thread,
    not_send: PhantomData<*mut ()>,
}

impl<'g> Python<'g> {
    /// The C API.
    #[inline]
    pub(crate) fn api(self) -> &'static Symbols {
        &self.runtime.api
    }

    /// Takes over a new reference; NULL means that an exception is set.
    ///
    /// # Safety
    /// `object` is NULL with an exception set, or a reference that the caller owns.
    #[inline]
    pub(crate) unsafe fn own(self, object: Object) -> Outcome<Owned<'g>> {
        match NonNull::new(object) {
            // SAFETY: the caller owns the reference.
            Some(object) => Ok(unsafe { Owned::new(self, object) }),
            None => Err(raised()),
        }
    }

    /// A reference of one's own to an object that somebody else keeps alive for now.
    ///
    /// # Safety
    /// `object` is a live object.
    #[inline]
    pub(crate) unsafe fn share(self, object: NonNull<PyObject>) -> Owned<'g> {
        // SAFETY: the object lives, and the GIL is held.
        unsafe {
            self.runtime.counts.increase(object.as_ptr());
            Owned::new(self, object)
        }
    }
}

/// Out of line, so that the usual way is straight.
#[cold]
#[inline(never)]
fn raised() -> Failure {
    Failure::Python
}

/// An operation in a process whose host has a Python of its own, which is not to end meanwhile.
struct Guest(bool);

static ARE_COUNTED: AtomicBool = AtomicBool::new(false);
static GUESTS: AtomicUsize = AtomicUsize::new(0);

impl Guest {
    #[inline]
    fn enter() -> Self {
        let counted = ARE_COUNTED.load(Relaxed);
        if counted {
            // In one order with the end of Python: either that sees this one, or this one that.
            GUESTS.fetch_add(1, SeqCst);
            fence(SeqCst);
        }
        Guest(counted)
    }
}

impl Drop for Guest {
    #[inline]
    fn drop(&mut self) {
        if self.0 {
            GUESTS.fetch_sub(1, Release);
        }
    }
}

/// From now on operations are counted.
pub(crate) fn count_guests() {
    ARE_COUNTED.store(true, Relaxed);
}

/// Whether an operation is under way on any thread. What begins after the end of Python gives up.
pub(crate) fn has_guests() -> bool {
    fence(SeqCst);
    GUESTS.load(SeqCst) != 0
}

/// Gives the GIL back when the operation ends, if entering took it.
struct Leave<'r> {
    runtime: &'r Runtime,
    took_gil: bool,
}

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.took_gil {
            // SAFETY: this thread took the GIL in `acquire` and every operation in between left
            // its thread state current.
            unsafe { (self.runtime.api.PyEval_SaveThread)() };
        }
    }
}

/// Runs `f` with the GIL.
#[inline]
pub(crate) fn with<R>(thread: &Thread, f: impl FnOnce(Python<'_>) -> Outcome<R>) -> Outcome<R> {
    let _guest = Guest::enter();
    let runtime = runtime::required()?;
    let took_gil = acquire(runtime, thread)?;
    let _leave = Leave { runtime, took_gil };
    if took_gil {
        // Python may have ended while this thread waited for the GIL.
        runtime::required()?;
    }
    let py = Python::assume(runtime, thread);
    deferred::settle(py);
    let outcome = f(py);
    errands::run(py);
    outcome
}

/// Whether the calling thread holds the GIL already.
#[inline]
fn holds(runtime: &Runtime, own: *mut PyThreadState) -> bool {
    // SAFETY: the function only reads a variable.
    let current = unsafe { (runtime.current_state)() };
    if current == own {
        return !own.is_null();
    }
    // Where the current state is kept for each thread, any state at all means that this thread
    // runs Python, be it under a state that somebody else made for it.
    runtime.current_is_of_thread && !current.is_null() && !is_of_subinterpreter(runtime, current)
}

#[inline]
fn is_of_subinterpreter(runtime: &Runtime, state: *mut PyThreadState) -> bool {
    let all = runtime.subinterpreters.as_ref();
    all.is_some_and(|all| all.have(state))
}

/// Makes sure that the calling thread holds the GIL; says whether it was taken for that.
#[inline]
fn acquire(runtime: &Runtime, thread: &Thread) -> Outcome<bool> {
    let own = thread.state.get();
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
        if !thread.state.get().is_null() {
            known = thread.state.get();
        }
        if known.is_null() {
            states::make(runtime)?;
            thread.state.set((runtime.current_state)());
            return Ok(true);
        }
        if holds(runtime, known) {
            return Ok(false);
        }
        (runtime.api.PyEval_RestoreThread)(known);
        Ok(true)
    }
}

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
    let is_open = depth > thread.locks_outside.get();
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

/// Whether an operation of this thread would find the GIL held, so that releasing a reference
/// needs no waiting.
pub(crate) fn is_held(runtime: &Runtime, thread: &Thread) -> bool {
    holds(runtime, thread.state.get())
}

/// Takes the GIL for good, at the end of the process.
pub(crate) fn keep(runtime: &Runtime, thread: &Thread) {
    let _ = acquire(runtime, thread);
}

impl Python<'_> {
    /// The token for a thread that is known to hold the GIL.
    pub(crate) fn assume<'t>(runtime: &'static Runtime, thread: &'t Thread) -> Python<'t> {
        Python {
            runtime,
            thread,
            not_send: PhantomData,
        }
    }
}
