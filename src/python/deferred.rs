//! Work that needs the GIL, left behind by code that must not wait for it: references released
//! by finalisers, and the thread states of threads that have ended.
//!
//! Nothing here blocks the one who leaves work behind. References are dropped by the next thread
//! that enters Python, or by a pending call where Python itself is busy. Thread states go to a
//! helper thread, which ends with it: deleting one takes the state of the deleting thread itself out
//! of CPython's records (3.12 and later).

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::*};

use super::ffi::{Object, PyObject, PyThreadState};
use super::gil::Python;
use super::guests::Guest;
use super::runtime::{self, Runtime};
use super::states;
use crate::attention;
use crate::handle::{TABLE, emb_handle};
use crate::platform::{Os, Platform};
use crate::thread::{self, Thread};

/// What a host thread leaves behind when it ends.
pub(crate) struct Remains {
    pub state: *mut PyThreadState,
    pub objects: Vec<Object>,
    /// The thread ended inside a lock scope.
    pub holds_gil: bool,
    pub thread: <Os as Platform>::ThreadNumber,
}

// SAFETY: a thread state and references are plain addresses here; they are only used by the one
// helper thread that takes the remains over, with the GIL held.
unsafe impl Send for Remains {}

static GRAVES: Mutex<Vec<Remains>> = Mutex::new(Vec::new());
/// A pending call is on its way. It comes when Python runs next in its main thread, which may be
/// long after the references were dropped by an operation.
static SCHEDULED: AtomicBool = AtomicBool::new(false);

/// Takes a thread's remains. Called while the thread ends; takes a lock that is only ever held
/// for a push or a swap.
pub(crate) fn bury(remains: Remains) {
    let Some(runtime) = runtime::loaded() else {
        return;
    };
    if remains.holds_gil {
        // SAFETY: this thread holds the GIL through a lock scope that it never closed.
        unsafe { (runtime.api.PyEval_SaveThread)() };
    }
    if remains.state.is_null() && remains.objects.is_empty() {
        return;
    }
    graves().push(remains);
    attention::call(attention::GRAVES);
}

/// Ends a handle without the GIL; the reference is dropped later. False if it was not live.
pub(crate) fn doom(handle: emb_handle) -> bool {
    let (is_main, done) = thread::with(|thread| (thread.is_main.get(), set_aside(thread, handle)));
    if done {
        return true;
    }
    let Some(first) = TABLE.doom(handle, keep) else {
        return false;
    };
    // Only the main thread runs pending calls, and it is not in Python now if it is this one.
    if first && !is_main {
        schedule();
    }
    true
}

/// The same where that is simple: on Python's main thread, if few wait.
#[inline(always)]
pub(crate) fn set_aside(thread: &Thread, handle: emb_handle) -> bool {
    thread.is_main.get() && TABLE.set_aside(handle)
}

/// A thread that uses Python itself keeps what it releases until then, where there is no GIL.
fn keep(index: u32) -> bool {
    thread::with(|thread| !thread.state().is_null() && thread.slots.keep(index, &TABLE))
}

/// Asks Python to drop what waits when it comes to it, unless it has been asked already.
fn schedule() {
    let Some(runtime) = runtime::running().filter(|runtime| takes_calls(runtime)) else {
        return;
    };
    if !SCHEDULED.swap(true, AcqRel) {
        // SAFETY: may be called on any thread, without the GIL.
        let refused =
            unsafe { (runtime.api.Py_AddPendingCall)(pending_call, std::ptr::null_mut()) };
        // A full queue is no loss: the next operation of any thread drops the references.
        if refused != 0 {
            SCHEDULED.store(false, Release);
        }
    }
}

/// A host that is CPython 3.8 may be finalising, and then refuses a pending call by an exception,
/// which without the GIL is a crash.
fn takes_calls(runtime: &Runtime) -> bool {
    !runtime.attached || runtime.version >= (3, 9)
}

/// Python's evaluation loop calls this with the GIL held, in its main thread.
unsafe extern "C" fn pending_call(_: *mut c_void) -> c_int {
    SCHEDULED.store(false, Release);
    if let Some(runtime) = runtime::running() {
        thread::with(|thread| drop_doomed(runtime, thread));
    }
    0
}

/// Does what others left; called whenever a thread has entered Python and something wants attention.
pub(crate) fn settle(py: Python<'_>) {
    if attention::has_released() {
        drop_doomed(py.runtime, py.thread);
    }
    if attention::is_wanted_for(attention::GRAVES) {
        clear_graves(py.runtime);
    }
}

/// `settle` where there is one thing to do, and it is the usual one: an object that Python's main thread
/// has set aside. Says whether it was.
#[inline(always)]
pub(crate) fn settle_one(py: Python<'_>) -> bool {
    if attention::is_wanted_for(!0) {
        return false;
    }
    let only = TABLE.take_only_aside(&py.thread.slots);
    only.inspect(|object| drop_reference(py.runtime, *object))
        .is_some()
}

fn drop_doomed(runtime: &Runtime, thread: &Thread) {
    TABLE.take_doomed(&thread.slots, |object| drop_reference(runtime, object));
}

/// Drops a reference. The caller holds the GIL.
#[inline]
pub(crate) fn drop_reference(runtime: &Runtime, object: NonNull<PyObject>) {
    // SAFETY: the table owned this reference, and the caller holds the GIL.
    unsafe { runtime.counts.decrease(object.as_ptr()) }
}

#[cold]
fn clear_graves(runtime: &'static Runtime) {
    attention::end(attention::GRAVES);
    let helper = std::thread::Builder::new().name("emb-thread-states".into());
    // Without a helper thread (the process is at its limit) the states stay until next time.
    if helper.spawn(move || empty_graves(runtime)).is_err() {
        attention::call(attention::GRAVES);
    }
}

fn empty_graves(runtime: &Runtime) {
    // Like an operation: the end of the host's own Python waits for this thread, or is seen here.
    let _guest = Guest::enter();
    if runtime::running().is_none() {
        return;
    }
    let all = std::mem::take(&mut *graves());
    let (gone, dying): (Vec<_>, Vec<_>) = all.into_iter().partition(Remains::is_of_the_dead);
    gone.iter().for_each(|gone| clear(gone, runtime));
    if !dying.is_empty() {
        graves().extend(dying);
        attention::call(attention::GRAVES);
    }
}

pub(crate) fn graves() -> std::sync::MutexGuard<'static, Vec<Remains>> {
    GRAVES
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Remains {
    /// Whether the thread is really gone. One that calls `exit` leaves its remains like any other,
    /// and then runs the exit functions of the process, Python's among them, under its old state.
    fn is_of_the_dead(&self) -> bool {
        // A thread that ends has little left to do after its thread-local variables.
        const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);
        for _ in 0..10 {
            if Os::has_ended(self.thread) {
                return true;
            }
            std::thread::sleep(MILLISECOND);
        }
        false
    }
}

/// Does away with what an ended thread has left. What is dropped here may run any code, which may ask
/// Python for the state of this thread: so that has one of its own while it does.
fn clear(gone: &Remains, runtime: &Runtime) {
    if states::make(runtime).is_err() {
        return;
    }
    // SAFETY: the thread of this state is gone, so nobody runs under it. No code of Python runs between
    // clearing and deleting a state: the child of a fork at that moment would clear it once more,
    // which without a GIL is a crash. Deleting it takes this thread's own state out of CPython's
    // records, which is deleted too.
    unsafe {
        let api = &runtime.api;
        for object in &gone.objects {
            (api.Py_DecRef)(*object);
        }
        if !gone.state.is_null() {
            (api.PyThreadState_Clear)(gone.state);
            (api.PyThreadState_Delete)(gone.state);
        }
        (api.PyThreadState_Clear)(runtime.current.get());
        (api.PyThreadState_DeleteCurrent)();
    }
}

/// In the child of a fork: CPython has deleted the states of all other threads.
pub(crate) fn forget_threads() {
    SCHEDULED.store(false, Release);
    for remains in &mut *graves() {
        remains.state = std::ptr::null_mut();
    }
}

/// Drops a reference from code that may not hold the GIL. Null is fine.
pub(crate) fn drop_later(object: Object) {
    let Some(object) = NonNull::new(object) else {
        return;
    };
    thread::with(|thread| {
        if let Ok(handle) = TABLE.insert(&thread.slots, object) {
            doom(handle);
        }
    });
}
