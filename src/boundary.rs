//! The boundary to C: the host's raw pointers become checked Rust values here (`pointer`, `sized`) and
//! nowhere else, every failure becomes a status and a pending error, and no panic gets past.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::failure::{Complaint, Failure, Outcome};
use crate::python::gil::{self, Python};
use crate::python::{raise, runtime};
use crate::status::{EMB_EXCEPTION, EMB_INTERNAL, EMB_OK, emb_status};
use crate::thread::{self, Pending, Thread};

mod pointer;
pub(crate) mod sized;

pub(crate) use pointer::{
    Out, bytes, is_none, name, optional, optional_name, optional_text, read, room, slice, text,
    usual_name, usual_slice,
};

/// As a text's length: the text ends with a NUL byte.
pub const EMB_NUL_TERMINATED: i64 = -1;

/// Runs the body of an exported function that needs Python, with the GIL.
#[inline]
pub(crate) fn python(body: impl FnOnce(Python<'_>) -> Outcome<()>) -> emb_status {
    guard(|thread| {
        let outcome = gil::with(thread, |py| body(py).map_err(|failure| kept(py, failure)));
        status(thread, outcome)
    })
}

/// The usual way through an operation of which hosts make millions. `look` sees whether everything is
/// as it nearly always is, and gives what `act` needs for the rest. Where it gives None, `otherwise`
/// does all of it, and says what is wrong; also where Python cannot be entered. All take what they use
/// with them (`move`): what is shared would have to stand in memory. `look` must not panic.
#[inline(always)]
pub(crate) fn usually<'g, T>(
    look: impl FnOnce(Python<'g>) -> Option<T>,
    act: impl FnOnce(Python<'g>, T) -> Outcome<()>,
    otherwise: impl FnOnce() -> emb_status,
) -> emb_status {
    let thread = thread::of_host();
    let entered = gil::begin(thread);
    if entered == gil::NOT_ENTERED {
        return unusually(otherwise);
    }
    // SAFETY: an operation has begun, so Python is loaded.
    let py = Python::assume(unsafe { runtime::loaded_unchecked() }, thread);
    let status = match look(py) {
        // Around nothing else: what may unwind has to be in memory, and not in registers.
        Some(usual) => match caught(move || act(py, usual)) {
            Some(Ok(())) => EMB_OK,
            Some(Err(failure)) => noted(thread, failure),
            None => EMB_INTERNAL,
        },
        None => unusually(otherwise),
    };
    gil::end(thread, entered);
    status
}

/// Apart, so that the usual way is straight.
#[cold]
#[inline(never)]
fn unusually(otherwise: impl FnOnce() -> emb_status) -> emb_status {
    otherwise()
}

#[cold]
extern "C" fn noted(thread: &Thread, failure: Failure) -> emb_status {
    // SAFETY: an operation has failed, so Python is loaded.
    let py = Python::assume(unsafe { runtime::loaded_unchecked() }, thread);
    caught(|| note(thread, kept(py, failure))).unwrap_or(EMB_INTERNAL)
}

/// Makes an exception of Python the pending error; libemb's own complaint becomes that later.
#[cold]
fn kept(py: Python<'_>, failure: Failure) -> Failure {
    if let Failure::Python = failure {
        keep_exception(py);
    }
    failure
}

/// Runs the body of an exported function that may not need Python.
#[inline]
pub(crate) fn host(body: impl FnOnce(&Thread) -> Outcome<()>) -> emb_status {
    guard(|thread| {
        if thread.has_pending() {
            drop_pending(thread.take_pending());
        }
        status(thread, body(thread))
    })
}

/// Like `host`, for the functions that a host may call while it still has an error to read: that
/// error stays, whatever this call has to say.
#[inline]
pub(crate) fn aside(body: impl FnOnce(&Thread) -> Outcome<()>) -> emb_status {
    guard(|thread| {
        let Err(failure) = body(thread) else {
            return EMB_OK;
        };
        let earlier = thread.take_pending();
        let status = note(thread, failure);
        if earlier.is_some() {
            drop_pending(thread.replace_pending(earlier));
        }
        status
    })
}

#[inline]
fn status(thread: &Thread, outcome: Outcome<()>) -> emb_status {
    match outcome {
        Ok(()) => EMB_OK,
        Err(failure) => note(thread, failure),
    }
}

/// Makes a failure the pending error, where it is not yet, and gives its status.
#[cold]
fn note(thread: &Thread, failure: Failure) -> emb_status {
    match failure {
        Failure::Python => EMB_EXCEPTION,
        Failure::Own(complaint) => {
            let Complaint { status, message } = *complaint;
            set_pending(thread, Pending::own(status, message));
            status
        }
    }
}

#[inline]
fn guard(body: impl FnOnce(&Thread) -> emb_status) -> emb_status {
    caught(|| thread::with(body)).unwrap_or(EMB_INTERNAL)
}

/// None where `body` panics: that is the pending error then.
#[inline(always)]
pub(crate) fn caught<R>(body: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => Some(result),
        Err(panic) => {
            note_panic(panic);
            None
        }
    }
}

/// A panic of `body` is its failure. For the parts of what is usual that may panic: around them all
/// stays in registers then.
#[inline(always)]
pub(crate) fn contained<R>(body: impl FnOnce() -> Outcome<R>) -> Outcome<R> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(outcome) => outcome,
        Err(panic) => Err(failure_of(panic)),
    }
}

type Panic = Box<dyn Any + Send>;

#[cold]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn note_panic(panic: Panic) {
    let failure = failure_of(panic);
    thread::with(|thread| note(thread, failure));
}

#[cold]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn failure_of(panic: Panic) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("panic");
    let message = format!("a bug in libemb, please report it: {text}");
    Failure::own(EMB_INTERNAL, message)
}

/// Moves the exception from Python's thread state to the pending error.
#[cold]
fn keep_exception(py: Python<'_>) {
    let pending = match raise::fetch(py) {
        Some(exception) => Pending {
            status: EMB_EXCEPTION,
            message: String::new(),
            description: py.runtime.describable.describe(py, &exception),
            exception: exception.into_raw().as_ptr(),
        },
        None => Pending::own(
            EMB_EXCEPTION,
            "Python reported an error without an exception (a bug in an extension module)".into(),
        ),
    };
    py.drop_object(py.thread.leftover.replace(ptr::null_mut()));
    set_pending(py.thread, pending);
}

#[inline]
fn set_pending(thread: &Thread, pending: Pending) {
    drop_pending(thread.replace_pending(Some(pending)));
}

#[inline]
pub(crate) fn drop_pending(pending: Option<Pending>) {
    if let Some(pending) = pending {
        pending.drop_later();
    }
}
