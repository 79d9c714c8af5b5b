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

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering::*};

use super::{
    CACHE_REFILL, CHUNK, CHUNK_BITS, CHUNKS, Cache, END, INDEX_BITS, Slot, Table, emb_handle,
    generation_of, index_of,
};
use crate::python::ffi::PyObject;

/// In the generation of a slot: there is no GIL.
pub(super) const MARK: u32 = 1 << 31;

/// How many doomed slots a thread keeps. They may wait long, where it is idle.
const MOST_KEPT: usize = 16;

/// The generation of a marked slot while this handle to it is live; None for what is no handle.
fn marked_generation_of(handle: emb_handle) -> Option<u32> {
    let generation = u32::try_from(generation_of(handle)).ok()?;
    (generation & MARK == 0).then_some(generation | MARK)
}

/// What one cache line holds. A thread's slots fill whole lines, which no other thread touches.
#[repr(align(64))]
struct Line<T>(T);

fn lines<T>(count: usize, new: impl Fn() -> T) -> Box<[Line<T>]> {
    (0..count).map(|_| Line(new())).collect()
}

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

    /// The marked slots of a chunk, and the counts for them; None where there is a GIL. Called with
    /// the pool locked, before the chunk is there for others.
    pub(super) fn new_chunk(&self, number: usize) -> Option<*mut Slot> {
        if !self.is_on.load(Relaxed) {
            return None;
        }
        let slot = || Slot {
            generation: MARK.into(),
            next: END.into(),
            object: AtomicPtr::default(),
        };
        let slots: Box<[Line<[Slot; 4]>]> = lines(CHUNK / 4, || [(); 4].map(|()| slot()));
        let counts: Box<[Line<[AtomicU32; 16]>]> =
            lines(CHUNK / 16, || [(); 16].map(|()| 0.into()));
        self.lookers[number].store(Box::leak(counts).as_mut_ptr().cast(), Release);
        Some(Box::leak(slots).as_mut_ptr().cast())
    }

    fn lookers(&self, index: u32) -> Option<&AtomicU32> {
        let counts = self.lookers.get((index >> CHUNK_BITS) as usize)?;
        let counts = NonNull::new(counts.load(Acquire))?;
        // SAFETY: as many counts as slots, never freed.
        Some(unsafe { &*counts.as_ptr().add(index as usize % CHUNK) })
    }
}

impl Slot {
    /// The object, moved out by the one who has ended the handle: nobody else writes here.
    fn take(&self) -> *mut PyObject {
        let object = self.object.load(Acquire);
        self.object.store(ptr::null_mut(), Release);
        object
    }

    /// Which life has ended.
    fn ended_life(&self) -> u64 {
        u64::from((self.generation.load(Relaxed) & !MARK) / 2)
    }
}

impl Cache {
    /// Keeps a doomed slot for the next operation of this thread, unless it has many.
    pub(crate) fn keep(&self, index: u32, table: &Table) -> bool {
        let kept = &self.kept;
        let Some(slot) = table.slot(index).filter(|_| kept.count.get() < MOST_KEPT) else {
            return false;
        };
        slot.next.store(kept.first.replace(index), Relaxed);
        kept.count.set(kept.count.get() + 1);
        true
    }

    /// Takes out one of those.
    fn pop_kept<'t>(&self, table: &'t Table) -> Option<(u32, &'t Slot)> {
        let index = self.kept.first.get();
        let slot = table.slot(index).filter(|_| index != END)?;
        self.kept.first.set(slot.next.load(Relaxed));
        self.kept.count.set(self.kept.count.get() - 1);
        Some((index, slot))
    }
}

impl Table {
    /// From now on there is no GIL. Called before the first object is put in.
    pub(crate) fn share(&self) {
        self.shared.is_on.store(true, Relaxed);
    }

    pub(super) fn is_shared(&self) -> bool {
        self.shared.is_on.load(Relaxed)
    }

    /// Ends a handle: its slot, or None where it was not live.
    fn end(&self, handle: emb_handle) -> Option<(u32, &Slot)> {
        let index = index_of(handle);
        let slot = self.slot(index).filter(|_| self.is_shared())?;
        let live = marked_generation_of(handle)?;
        let ended = live + 1;
        // In one order with the counts of those who look, as the loads and stores below.
        slot.generation
            .compare_exchange(live, ended, SeqCst, Relaxed)
            .ok()?;
        Some((index, slot))
    }

    /// `Table::remove` for a slot with a mark.
    #[cold]
    #[inline(never)]
    pub(super) fn remove_shared(
        &self,
        cache: &Cache,
        handle: emb_handle,
    ) -> Option<Option<NonNull<PyObject>>> {
        let (index, slot) = self.end(handle)?;
        if self.is_looked_at(index) {
            self.chain(index, slot);
            return Some(None);
        }
        let object = slot.take();
        self.recycle(cache, index, slot, handle >> INDEX_BITS);
        Some(NonNull::new(object))
    }

    /// `Table::doom` where there is no GIL.
    pub(super) fn doom_shared(
        &self,
        handle: emb_handle,
        keep: impl FnOnce(u32) -> bool,
    ) -> Option<bool> {
        let (index, slot) = self.end(handle)?;
        Some(!keep(index) && self.chain(index, slot))
    }

    /// Puts an ended slot on the stack of the doomed; says whether it is the first.
    fn chain(&self, index: u32, slot: &Slot) -> bool {
        self.attention
            .push_doomed(index, |first| slot.next.store(first, Relaxed))
    }

    /// `Table::take_doomed` where there is no GIL.
    pub(super) fn take_shared(&self, cache: &Cache, mut release: impl FnMut(NonNull<PyObject>)) {
        let mut index = self.take_chain(cache);
        while index != END {
            let Some(slot) = self.slot(index) else { break };
            let next = slot.next.load(Relaxed);
            if self.is_looked_at(index) {
                self.chain(index, slot);
            } else {
                let object = slot.take();
                self.recycle(cache, index, slot, slot.ended_life());
                if let Some(object) = NonNull::new(object) {
                    release(object);
                }
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
        while let Some((index, slot)) = cache.pop_kept(self) {
            slot.next.store(chain, Relaxed);
            chain = index;
        }
        chain
    }

    /// Leaves to others what a thread has kept.
    pub(super) fn chain_all(&self, cache: &Cache) {
        while let Some((index, slot)) = cache.pop_kept(self) {
            self.chain(index, slot);
        }
    }

    /// Puts those together that fill cache lines, of the first slots of a cache, which go to the pool.
    pub(super) fn sort(&self, cache: &Cache, count: usize) {
        if !self.is_shared() {
            return;
        }
        let mut indices = Vec::with_capacity(count);
        while let Some(slot) = self
            .slot(cache.first.get())
            .filter(|_| indices.len() < count)
        {
            if cache.first.get() == END {
                break;
            }
            indices.push(cache.first.replace(slot.next.load(Relaxed)));
            cache.count.set(cache.count.get() - 1);
        }
        indices.sort_unstable();
        for index in indices {
            if let Some(slot) = self.slot(index) {
                cache.push(index, slot);
            }
        }
    }

    /// Whether a thread that takes slots from the pool takes this one too: without a GIL only those
    /// that fill lines together with the ones it has.
    pub(super) fn may_join(&self, index: u32, cache: &Cache) -> bool {
        let is_beside = |other: u32| index / CACHE_REFILL as u32 == other / CACHE_REFILL as u32;
        let first = cache.first.get();
        index != END && (!self.is_shared() || first == END || is_beside(first))
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
        let index = index_of(handle);
        let slot = self.slot(index)?;
        let lookers = self.shared.lookers(index)?;
        let live = marked_generation_of(handle)?;
        lookers.fetch_add(1, SeqCst);
        let is_live = slot.generation.load(SeqCst) == live;
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
