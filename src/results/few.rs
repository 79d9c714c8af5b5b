//! Few items of a tuple have a place of their own, so that the usual one takes no allocation.

use std::cell::UnsafeCell;

use super::EMB_RESULTS_KEPT;
use crate::value::emb_value;

/// Items that there is room for.
pub(crate) const FEW: usize = 8;

/// Room for those of each place in a thread's ring of unpacked results.
pub(super) struct Few([UnsafeCell<[emb_value; FEW]>; EMB_RESULTS_KEPT]);

impl Few {
    pub(super) const fn new() -> Self {
        Few([const { UnsafeCell::new([emb_value::NONE; FEW]) }; EMB_RESULTS_KEPT])
    }

    /// Copies at most `FEW` items to a place where nothing is the host's any more.
    pub(super) fn copy(&self, place: usize, items: &[emb_value]) -> *const emb_value {
        let room = self.0[place].get();
        // SAFETY: only this thread writes there, and it has no reference into it.
        unsafe { (&mut *room)[..items.len()].copy_from_slice(items) };
        room.cast()
    }
}
