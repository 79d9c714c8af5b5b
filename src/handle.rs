//! The handle table: Python objects as numbers that a host can hold.
//!
//! A handle is the index of a slot and the number of the slot's present life. A released slot gets
//! the next number, so a stale handle never matches again; a slot whose numbers are used up is
//! retired. Looking up and releasing are lock-free, and releasing needs neither the GIL nor an
//! allocation: a finaliser may run on any thread at any moment.
//!
//! Life of a slot: free → live (`insert`) → free (`remove`, under the GIL). What is released
//! elsewhere (`doom`) stays as it is and is chained into a stack, which the next thread with the GIL
//! takes over as a whole (`take_doomed`): see `doomed`, and `aside` for the main thread. So with the
//! GIL a handle is looked up and ended by plain loads and stores.
//!
//! What is done under the GIL rests on it: an object that is found lives until this thread has
//! taken a reference. Where there is no GIL, `shared` sees to that.

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};

use crate::attention::{ATTENTION, Attention};
use crate::python::ffi::PyObject;

/// A Python object that the host holds; 0 is none. Below 2^53, so that it fits a JavaScript number.
#[allow(non_camel_case_types)]
pub type emb_handle = u64;

const INDEX_BITS: u32 = 28;
pub(crate) const LAST_INDEX: u64 = (1 << INDEX_BITS) - 1;
const LAST_LIFE: u64 = (1 << 25) - 1;
/// Slots in a chunk: one and a half megabytes of zeros, of which the system gives only what is used.
const CHUNK_BITS: u32 = 16;
const CHUNK: usize = 1 << CHUNK_BITS;
const CHUNKS: usize = 1 << (INDEX_BITS - CHUNK_BITS);
/// Index 0 is never given out; it ends the chains.
const END: u32 = 0;

/// 16 bytes, all zeros before its first use. The generation goes up by one when the slot becomes live,
/// and when it becomes free: it is odd while the slot is live. Without a GIL it has a mark besides,
/// which makes it negative.
struct Slot {
    generation: AtomicU32,
    next: AtomicU32,
    object: AtomicPtr<PyObject>,
}

impl Slot {
    /// The object of a live slot.
    #[inline(always)]
    fn object(&self) -> NonNull<PyObject> {
        // SAFETY: `insert` has put one in before it made the slot live.
        unsafe { NonNull::new_unchecked(self.object.load(Relaxed)) }
    }
}

/// The table; there is one for the process.
pub(crate) struct Table {
    chunks: [AtomicPtr<Slot>; CHUNKS],
    /// Has the first of the doomed.
    attention: &'static Attention,
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
    kept: Kept,
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Cache {
            first: Cell::new(END),
            count: Cell::new(0),
            kept: Kept::new(),
        }
    }

    #[inline]
    fn push(&self, index: u32, slot: &Slot) {
        slot.next.store(self.first.replace(index), Relaxed);
        self.count.set(self.count.get() + 1);
    }
}

/// As many a thread takes from the pool at a time.
const CACHE_REFILL: usize = 64;
/// It gives half of them back when it has so many: hosts with a tracing collector release handles by the
/// thousand, and then make as many.
const CACHE_MOST: usize = 4096;

pub(crate) static TABLE: Table = Table::new(&ATTENTION);

/// Every handle that could be given out is in use: 2^28 objects.
#[derive(Debug)]
pub(crate) struct Full;

#[inline]
fn index_of(handle: emb_handle) -> u32 {
    (handle & LAST_INDEX) as u32
}

/// The generation of a slot while this handle to it is live. What is no handle has one that no slot
/// ever has: 2^32 - 1, or more than a slot's 32 bits.
#[inline]
fn generation_of(handle: emb_handle) -> u64 {
    ((handle >> INDEX_BITS) * 2).wrapping_sub(1)
}

impl Table {
    const fn new(attention: &'static Attention) -> Self {
        Table {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            attention,
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
    #[inline(always)]
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
        // Its life is half of what follows.
        let next = u64::from(generation & !MARK) + 1;
        Ok(next << (INDEX_BITS - 1) | u64::from(index))
    }

    /// The slot of a live handle. Without a GIL it finds none, for the mark.
    #[inline(always)]
    fn live(&self, handle: emb_handle) -> Option<&Slot> {
        let slot = self.slot(index_of(handle))?;
        let generation = i64::from(slot.generation.load(Acquire) as i32);
        (generation as u64 == generation_of(handle)).then_some(slot)
    }

    /// The object of a live handle. The caller holds the GIL, so the object cannot go before the
    /// caller has taken a reference of its own. Without a GIL it finds nothing: see `look`.
    #[inline(always)]
    pub(crate) fn get(&self, handle: emb_handle) -> Option<NonNull<PyObject>> {
        self.live(handle).map(Slot::object)
    }

    /// Ends a handle and gives its reference back, or None where the handle was not live. Only with
    /// the GIL held, and after what was doomed has been taken. Without a GIL another thread may be
    /// looking at the object at this moment: then there is no reference in what is given, and it
    /// waits for `take_doomed`.
    pub(crate) fn remove(
        &self,
        cache: &Cache,
        handle: emb_handle,
    ) -> Option<Option<NonNull<PyObject>>> {
        match self.remove_live(cache, handle) {
            None => self.remove_shared(cache, handle),
            removed => Some(removed),
        }
    }

    /// The same where there is a GIL.
    #[inline(always)]
    pub(crate) fn remove_live(
        &self,
        cache: &Cache,
        handle: emb_handle,
    ) -> Option<NonNull<PyObject>> {
        let slot = self.live(handle)?;
        slot.generation
            .store(generation_of(handle) as u32 + 1, Release);
        let object = slot.object();
        self.recycle(cache, index_of(handle), slot, handle >> INDEX_BITS);
        Some(object)
    }

    /// Ends a handle from any thread, at any moment: the reference waits for `take_doomed`. False
    /// where the handle was not live. Without a GIL, `keep` may put the slot into the cache of the
    /// calling thread.
    pub(crate) fn doom(&self, handle: emb_handle, keep: impl FnOnce(u32) -> bool) -> Option<bool> {
        if self.is_shared() {
            return self.doom_shared(handle, keep);
        }
        self.doom_by_request(handle)
    }

    /// Takes over everything that was doomed and hands each reference to `release`. Only with
    /// the GIL held. `release` may run any code: the chain is this call's own by then.
    pub(crate) fn take_doomed(&self, cache: &Cache, release: impl FnMut(NonNull<PyObject>)) {
        if self.is_shared() {
            self.take_shared(cache, release);
        } else {
            self.take_requests(cache, release);
        }
    }

    /// Returns a thread's cached slots when the thread ends.
    pub(crate) fn give_back(&self, cache: &Cache) {
        self.chain_all(cache);
        self.give(cache, cache.count.get());
    }

    #[inline(always)]
    fn recycle(&self, cache: &Cache, index: u32, slot: &Slot, life: u64) {
        if life == LAST_LIFE {
            return; // used up: 24 bytes stay behind, and no handle ever means two objects
        }
        cache.push(index, slot);
        if cache.count.get() >= CACHE_MOST {
            self.give(cache, CACHE_MOST / 2);
        }
    }

    /// Moves the first slots of a cache to the pool.
    #[cold]
    extern "C" fn give(&self, cache: &Cache, count: usize) {
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
    #[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
    extern "C" fn refill(&self, cache: &Cache) -> Result<(), Full> {
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
        let number = (index >> CHUNK_BITS) as usize;
        let chunk = self.chunks.get(number).ok_or(Full)?;
        if chunk.load(Relaxed).is_null() {
            let slots = match self.shared.new_chunk(number) {
                Some(slots) => slots,
                None => doomed::new_chunk(),
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

mod aside;
mod doomed;
mod shared;
pub(crate) use aside::Aside;
use shared::{Kept, MARK, Shared};

#[cfg(test)]
mod tests;
