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

    /// Only on Python's main thread. False where there is no room.
    pub(super) fn put(&self, handle: emb_handle) -> bool {
        let put = self.put.load(Relaxed);
        let has_room = put.wrapping_sub(self.taken.load(Acquire)) < ROOM;
        if has_room {
            self.place(put).store(handle, Relaxed);
            self.put.store(put.wrapping_add(1), Release);
        }
        has_room
    }

    /// The oldest, which stays until `end` has ended it: so whoever releases it again meanwhile finds it
    /// here, or ended. Only with the GIL held.
    pub(super) fn take(&self, end: impl FnOnce(emb_handle)) -> bool {
        let taken = self.taken.load(Relaxed);
        let is_there = self.put.load(Acquire) != taken;
        if is_there {
            end(self.place(taken).load(Relaxed));
            self.taken.store(taken.wrapping_add(1), Release);
        }
        is_there
    }
}
