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

/// 16 bytes, all zeros before its first use. The generation is odd while the slot is live.
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
}

/// Slots that no thread has in its own cache.
pub(crate) struct Pool {
    /// The first of a chain of free ones.
    free: u32,
    unused: u32,
}

/// Free slots that one thread keeps for itself, as a chain, so that the pool's lock is rarely taken.
pub(crate) struct Cache {
    first: Cell<u32>,
    count: Cell<usize>,
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Cache {
            first: Cell::new(END),
            count: Cell::new(0),
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

pub(crate) static TABLE: Table = Table {
    chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
    doomed: AtomicU32::new(END),
    pool: Mutex::new(Pool {
        free: END,
        unused: 1,
    }),
};

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
        Ok(u64::from(generation) << INDEX_BITS | u64::from(index))
    }

    /// The object of a live handle. The caller holds the GIL, so the object cannot go before the
    /// caller has taken a reference of its own.
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

    /// Ends a handle and gives its reference back. Only with the GIL held.
    #[inline]
    pub(crate) fn remove(&self, cache: &Cache, handle: emb_handle) -> Option<NonNull<PyObject>> {
        let (index, slot) = self.end(handle)?;
        let object = slot.take();
        self.recycle(cache, index, slot);
        NonNull::new(object)
    }

    /// Ends a handle from any thread, at any moment: the reference waits for `take_doomed`.
    /// Says whether it is the first to wait, or None where the handle was not live.
    pub(crate) fn doom(&self, handle: emb_handle) -> Option<bool> {
        let (index, slot) = self.end(handle)?;
        let mut head = self.doomed.load(Relaxed);
        loop {
            slot.next.store(head, Relaxed);
            match self
                .doomed
                .compare_exchange_weak(head, index, Release, Relaxed)
            {
                Ok(_) => return Some(head == END),
                Err(now) => head = now,
            }
        }
    }

    /// Whether references wait to be dropped; one load, for the hot path.
    pub(crate) fn has_doomed(&self) -> bool {
        self.doomed.load(Relaxed) != END
    }

    /// Takes over everything that was doomed and hands each reference to `release`. Only with
    /// the GIL held. `release` may run any code: the chain is this call's own by then.
    pub(crate) fn take_doomed(&self, cache: &Cache, mut release: impl FnMut(NonNull<PyObject>)) {
        let mut index = self.doomed.swap(END, Acquire);
        while index != END {
            let Some(slot) = self.slot(index) else { break };
            let next = slot.next.load(Relaxed);
            let object = slot.take();
            self.recycle(cache, index, slot);
            if let Some(object) = NonNull::new(object) {
                release(object);
            }
            index = next;
        }
    }

    /// Returns a thread's cached slots when the thread ends.
    pub(crate) fn give_back(&self, cache: &Cache) {
        self.give(cache, cache.count.get());
    }

    #[inline]
    fn end(&self, handle: emb_handle) -> Option<(u32, &Slot)> {
        let (index, generation) = split(handle)?;
        let slot = self.slot(index)?;
        slot.generation
            .compare_exchange(generation, generation + 1, AcqRel, Relaxed)
            .ok()?;
        Some((index, slot))
    }

    #[inline]
    fn recycle(&self, cache: &Cache, index: u32, slot: &Slot) {
        if slot.generation.load(Relaxed) >= LAST_GENERATION {
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
        while cache.count.get() < CACHE_REFILL && pool.free != END {
            let index = pool.free;
            let slot = self.slot(index).ok_or(Full)?;
            pool.free = slot.next.load(Relaxed);
            cache.push(index, slot);
        }
        if cache.count.get() == 0 {
            let index = pool.unused;
            self.ensure_chunk(index)?;
            cache.push(index, self.slot(index).ok_or(Full)?);
            pool.unused += 1;
        }
        Ok(())
    }

    /// Called with the pool locked, so only one thread ever allocates a chunk.
    fn ensure_chunk(&self, index: u32) -> Result<(), Full> {
        const { assert!(size_of::<Slot>() == size_of::<u128>()) };
        let chunk = self.chunks.get((index >> CHUNK_BITS) as usize);
        let chunk = chunk.ok_or(Full)?;
        if chunk.load(Relaxed).is_null() {
            let zeros = vec![0_u128; CHUNK].leak();
            chunk.store(zeros.as_mut_ptr().cast(), Release);
        }
        Ok(())
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests;
