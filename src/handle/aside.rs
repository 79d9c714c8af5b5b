//! Handles that Python's main thread has released without the GIL: in most programs, all that are.
//!
//! That thread alone puts them here, and whoever holds the GIL takes them, so that no step of it has to
//! be one for all processors at once (a locked instruction costs as much as twenty others). What finds
//! no room is chained like that of other threads.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

use super::emb_handle;

const ROOM: u32 = 8;

pub(crate) struct Aside {
    /// How many were ever put here, modulo 2^32, and how many of them were taken.
    put: AtomicU32,
    taken: AtomicU32,
    handles: [AtomicU64; ROOM as usize],
}

impl Aside {
    pub(crate) const fn new() -> Self {
        Aside {
            put: AtomicU32::new(0),
            taken: AtomicU32::new(0),
            handles: [const { AtomicU64::new(0) }; ROOM as usize],
        }
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.put.load(Acquire) == self.taken.load(Relaxed)
    }

    fn place(&self, number: u32) -> &AtomicU64 {
        &self.handles[(number % ROOM) as usize]
    }

    /// Whether this handle is here; of the others, whatever is put or taken meanwhile.
    pub(super) fn has(&self, handle: emb_handle) -> bool {
        let (taken, put) = (self.taken.load(Acquire), self.put.load(Acquire));
        let count = put.wrapping_sub(taken).min(ROOM);
        (0..count).any(|i| self.place(taken.wrapping_add(i)).load(Relaxed) == handle)
    }

    /// Only on Python's main thread. False where it is here already, or there is no room, or it is not
    /// live, which is asked last: what was here is so until it is taken.
    #[inline(always)]
    pub(super) fn put(&self, handle: emb_handle, is_live: impl FnOnce() -> bool) -> bool {
        let (put, taken) = (self.put.load(Relaxed), self.taken.load(Acquire));
        let count = put.wrapping_sub(taken);
        let is_here = |i| self.place(taken.wrapping_add(i)).load(Relaxed) == handle;
        if count >= ROOM || (0..count).any(is_here) || !is_live() {
            return false;
        }
        self.place(put).store(handle, Relaxed);
        self.put.store(put.wrapping_add(1), Release);
        true
    }

    /// How many are here, for the one who may take them: who holds the GIL.
    #[inline(always)]
    pub(super) fn count(&self) -> u32 {
        let taken = self.taken.load(Relaxed);
        self.put.load(Acquire).wrapping_sub(taken)
    }

    /// The oldest, of at least one. It stays until `end` has ended it: so whoever releases it again
    /// meanwhile finds it here, or ended. Only with the GIL held.
    #[inline(always)]
    pub(super) fn take<R>(&self, end: impl FnOnce(emb_handle) -> R) -> R {
        let taken = self.taken.load(Relaxed);
        let ended = end(self.place(taken).load(Relaxed));
        self.taken.store(taken.wrapping_add(1), Release);
        ended
    }
}
