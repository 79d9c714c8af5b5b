//! The handle table: Python objects as numbers that a host can hold.
//!
//! A handle is the index of a slot and the slot's generation at the time it was given out. A
//! released slot gets the next generation, so a stale handle never matches again; a slot whose
//! generations are used up is retired. Looking up and releasing are lock-free, and releasing
//! needs neither the GIL nor an allocation: a finaliser may run on any thread at any moment.
//!
//! Life of a slot: free → live (`insert`) → either free at once (`remove`, under the GIL) or
//! doomed (`doom`, anywhere): still holding the object, chained into a stack that the next
//! thread with the GIL takes over as a whole (`take_doomed`).
//!
//! What is done under the GIL rests on it: an object that is found lives until this thread has
//! taken a reference. Where there is no GIL, `shared` sees to that.

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};

use crate::python::ffi::PyObject;

/// A Python object that the host holds; 0 is none. Below 2^53, so that it fits a JavaScript number.
#[allow(non_camel_case_types)]
pub type emb_handle = u64;

const INDEX_BITS: u32 = 28;
const LAST_INDEX: u64 = (1 << INDEX_BITS) - 1;
const GENERATION_BITS: u32 = 25;
const LAST_GENERATION: u32 = (1 << GENERATION_BITS) - 1;
/// Slots in a chunk: one megabyte of zeros, of which the system gives only what is used.
const CHUNK_BITS: u32 = 16;
const CHUNK: usize = 1 << CHUNK_BITS;
const CHUNKS: usize = 1 << (INDEX_BITS - CHUNK_BITS);
/// Index 0 is never given out, so its generation stays 0; it ends the chains.
const END: u32 = 0;

/// 16 bytes, all zeros before its first use. The generation is odd while the slot is live; without a
/// GIL it has a mark besides.
struct Slot {
    generation: AtomicU32,
    next: AtomicU32,
    object: AtomicPtr<PyObject>,
}

impl Slot {
    /// The object, moved out by the one who has ended the handle: nobody else writes here.
    fn take(&self) -> *mut PyObject {
        let object = self.object.load(Acquire);
        self.object.store(ptr::null_mut(), Release);
        object
    }
}

/// The table; there is one for the process.
pub(crate) struct Table {
    chunks: [AtomicPtr<Slot>; CHUNKS],
    doomed: AtomicU32,
    pool: Mutex<Pool>,
    shared: Shared,
}

/// Slots that no thread has in its own cache.
pub(crate) struct Pool {
    /// The first of a chain of free ones.
    free: u32,
    unused: u32,
}

/// Slots that one thread keeps for itself: free ones, as a chain, so that the pool's lock is rarely
/// taken, and, where there is no GIL, some that it has doomed.
pub(crate) struct Cache {
    first: Cell<u32>,
    count: Cell<usize>,
    doomed: Doomed,
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Cache {
            first: Cell::new(END),
            count: Cell::new(0),
            doomed: Doomed::new(),
        }
    }

    #[inline]
    fn push(&self, index: u32, slot: &Slot) {
        slot.next.store(self.first.replace(index), Relaxed);
        self.count.set(self.count.get() + 1);
    }
}

/// As many a thread takes from the pool at a time; it gives back when it has four times as many.
const CACHE_REFILL: usize = 64;

pub(crate) static TABLE: Table = Table::new();

/// Every handle that could be given out is in use: 2^28 objects.
#[derive(Debug)]
pub(crate) struct Full;

/// Index and generation of what may be a handle.
#[inline]
fn split(handle: emb_handle) -> Option<(u32, u32)> {
    let generation = handle >> INDEX_BITS;
    let possible = generation & 1 == 1 && generation <= LAST_GENERATION.into();
    possible.then_some(((handle & LAST_INDEX) as u32, generation as u32))
}

impl Table {
    const fn new() -> Self {
        Table {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            doomed: AtomicU32::new(END),
            pool: Mutex::new(Pool {
                free: END,
                unused: 1,
            }),
            shared: Shared::new(),
        }
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&Slot> {
        let chunk = self.chunks.get((index >> CHUNK_BITS) as usize)?;
        let slots = NonNull::new(chunk.load(Acquire))?;
        // SAFETY: a chunk, once there, is never freed, and has this many slots.
        Some(unsafe { &*slots.as_ptr().add(index as usize % CHUNK) })
    }

    /// Puts an owned reference in; the table owns it until `remove` or `take_doomed` gives it back.
    #[inline]
    pub(crate) fn insert(
        &self,
        cache: &Cache,
        object: NonNull<PyObject>,
    ) -> Result<emb_handle, Full> {
        if cache.first.get() == END {
            self.refill(cache)?;
        }
        let index = cache.first.get();
        let slot = self.slot(index).ok_or(Full)?;
        cache.first.set(slot.next.load(Relaxed));
        cache.count.set(cache.count.get() - 1);
        slot.object.store(object.as_ptr(), Relaxed);
        let generation = slot.generation.load(Relaxed) + 1;
        slot.generation.store(generation, Release);
        let generation = u64::from(generation & LAST_GENERATION); // without the mark
        Ok(generation << INDEX_BITS | u64::from(index))
    }

    /// The object of a live handle. The caller holds the GIL, so the object cannot go before the
    /// caller has taken a reference of its own. Without a GIL it finds nothing: see `look`.
    #[inline]
    pub(crate) fn get(&self, handle: emb_handle) -> Option<NonNull<PyObject>> {
        let generation = handle >> INDEX_BITS;
        let slot = self.slot((handle & LAST_INDEX) as u32)?;
        let object = slot.object.load(Acquire);
        // Read last: a match means that the object read before belongs to this generation. Only odd
        // ones are live; a doomed slot still has its object.
        if u64::from(slot.generation.load(Acquire)) != generation || generation & 1 == 0 {
            return None;
        }
        NonNull::new(object)
    }

    /// Ends a handle and gives its reference back, or None where the handle was not live. Only with
    /// the GIL held. Without a GIL another thread may be looking at the object at this moment: then
    /// there is no reference in what is given, and it waits for `take_doomed`.
    #[inline]
    pub(crate) fn remove(
        &self,
        cache: &Cache,
        handle: emb_handle,
    ) -> Option<Option<NonNull<PyObject>>> {
        let (index, slot, has_mark) = self.end(handle)?;
        if has_mark && self.is_looked_at(index) {
            self.chain(index, slot);
            return Some(None);
        }
        let object = slot.take();
        self.recycle(cache, index, slot);
        Some(NonNull::new(object))
    }

    /// Ends a handle from any thread, at any moment: the reference waits for `take_doomed`.
    /// Says whether it is the first to wait, or None where the handle was not live. Without a GIL,
    /// `keep` may put the slot into the cache of the calling thread.
    pub(crate) fn doom(&self, handle: emb_handle, keep: impl FnOnce(u32) -> bool) -> Option<bool> {
        let (index, slot, has_mark) = self.end(handle)?;
        if has_mark && keep(index) {
            return Some(false);
        }
        Some(self.chain(index, slot))
    }

    /// Puts an ended slot on the stack of the doomed; says whether it is the first.
    fn chain(&self, index: u32, slot: &Slot) -> bool {
        let mut head = self.doomed.load(Relaxed);
        loop {
            slot.next.store(head, Relaxed);
            match self
                .doomed
                .compare_exchange_weak(head, index, Release, Relaxed)
            {
                Ok(_) => return head == END || head == NOBODY,
                Err(now) => head = now,
            }
        }
    }

    /// Whether references wait to be dropped, or may wait; one load, for the hot path.
    pub(crate) fn has_doomed(&self) -> bool {
        self.doomed.load(Relaxed) != END
    }

    /// Takes over everything that was doomed and hands each reference to `release`. Only with
    /// the GIL held. `release` may run any code: the chain is this call's own by then.
    pub(crate) fn take_doomed(&self, cache: &Cache, mut release: impl FnMut(NonNull<PyObject>)) {
        let mut index = self.take_chain(cache);
        while index != END {
            let Some(slot) = self.slot(index) else { break };
            let next = slot.next.load(Relaxed);
            if slot.has_mark() && self.is_looked_at(index) {
                self.chain(index, slot);
            } else {
                let object = slot.take();
                self.recycle(cache, index, slot);
                if let Some(object) = NonNull::new(object) {
                    release(object);
                }
            }
            index = next;
        }
    }

    /// Returns a thread's cached slots when the thread ends.
    pub(crate) fn give_back(&self, cache: &Cache) {
        self.chain_all(cache);
        self.give(cache, cache.count.get());
    }

    /// The slot of a handle that was live until now, and whether it has a mark.
    #[inline]
    fn end(&self, handle: emb_handle) -> Option<(u32, &Slot, bool)> {
        let (index, generation) = split(handle)?;
        let slot = self.slot(index)?;
        let ended = slot
            .generation
            .compare_exchange(generation, generation + 1, AcqRel, Relaxed);
        if ended.is_err() {
            slot.end_marked(generation).ok()?;
        }
        Some((index, slot, ended.is_err()))
    }

    #[inline]
    fn recycle(&self, cache: &Cache, index: u32, slot: &Slot) {
        if slot.generation.load(Relaxed) & (LAST_GENERATION + 1) != 0 {
            return; // used up: 16 bytes stay behind, and no handle ever means two objects
        }
        cache.push(index, slot);
        if cache.count.get() >= 4 * CACHE_REFILL {
            self.give(cache, 2 * CACHE_REFILL);
        }
    }

    /// Moves the first slots of a cache to the pool.
    #[cold]
    fn give(&self, cache: &Cache, count: usize) {
        self.sort(cache, count);
        let mut pool = self.lock();
        for _ in 0..count {
            let index = cache.first.get();
            let Some(slot) = self.slot(index).filter(|_| index != END) else {
                break;
            };
            cache.first.set(slot.next.load(Relaxed));
            cache.count.set(cache.count.get() - 1);
            slot.next.store(pool.free, Relaxed);
            pool.free = index;
        }
    }

    /// Fills a cache that is empty.
    #[cold]
    fn refill(&self, cache: &Cache) -> Result<(), Full> {
        let mut pool = self.lock();
        while cache.count.get() < CACHE_REFILL && self.may_join(pool.free, cache) {
            let index = pool.free;
            let slot = self.slot(index).ok_or(Full)?;
            pool.free = slot.next.load(Relaxed);
            cache.push(index, slot);
        }
        if cache.count.get() == 0 {
            let first = pool.unused;
            self.ensure_chunk(first)?;
            for index in (first..self.end_of_fresh(first)).rev() {
                cache.push(index, self.slot(index).ok_or(Full)?);
                pool.unused += 1;
            }
        }
        Ok(())
    }

    /// Called with the pool locked, so only one thread ever allocates a chunk.
    fn ensure_chunk(&self, index: u32) -> Result<(), Full> {
        const { assert!(size_of::<Slot>() == size_of::<u128>()) };
        let number = (index >> CHUNK_BITS) as usize;
        let chunk = self.chunks.get(number).ok_or(Full)?;
        if chunk.load(Relaxed).is_null() {
            let slots = match self.shared.new_chunk(number) {
                Some(slots) => slots,
                None => vec![0_u128; CHUNK].leak().as_mut_ptr().cast(),
            };
            chunk.store(slots, Release);
        }
        Ok(())
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

mod shared;
use shared::{Doomed, NOBODY, Shared};

#[cfg(test)]
mod tests;
