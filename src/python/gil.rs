//! Entering and leaving Python.
//!
//! At rest no host thread holds the GIL. An operation takes it under the thread's lasting thread
//! state and gives it back at its end; inside a lock scope, or in a callback from Python, the
//! thread holds it already and entering costs a comparison. A thread state, once made for a host
//! thread, is kept until the thread ends: making one costs more than most operations, and
//! extension modules hold on to it.

use super::acquire::{Leave, acquire, give_back, holds};
use super::deferred;
use super::errands;
use super::ffi::PyThreadState;
use super::guests::Guest;
use super::runtime::{self, Runtime};
use crate::attention;
use crate::boundary;
use crate::failure::Outcome;
use crate::thread::Thread;

pub(crate) use super::token::Python;

/// What the end of an operation has to undo. A byte, so that where it is nothing, as nearly always,
/// a glance is enough.
struct Entered(u8);

const TOOK_GIL: u8 = 1;
const IS_GUEST: u8 = 2;
/// Python cannot be entered.
pub(crate) const NOT_ENTERED: u8 = 4;

impl Drop for Entered {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0 != 0 {
            leave(self.0);
        }
    }
}

#[inline(never)]
fn leave(entered: u8) {
    let _guest = Guest(entered & IS_GUEST != 0);
    // SAFETY: the operation has begun, so Python is loaded.
    let runtime = unsafe { runtime::loaded_unchecked() };
    if entered & TOOK_GIL != 0 {
        give_back(runtime);
    }
}

/// Runs `f` with the GIL. An error of an earlier call is forgotten.
#[inline(always)]
pub(crate) fn with<R>(thread: &Thread, f: impl FnOnce(Python<'_>) -> Outcome<R>) -> Outcome<R> {
    let _entered = Entered(match inside(thread) {
        Some(_) => 0,
        None => match outside(thread).map(|place| enter_usually(thread, place)) {
            None | Some(NOT_ENTERED) => enter(thread)?,
            Some(entered) => entered,
        },
    });
    // SAFETY: either is only so where Python runs.
    let py = Python::assume(unsafe { runtime::loaded_unchecked() }, thread);
    let outcome = f(py);
    errands::see_to(py);
    outcome
}

/// The same in two steps, for `boundary::usually`: gives what `end` has to undo, or `NOT_ENTERED`, where
/// there is another way, which says why. What is not usual is `extern "C"`, and so does not unwind.
#[inline(always)]
pub(crate) fn begin(thread: &Thread) -> u8 {
    match inside(thread) {
        Some(_) => 0,
        None => enter_if_possible(thread),
    }
}

#[cold]
#[inline(never)]
extern "C" fn enter_if_possible(thread: &Thread) -> u8 {
    match outside(thread) {
        Some(place) => enter_usually(thread, place),
        None => enter_otherwise(thread),
    }
}

#[cold]
#[inline(never)]
extern "C" fn enter_otherwise(thread: &Thread) -> u8 {
    let entered = boundary::caught(|| enter(thread).ok());
    entered.flatten().unwrap_or(NOT_ENTERED)
}

/// Takes the GIL; gives what is to be undone. `NOT_ENTERED`: Python has ended while this thread waited.
#[inline(always)]
fn enter_usually(thread: &Thread, (runtime, own): Outside) -> u8 {
    // SAFETY: the state belongs to this thread, which does not hold the GIL.
    unsafe { (runtime.api.PyEval_RestoreThread)(own) };
    if attention::is_wanted() {
        return go_on(thread, runtime);
    }
    TOOK_GIL
}

/// What is wanted of an operation that has just taken the GIL.
#[inline(never)]
extern "C" fn go_on(thread: &Thread, runtime: &'static Runtime) -> u8 {
    if deferred::settle_one(Python::assume(runtime, thread)) {
        return TOOK_GIL;
    }
    go_on_otherwise(thread, runtime)
}

/// Python may have ended while the operation waited.
#[inline(never)]
extern "C" fn go_on_otherwise(thread: &Thread, runtime: &'static Runtime) -> u8 {
    if attention::is_wanted_for(attention::NOT_RUNNING) {
        give_back(runtime);
        return NOT_ENTERED;
    }
    boundary::caught(|| deferred::settle(Python::assume(runtime, thread)));
    TOOK_GIL
}

/// Ends what `begin` has begun, if it has.
#[inline(always)]
pub(crate) fn end(thread: &Thread, entered: u8) {
    if errands::are_there() || entered != 0 {
        end_otherwise(thread, entered);
    }
}

#[cold]
#[inline(never)]
extern "C" fn end_otherwise(thread: &Thread, entered: u8) {
    if entered == TOOK_GIL && !errands::are_there() {
        // SAFETY: the operation has begun, so Python is loaded.
        return give_back(unsafe { runtime::loaded_unchecked() });
    }
    if entered == NOT_ENTERED {
        return;
    }
    let _entered = Entered(entered);
    // SAFETY: the operation has begun, so Python is loaded.
    let py = Python::assume(unsafe { runtime::loaded_unchecked() }, thread);
    errands::see_to(py);
}

/// Where the calling thread is, where nothing else is to be seen to.
pub(crate) enum Place<'g> {
    /// It holds the GIL under its own thread state.
    Inside(Python<'g>),
    /// It has a thread state, and does not hold the GIL.
    Outside,
    /// It takes a closer look.
    Unclear,
}

#[inline(always)]
pub(crate) fn place(thread: &Thread) -> Place<'_> {
    if attention::is_wanted() {
        return Place::Unclear;
    }
    // SAFETY: it would be wanted where Python does not run.
    let runtime = unsafe { runtime::loaded_unchecked() };
    let current = runtime.current.get();
    if thread.is_ready_under(current) {
        return Place::Inside(Python::assume(runtime, thread));
    }
    match thread.ready() {
        Some(own) if !is_in_python(runtime, own, current) => Place::Outside,
        _ => Place::Unclear,
    }
}

/// The token, where the calling thread is `Place::Inside`.
#[inline(always)]
pub(crate) fn inside(thread: &Thread) -> Option<Python<'_>> {
    match place(thread) {
        Place::Inside(py) => Some(py),
        _ => None,
    }
}

/// The beginning of an operation, whatever it takes; gives what its end has to undo.
#[inline(never)]
fn enter(thread: &Thread) -> Outcome<u8> {
    let guest = Guest::enter();
    let runtime = runtime::required()?;
    let took_gil = acquire(runtime, thread)?;
    let leave = Leave { runtime, took_gil };
    if took_gil {
        // Python may have ended while this thread waited for the GIL.
        runtime::required()?;
    }
    let py = Python::assume(runtime, thread);
    if attention::is_wanted() {
        deferred::settle(py);
    }
    if thread.has_pending() {
        forget_pending(py);
    }
    let entered = if guest.0 { IS_GUEST } else { 0 } | if took_gil { TOOK_GIL } else { 0 };
    std::mem::forget((guest, leave));
    Ok(entered)
}

/// The host has not asked about the error of an earlier call.
#[cold]
fn forget_pending(py: Python<'_>) {
    if let Some(pending) = py.thread.take_pending() {
        for object in pending.objects() {
            py.drop_object(object);
        }
    }
}

/// Whether an operation of this thread would find the GIL held, so that releasing a reference
/// needs no waiting.
pub(crate) fn is_held(runtime: &Runtime, thread: &Thread) -> bool {
    holds(runtime, thread.state())
}

/// The running Python and the state of a thread that is not in it.
pub(crate) type Outside = (&'static Runtime, *mut PyThreadState);

/// Given where entering is taking the GIL under that state, and a look at what others have released.
#[inline(always)]
pub(crate) fn outside(thread: &Thread) -> Option<Outside> {
    let own = thread.ready()?;
    if attention::is_wanted_for_more() {
        return None;
    }
    // SAFETY: more would be wanted where Python does not run.
    let runtime = unsafe { runtime::loaded_unchecked() };
    (!is_in_python(runtime, own, runtime.current.get())).then_some((runtime, own))
}

/// Whether a thread with this state of its own holds the GIL. Not where Python is the host's own: that
/// may have subinterpreters.
#[inline(always)]
fn is_in_python(runtime: &Runtime, own: *mut PyThreadState, current: *mut PyThreadState) -> bool {
    current == own || runtime.current.is_of_thread && !current.is_null()
}

/// The running Python, if its GIL is held; what others have left is done then.
#[inline(never)]
pub(crate) fn settled(thread: &Thread) -> Option<&'static Runtime> {
    let runtime = runtime::running().filter(|runtime| is_held(runtime, thread))?;
    deferred::settle(Python::assume(runtime, thread));
    Some(runtime)
}

/// Takes the GIL for good, at the end of the process.
pub(crate) fn keep(runtime: &Runtime, thread: &Thread) {
    let _ = acquire(runtime, thread);
}
