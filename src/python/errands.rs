//! What a thread of the host is to do when it is in Python next, left there by other threads: calls
//! of host functions that only that thread can make.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::thread::ThreadId;

use super::gil::Python;
use super::holder::aside;
use super::suspend;
use crate::attention;
use crate::boundary;

type Errand = Box<dyn FnOnce() + Send>;
pub(crate) type Queue = VecDeque<(ThreadId, Errand)>;

static QUEUE: Mutex<Queue> = Mutex::new(VecDeque::new());

pub(crate) fn queue() -> MutexGuard<'static, Queue> {
    QUEUE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Leaves something to do for a thread.
pub(crate) fn leave(thread: ThreadId, errand: Errand) {
    let mut queue = queue();
    queue.push_back((thread, errand));
    attention::call(attention::ERRANDS);
}

#[inline(always)]
pub(crate) fn are_there() -> bool {
    attention::is_wanted_for(attention::ERRANDS)
}

/// Does what is left for the calling thread, in order. Called at the end of each operation.
#[inline(always)]
pub(crate) fn see_to(py: Python<'_>) {
    if are_there() {
        run(py);
    }
}

#[cold]
fn run(py: Python<'_>) {
    boundary::caught(|| run_all(py));
}

thread_local! {
    /// The thread is at it: what the host calls meanwhile does not begin with the next.
    static AT_IT: Cell<bool> = const { Cell::new(false) };
}

fn run_all(py: Python<'_>) {
    if AT_IT.replace(true) {
        return;
    }
    while let Some(errand) = next() {
        let begun = py.thread.set_aside();
        let outside = py.thread.enter_callback(py.caller());
        // SAFETY: the GIL is held, as `py` proves, and again when the host is done.
        unsafe {
            aside(py.runtime, || {
                errand();
                suspend::end(py);
            });
        }
        py.thread.leave_callback(outside);
        py.thread.put_back(begun);
    }
    AT_IT.set(false);
}

/// The oldest that is meant for the calling thread.
fn next() -> Option<Errand> {
    let me = std::thread::current().id();
    let mut queue = queue();
    let place = queue.iter().position(|(thread, _)| *thread == me)?;
    let errand = queue.remove(place)?.1;
    if queue.is_empty() {
        attention::end(attention::ERRANDS);
    }
    Some(errand)
}
