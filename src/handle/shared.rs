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
//! In the slots of such a table the handles have a mark, so that whatever knows nothing of all this
//! finds no live handle in them: with a GIL, hardly an instruction is spent on it.

use std::cell::Cell;
use std::iter;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*};

use super::slots::{self, Slot};
use super::{
    CACHE_REFILL, Cache, END, FREE, INDEX_BITS, LAST_INDEX, LAST_LIFE, Table, emb_handle, index_of,
};
use crate::python::ffi::PyObject;

/// In the handle of a slot this bit is the other way round: there is no GIL.
const MARK: u64 = 2;
/// A slot whose handle has ended has this and the handle's life in it, and the index of the next one
/// that is doomed. No handle has it, with the mark or without.
const ENDED: u64 = 1 << 63;

/// What a slot has in it while this handle to it is live; None for what is no handle.
fn marked(handle: emb_handle) -> Option<u64> {
    let life = handle >> INDEX_BITS;
    (life != 0 && life <= LAST_LIFE).then_some(handle ^ MARK)
}

/// How many doomed slots a thread keeps. They may wait long, where it is idle.
const MOST_KEPT: usize = 16;

/// The doomed slots that a thread keeps, as a chain.
pub(super) struct Kept {
    first: Cell<u32>,
    count: Cell<usize>,
}

impl Kept {
    pub(super) const fn new() -> Self {
        Kept {
            first: Cell::new(END),
            count: Cell::new(0),
        }
    }
}

pub(super) struct Shared {
    /// `MARK`, or 0 where there is a GIL.
    mark: AtomicU64,
    /// For each slot, how many threads look at it.
    lookers: AtomicPtr<AtomicU32>,
}

impl Shared {
    pub(super) const fn new() -> Self {
        Shared {
            mark: AtomicU64::new(0),
            lookers: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// How handles differ from what live slots have in them.
    #[inline(always)]
    pub(super) fn mark(&self) -> u64 {
        self.mark.load(Relaxed)
    }
}

impl Slot {
    /// The next of the doomed, of which this is one.
    fn next_doomed(&self) -> u32 {
        index_of(self.handle.load(Relaxed))
    }

    fn link_doomed(&self, next: u32) {
        let ended = self.handle.load(Relaxed) & !LAST_INDEX;
        self.handle.store(ended | u64::from(next), Relaxed);
    }
}

impl Cache {
    /// Keeps a doomed slot for the next operation of this thread, unless it has many.
    pub(crate) fn keep(&self, index: u32, table: &Table) -> bool {
        let kept = &self.kept;
        if kept.count.get() == MOST_KEPT {
            return false;
        }
        let slot = table.slots.of(index.into());
        slot.link_doomed(kept.first.replace(index));
        kept.count.set(kept.count.get() + 1);
        true
    }

    /// Takes out one of those.
    fn pop_kept(&self, table: &Table) -> Option<u32> {
        let index = self.kept.first.get();
        if index == END {
            return None;
        }
        let slot = table.slots.of(index.into());
        self.kept.first.set(slot.next_doomed());
        self.kept.count.set(self.kept.count.get() - 1);
        Some(index)
    }
}

impl Table {
    /// From now on there is no GIL. Called before the first object is put in.
    pub(crate) fn share(&self) {
        self.shared.mark.store(MARK, Relaxed);
    }

    pub(super) fn is_shared(&self) -> bool {
        self.shared.mark() != 0
    }

    /// What `Slots::reserve` does, for those who look. Called with the pool locked.
    pub(super) fn reserve_lookers(&self) -> Option<()> {
        if self.is_shared() {
            let lookers = slots::reserve(self.slots.count())?;
            self.shared.lookers.store(lookers.as_ptr(), Release);
            slots::open(lookers.as_ptr(), 0)?;
        }
        Some(())
    }

    /// What `Slots::open` does.
    pub(super) fn open_lookers(&self, index: u32) -> Option<()> {
        let is_wanted = self.is_shared() && slots::begins(index);
        if is_wanted {
            slots::open(self.shared.lookers.load(Relaxed), index as usize)?;
        }
        Some(())
    }

    /// Of a live or an ended handle.
    fn lookers(&self, handle: emb_handle) -> Option<&AtomicU32> {
        let index = index_of(handle) as usize;
        let lookers = NonNull::new(self.shared.lookers.load(Acquire))?;
        // SAFETY: as many counts as slots, for good.
        (index < self.slots.count()).then(|| unsafe { &*lookers.as_ptr().add(index) })
    }

    /// The slot of a handle that is live at this moment, and what is in it. Of others nothing is
    /// written: their slots may not have been opened.
    fn marked_live(&self, handle: emb_handle) -> Option<(&'static Slot, u64)> {
        let (slot, live) = (self.slots.of(handle), marked(handle)?);
        (slot.handle.load(Relaxed) == live).then_some((slot, live))
    }

    /// Ends a handle: its slot, or None where it was not live.
    fn end(&self, handle: emb_handle) -> Option<&'static Slot> {
        let (slot, live) = self.marked_live(handle).filter(|_| self.is_shared())?;
        // In one order with the counts of those who look, as the loads and stores below.
        slot.handle
            .compare_exchange(live, ENDED | handle & !LAST_INDEX, SeqCst, Relaxed)
            .ok()?;
        Some(slot)
    }

    /// `Table::remove` for a slot with a mark.
    #[cold]
    #[inline(never)]
    pub(super) fn remove_shared(
        &self,
        cache: &Cache,
        handle: emb_handle,
    ) -> Option<Option<NonNull<PyObject>>> {
        let slot = self.end(handle)?;
        let index = index_of(handle);
        if self.is_looked_at(index) {
            self.chain(index);
            return Some(None);
        }
        Some(Some(self.free(cache, index, slot)))
    }

    /// Makes an ended slot a free one, if it has lives left; gives its object.
    fn free(&self, cache: &Cache, index: u32, slot: &'static Slot) -> NonNull<PyObject> {
        let object = slot.object();
        let life = (slot.handle.load(Relaxed) & !ENDED) >> INDEX_BITS;
        if life != LAST_LIFE {
            let next = (life + 1) << INDEX_BITS | u64::from(index);
            slot.handle.store(next ^ MARK ^ FREE, Relaxed);
            self.recycle(cache, slot);
        }
        object
    }

    /// `Table::doom` where there is no GIL.
    pub(super) fn doom_shared(
        &self,
        handle: emb_handle,
        keep: impl FnOnce(u32) -> bool,
    ) -> Option<bool> {
        self.end(handle)?;
        let index = index_of(handle);
        Some(!keep(index) && self.chain(index))
    }

    /// Puts an ended slot on the stack of the doomed; says whether it is the first.
    fn chain(&self, index: u32) -> bool {
        let slot = self.slots.of(index.into());
        self.attention
            .push_doomed(index, |first| slot.link_doomed(first))
    }

    /// `Table::take_doomed` where there is no GIL.
    pub(super) fn take_shared(&self, cache: &Cache, mut release: impl FnMut(NonNull<PyObject>)) {
        let mut index = self.take_chain(cache);
        while index != END {
            let slot = self.slots.of(index.into());
            let next = slot.next_doomed();
            if self.is_looked_at(index) {
                self.chain(index);
            } else {
                release(self.free(cache, index, slot));
            }
            index = next;
        }
    }

    /// The chain of everything that is doomed, for the calling thread alone.
    fn take_chain(&self, cache: &Cache) -> u32 {
        let mut chain = match self.attention.first_doomed() {
            END => END,
            _ => self.attention.take_doomed(),
        };
        while let Some(index) = cache.pop_kept(self) {
            self.slots.of(index.into()).link_doomed(chain);
            chain = index;
        }
        chain
    }

    /// Leaves to others what a thread has kept.
    pub(super) fn chain_all(&self, cache: &Cache) {
        while let Some(index) = cache.pop_kept(self) {
            self.chain(index);
        }
    }

    /// Puts those together that fill cache lines, of the first slots of a cache, which go to the pool.
    pub(super) fn sort(&self, cache: &Cache, most: usize) {
        if !self.is_shared() {
            return;
        }
        let mut slots: Vec<_> = iter::from_fn(|| cache.pop()).take(most).collect();
        slots.sort_unstable_by_key(|slot| ptr::from_ref(*slot));
        slots.into_iter().for_each(|slot| cache.push(slot));
    }

    /// Whether a thread that takes slots from the pool takes this one too: without a GIL only those
    /// that fill lines together with the ones it has.
    pub(super) fn may_join(&self, slot: &Slot, cache: &Cache) -> bool {
        let group = |slot: &Slot| ptr::from_ref(slot).addr() / size_of::<[Slot; CACHE_REFILL]>();
        let first = cache.first.get();
        !self.is_shared() || first.is_none_or(|first| group(first) == group(slot))
    }

    /// Where the slots end that a thread gets together of those that nobody has used: one, or as
    /// many as fill whole cache lines, of which no other thread has a part.
    pub(super) fn end_of_fresh(&self, first: u32) -> u32 {
        if self.is_shared() {
            (first | (CACHE_REFILL as u32 - 1)) + 1
        } else {
            first + 1
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
        if !self.is_shared() {
            return self.look_with_gil(handle).map(f);
        }
        let (slot, live) = self.marked_live(handle)?;
        let lookers = self.lookers(handle)?;
        lookers.fetch_add(1, SeqCst);
        let is_live = slot.handle.load(SeqCst) == live;
        let result = is_live.then(|| f(slot.object()));
        lookers.fetch_sub(1, Release);
        result
    }

    /// Whether a thread looks at the object of an ended slot, and may be taking a reference.
    #[cold]
    #[inline(never)]
    pub(super) fn is_looked_at(&self, index: u32) -> bool {
        let lookers = self.lookers(index.into());
        lookers.is_some_and(|count| count.load(SeqCst) != 0)
    }
}
