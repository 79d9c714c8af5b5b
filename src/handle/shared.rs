//! The handle table where there is no GIL: threads use handles at the same time.
//!
//! Between the look into a slot and the reference that the looking thread takes, another thread
//! might end the handle and drop the object. So each slot has a count of those who look at it just
//! now. A thread counts itself in and then sees whether the handle is live; one that ends a handle
//! does so and then sees whether somebody looks, in which case the object is left to the doomed,
//! for a moment. Whichever of the two comes second knows of the other; nobody waits.
//!
//! A thread keeps some of the handles that it releases, and drops the objects itself at its next
//! operation: they are most likely its own, and no other thread has to do with them.
//!
//! Slots of such a table have a mark in their generation, so that whatever knows nothing of all
//! this finds no live handle in them: with a GIL, not an instruction is spent on it.

use std::cell::RefCell;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering::*};

use super::{CHUNKS, Cache, END, Line, Slot, Table, chunk_len, emb_handle, place, split};
use crate::python::ffi::PyObject;

/// In the generation of a slot: there is no GIL.
const MARK: u32 = 1 << 31;

/// The end of the chain of the doomed where there is no GIL. Unlike `END`, it has every operation
/// look for what its own thread has kept.
pub(super) const NOBODY: u32 = u32::MAX;

/// How many doomed slots a thread keeps. They may wait long, where it is idle.
const KEPT: usize = 16;

pub(super) struct Shared {
    is_on: AtomicBool,
    /// For each slot, how many threads look at it.
    lookers: [AtomicPtr<AtomicU32>; CHUNKS],
}

impl Shared {
    pub(super) const fn new() -> Self {
        Shared {
            is_on: AtomicBool::new(false),
            lookers: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
        }
    }

    pub(super) fn new_slot(&self) -> Slot {
        let slot = Slot::default();
        if self.is_on.load(Relaxed) {
            slot.generation.store(MARK, Relaxed);
        }
        slot
    }

    /// Called before the chunk's slots are there for others.
    pub(super) fn ensure_chunk(&self, chunk: usize) {
        if self.is_on.load(Relaxed) {
            let lines = (0..chunk_len(chunk) / 16).map(|_| Line([(); 16].map(|()| 0.into())));
            let lines: Box<[Line<[AtomicU32; 16]>]> = lines.collect();
            self.lookers[chunk].store(Box::leak(lines).as_mut_ptr().cast(), Release);
        }
    }

    fn lookers(&self, index: u32) -> Option<&AtomicU32> {
        let (chunk, offset) = place(index);
        let counts = NonNull::new(self.lookers.get(chunk)?.load(Acquire))?;
        // SAFETY: as many counts as slots, never freed, and `place` keeps `offset` within them.
        Some(unsafe { &*counts.as_ptr().add(offset) })
    }
}

impl Slot {
    /// `Table::end` for a slot with a mark.
    #[cold]
    #[inline(never)]
    pub(super) fn end_marked(&self, generation: u32) -> Result<u32, u32> {
        let (live, ended) = (generation | MARK, (generation + 1) | MARK);
        // In one order with the counts of those who look, as the loads and stores below.
        self.generation
            .compare_exchange(live, ended, SeqCst, Relaxed)
    }

    pub(super) fn has_mark(&self) -> bool {
        self.generation.load(Relaxed) & MARK != 0
    }
}

impl Cache {
    /// Keeps a doomed slot for the next operation of this thread, unless it has many.
    pub(crate) fn keep(&mut self, index: u32) -> bool {
        let has_room = self.doomed.len() < KEPT;
        if has_room {
            self.doomed.push(index);
        }
        has_room
    }
}

impl Table {
    /// From now on there is no GIL. Called before the first object is put in.
    pub(crate) fn share(&self) {
        self.shared.is_on.store(true, Relaxed);
        self.doomed.store(NOBODY, Relaxed);
    }

    pub(super) fn is_shared(&self) -> bool {
        self.shared.is_on.load(Relaxed)
    }

    /// The chain of everything that is doomed, for the calling thread alone.
    pub(super) fn take_chain(&self, cache: &RefCell<Cache>) -> u32 {
        if !self.is_shared() {
            return self.doomed.swap(END, Acquire);
        }
        let mut chain = match self.doomed.load(Relaxed) {
            NOBODY => END,
            _ => self.doomed.swap(NOBODY, Acquire),
        };
        for index in cache.borrow_mut().doomed.drain(..) {
            if let Some(slot) = self.slot(index) {
                slot.next.store(chain, Relaxed);
                chain = index;
            }
        }
        chain
    }

    /// Leaves to others what a thread has kept.
    pub(super) fn chain_all(&self, cache: &mut Cache) {
        for index in cache.doomed.drain(..) {
            if let Some(slot) = self.slot(index) {
                self.chain(index, slot);
            }
        }
    }

    /// Whether a handle is live, at this moment.
    pub(crate) fn is_live(&self, handle: emb_handle) -> bool {
        self.look(handle, |_| ()).is_some()
    }

    /// Runs `f` with the object of a live handle, which lives at least as long. `f` may not wait.
    pub(crate) fn look<R>(
        &self,
        handle: emb_handle,
        f: impl FnOnce(NonNull<PyObject>) -> R,
    ) -> Option<R> {
        if let Some(object) = self.get(handle) {
            return Some(f(object));
        }
        let (index, generation) = split(handle)?;
        let slot = self.slot(index)?;
        let lookers = self.shared.lookers(index)?;
        lookers.fetch_add(1, SeqCst);
        let is_live = slot.generation.load(SeqCst) == generation | MARK;
        let object = NonNull::new(slot.object.load(Relaxed)).filter(|_| is_live);
        let result = object.map(f);
        lookers.fetch_sub(1, Release);
        result
    }

    /// Whether a thread looks at the object of an ended slot, and may be taking a reference.
    #[cold]
    #[inline(never)]
    pub(super) fn is_looked_at(&self, index: u32) -> bool {
        let lookers = self.shared.lookers(index);
        lookers.is_some_and(|count| count.load(SeqCst) != 0)
    }
}
