//! Operations in a process whose host has a Python of its own: its end has to wait for them.

use std::sync::atomic::{AtomicUsize, Ordering::*, fence};

use crate::attention;

/// An operation in a process whose host has a Python of its own, which is not to end meanwhile.
pub(super) struct Guest(pub(super) bool);

static GUESTS: AtomicUsize = AtomicUsize::new(0);

impl Guest {
    pub(super) fn enter() -> Self {
        let counted = attention::is_wanted_for(attention::COUNTED);
        if counted {
            // In one order with the end of Python: either that sees this one, or this one that.
            GUESTS.fetch_add(1, SeqCst);
            fence(SeqCst);
        }
        Guest(counted)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if self.0 {
            GUESTS.fetch_sub(1, Release);
        }
    }
}

/// From now on operations are counted.
pub(super) fn count() {
    attention::call(attention::COUNTED);
}

/// Whether an operation is under way on any thread. What begins after the end of Python gives up.
pub(super) fn are_there() -> bool {
    fence(SeqCst);
    GUESTS.load(SeqCst) != 0
}
