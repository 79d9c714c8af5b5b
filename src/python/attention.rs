//! One word for everything that an operation has to see to besides its work. It is read at the
//! beginning and at the end of each, and nearly always there is nothing.

use std::sync::atomic::{AtomicU32, Ordering::*};

/// Python does not run: not yet, not any more, or not in this child of a fork.
pub(crate) const NOT_RUNNING: u32 = 1;
/// Operations are counted, because the Python is the host's own, which may end.
pub(crate) const COUNTED: u32 = 2;
/// References wait to be dropped. Where there is no GIL a thread may keep some, so it is always set.
pub(crate) const DOOMED: u32 = 4;
/// Ended threads have left something.
pub(crate) const GRAVES: u32 = 8;
/// Something waits for a thread that alone can call the host.
pub(crate) const ERRANDS: u32 = 16;

static WANTED: AtomicU32 = AtomicU32::new(NOT_RUNNING);

/// Whether there is anything.
#[inline]
pub(crate) fn is_wanted() -> bool {
    WANTED.load(Acquire) != 0
}

/// Whether there is this.
pub(crate) fn is_wanted_for(what: u32) -> bool {
    WANTED.load(SeqCst) & what != 0
}

/// Takes no lock and no memory: signal handlers and children of a fork may call it.
pub(crate) fn call(what: u32) {
    // In one order with what is waiting and with those who take it: see `deferred`.
    if !is_wanted_for(what) {
        WANTED.fetch_or(what, SeqCst);
    }
}

/// Called before what waits is taken, so that whatever comes meanwhile is seen the next time.
pub(crate) fn end(what: u32) {
    WANTED.fetch_and(!what, SeqCst);
}
