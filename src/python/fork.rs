//! Forks of the process, and which of their children go on with Python.
//!
//! The child has one thread, and what other threads held or were about to change stays so. CPython
//! puts itself right in the child, if it was told before the fork: by its own `os.fork`, or by a
//! host (`prepare`). After any other fork its locks may be held by threads that are no more, and
//! every call says so.

use std::cell::Cell;
use std::ptr;
use std::sync::MutexGuard;

use super::capsule;
use super::deferred;
use super::errands;
use super::ffi::{NoArguments, Object};
use super::gil::Python;
use super::late;
use super::loans;
use super::release;
use super::runtime;
use super::scope;
use super::states;
use crate::failure::{Failure, Outcome};
use crate::handle::{Notes, Pool, TABLE, notes};
use crate::platform::{Os, Platform};
use crate::status::EMB_BAD_CALL;
use crate::thread::{self, Thread};

static AFTER_IN_CHILD: NoArguments = NoArguments::new(c"emb_after_fork", after_in_child);

/// Sees to forks from now on.
pub(crate) fn watch(py: Python<'_>) -> Outcome<()> {
    Os::at_fork(before, in_parent, in_child);
    // SAFETY: the definition is static, and never written to.
    let after = unsafe { py.own(AFTER_IN_CHILD.to_callable(py.api()))? };
    let register = py.import("os")?.getattr("register_at_fork")?;
    let keywords = py.tuple([py.text("after_in_child")?].into_iter())?;
    register.call(&[after], Some(&keywords))?;
    Ok(())
}

/// The locks of libemb. Each is held for a few instructions only, and none while another is taken,
/// so whoever forks can wait for all of them.
struct Locks {
    _table: MutexGuard<'static, Pool>,
    _notes: MutexGuard<'static, Notes>,
    _graves: MutexGuard<'static, Vec<deferred::Remains>>,
    _released: MutexGuard<'static, Vec<usize>>,
    _errands: MutexGuard<'static, errands::Queue>,
    _late: MutexGuard<'static, Vec<late::Waiting>>,
    _capsules: MutexGuard<'static, ()>,
    _loans: Vec<MutexGuard<'static, ()>>,
}

thread_local! {
    /// The locks that this thread holds while it forks. A plain pointer, which can be used at any
    /// moment of the thread's life.
    static HELD: Cell<*mut Locks> = const { Cell::new(ptr::null_mut()) };
}

/// The child must not find a lock that nobody is there to open.
unsafe extern "C" fn before() {
    states::before_fork();
    let locks = Box::new(Locks {
        _table: TABLE.lock(),
        _notes: notes(),
        _graves: deferred::graves(),
        _released: release::queue(),
        _errands: errands::queue(),
        _late: late::waiting(),
        _capsules: capsule::TAKING.lock(),
        _loans: loans::locks(),
    });
    HELD.set(Box::into_raw(locks));
}

unsafe extern "C" fn in_parent() {
    open_locks();
    states::in_parent();
}

unsafe extern "C" fn in_child() {
    open_locks();
    states::in_child();
    runtime::set_forked();
}

/// Opens what `before` has locked on this thread, which has forked.
fn open_locks() {
    let locks = HELD.replace(ptr::null_mut());
    if !locks.is_null() {
        // SAFETY: made by `before`, on this thread, and taken out once.
        drop(unsafe { Box::from_raw(locks) });
    }
}

/// CPython has put itself right in the child and calls this, with the GIL held.
unsafe extern "C" fn after_in_child(_: Object, _: Object) -> Object {
    runtime::set_unforked();
    deferred::forget_threads();
    // CPython makes the forking thread its main thread.
    thread::with(|thread| thread.is_main.set(true));
    runtime::loaded().map_or(ptr::null_mut(), |runtime| {
        // SAFETY: the GIL is held.
        unsafe { (runtime.api.Py_IncRef)(runtime.api._Py_NoneStruct) };
        runtime.api._Py_NoneStruct
    })
}

/// The host is about to fork, and wants Python in the child. Takes the GIL until `parent` or `child`.
pub(crate) fn prepare(thread: &Thread) -> Outcome<()> {
    if thread.forking.get() != 0 {
        return Err(bad_call(
            "emb_fork_prepare twice: fork, then call emb_fork_parent or emb_fork_child",
        ));
    }
    scope::lock(thread)?;
    if let Some(runtime) = runtime::loaded() {
        // SAFETY: the GIL is held.
        unsafe { (runtime.api.PyOS_BeforeFork)() };
    }
    thread.forking.set(std::process::id());
    Ok(())
}

/// The fork is over, or has failed: for the process that has called `prepare`.
pub(crate) fn parent(thread: &Thread) -> Outcome<()> {
    finish(thread, false)
}

/// The fork is over: for the child, in which Python goes on.
pub(crate) fn child(thread: &Thread) -> Outcome<()> {
    finish(thread, true)
}

fn finish(thread: &Thread, in_child: bool) -> Outcome<()> {
    let name = if in_child {
        "emb_fork_child"
    } else {
        "emb_fork_parent"
    };
    let pid = std::process::id();
    let prepared = thread.forking.get();
    if prepared == 0 {
        runtime::required()?;
        return Err(bad_call(&format!(
            "{name} without emb_fork_prepare on this thread"
        )));
    }
    if in_child != (pid != prepared) {
        let whose = if in_child { "parent" } else { "child" };
        return Err(bad_call(&format!(
            "{name} in the {whose} of the fork: call the other one"
        )));
    }
    thread.forking.set(0);
    if let Some(runtime) = runtime::loaded() {
        // SAFETY: the GIL is held since `prepare`, by this thread.
        unsafe {
            if in_child {
                (runtime.api.PyOS_AfterFork_Child)();
            } else {
                (runtime.api.PyOS_AfterFork_Parent)();
            }
        }
    }
    scope::unlock(thread)
}

fn bad_call(message: &str) -> Failure {
    Failure::own(EMB_BAD_CALL, message)
}
