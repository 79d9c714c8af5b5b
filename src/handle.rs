//! The handle table: Python objects as numbers that a host can hold.
//!
//! A handle is the index of a slot and the number of the slot's present life, and while it is live it
//! stands in the slot. A released slot gets the next number, so a stale handle never matches again; a
//! slot whose numbers are used up is retired. Looking up and releasing are lock-free, and releasing
//! needs neither the GIL nor an allocation: a finaliser may run on any thread at any moment.
//!
//! Life of a slot: free → live (`insert`) → free (`remove`, under the GIL). What is released
//! elsewhere (`doom`) stays as it is and is chained into a stack, which the next thread with the GIL
//! takes over as a whole (`take_doomed`): see `doomed`, and `aside` for the main thread. So with the
//! GIL a handle is looked up and ended by plain loads and stores.
//!
//! What is done under the GIL rests on it: an object that is found lives until this thread has
//! taken a reference. Where there is no GIL, `shared` sees to that.

use std::cell::Cell;
use std::iter;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::Ordering::*;

use crate::attention::{ATTENTION, Attention};
use crate::python::ffi::PyObject;

/// A Python object that the host holds; 0 is none. Below 2^53, so that it fits a JavaScript number.
#[allow(non_camel_case_types)]
pub type emb_handle = u64;

const INDEX_BITS: u32 = 28;
pub(crate) const LAST_INDEX: u64 = (1 << INDEX_BITS) - 1;
/// From one handle of a slot to its next.
const LIFE: u64 = 1 << INDEX_BITS;
const LAST_LIFE: u64 = (1 << 25) - 1;
/// Index 0 is never given out; it ends the chains.
const END: u32 = 0;
/// A free slot has its next handle in it, with this bit the other way round.
const FREE: u64 = 1;

/// The table; there is one for the process.
pub(crate) struct Table {
    slots: Slots,
    /// Has the first of the doomed.
    attention: &'static Attention,
    pool: Mutex<Pool>,
    shared: Shared,
}

/// Slots that no thread has in its own cache.
pub(crate) struct Pool {
    /// The first of a chain of free ones.
    free: Option<&'static Slot>,
    unused: u32,
}

/// Slots that one thread keeps for itself: free ones, as a chain, so that the pool's lock is rarely
/// taken, and, where there is no GIL, some that it has doomed.
pub(crate) struct Cache {
    first: Cell<Option<&'static Slot>>,
    /// How many may still join before they are counted.
    room: Cell<usize>,
    kept: Kept,
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Cache {
            first: Cell::new(None),
            room: Cell::new(CACHE_MOST),
            kept: Kept::new(),
        }
    }

    #[inline(always)]
    fn push(&self, slot: &'static Slot) {
        slot.link(self.first.replace(Some(slot)));
    }

    #[inline(always)]
    fn pop(&self) -> Option<&'static Slot> {
        let slot = self.first.get()?;
        // SAFETY: all in the chain are free, and were linked by `push`.
        self.first.set(unsafe { slot.next() });
        Some(slot)
    }
}

/// As many a thread takes from the pool at a time.
const CACHE_REFILL: usize = 64;
/// It gives half of them back when it has so many: hosts with a tracing collector release handles by the
/// thousand, and then make as many.
const CACHE_MOST: usize = 4096;

pub(crate) static TABLE: Table = Table::new(&ATTENTION);

/// Every handle that could be given out is in use: 2^28, or fewer where address space is limited.
#[derive(Debug)]
pub(crate) struct Full;

#[inline]
fn index_of(handle: emb_handle) -> u32 {
    (handle & LAST_INDEX) as u32
}

impl Table {
    const fn new(attention: &'static Attention) -> Self {
        Table {
            slots: Slots::new(),
            attention,
            pool: Mutex::new(Pool {
                free: None,
                unused: 0,
            }),
            shared: Shared::new(),
        }
    }

    /// Puts an owned reference in; the table owns it until `remove` or `take_doomed` gives it back.
    #[inline(always)]
    pub(crate) fn insert(
        &self,
        cache: &Cache,
        object: NonNull<PyObject>,
    ) -> Result<emb_handle, Full> {
        let slot = match cache.pop() {
            Some(slot) => slot,
            None => self.refill(cache)?,
        };
        slot.object.store(object.as_ptr(), Release);
        let live = slot.handle.load(Relaxed) ^ FREE;
        slot.handle.store(live, Release);
        Ok(live ^ self.shared.mark())
    }

    /// The slot of a live handle. Without a GIL it finds none, for the mark.
    #[inline(always)]
    fn live(&self, handle: emb_handle) -> Option<&'static Slot> {
        let slot = self.slots.of(handle);
        (slot.handle.load(Acquire) == handle).then_some(slot)
    }

    /// The object of a live handle. The caller holds the GIL, so the object cannot go before the
    /// caller has taken a reference of its own. Without a GIL it finds nothing: see `look`.
    #[inline(always)]
    pub(crate) fn get(&self, handle: emb_handle) -> Option<NonNull<PyObject>> {
        self.live(handle).map(Slot::object)
    }

    /// Whether handles have room beside them, if they are not too many.
    #[inline(always)]
    pub(crate) fn has_beside(&self) -> bool {
        self.slots.beside(0).is_some()
    }

    /// Room for what describes the object of a new handle, which the host may read as long as that is
    /// live; None where there is none.
    #[inline(always)]
    pub(crate) fn beside(&self, handle: emb_handle) -> Option<NonNull<Beside>> {
        self.slots.beside(handle)
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
        let object = slot.object();
        slot.handle.store((handle + LIFE) ^ FREE, Release);
        if handle < LAST_LIFE * LIFE {
            self.recycle(cache, slot);
        } // else it is used up, and stays behind, so that no handle ever means two objects
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

    /// How many slots were ever used.
    pub(crate) fn count(&self) -> u32 {
        self.lock().unused.saturating_sub(1)
    }

    /// Returns a thread's cached slots when the thread ends.
    pub(crate) fn give_back(&self, cache: &Cache) {
        self.chain_all(cache);
        self.give(cache, usize::MAX);
    }

    #[inline(always)]
    fn recycle(&self, cache: &Cache, slot: &'static Slot) {
        cache.push(slot);
        let room = cache.room.get() - 1;
        cache.room.set(room);
        if room == 0 {
            self.make_room(cache);
        }
    }

    /// Makes room in a cache: those that joined it may have been used since, or not.
    #[cold]
    extern "C" fn make_room(&self, cache: &Cache) {
        // SAFETY: all in the chain are free, and were linked by `push`.
        let all = iter::successors(cache.first.get(), |slot| unsafe { slot.next() });
        let mut count = all.count();
        if count > CACHE_MOST / 2 {
            self.give(cache, CACHE_MOST / 2);
            count = count.saturating_sub(CACHE_MOST / 2);
        }
        cache.room.set(CACHE_MOST - count);
    }

    /// Moves the first slots of a cache to the pool.
    #[cold]
    extern "C" fn give(&self, cache: &Cache, most: usize) {
        self.sort(cache, most);
        let mut pool = self.lock();
        for slot in iter::from_fn(|| cache.pop()).take(most) {
            slot.link(pool.free.replace(slot));
        }
    }

    /// Fills a cache that is empty; gives one of what would be in it.
    #[cold]
    extern "C" fn refill(&self, cache: &Cache) -> Result<&'static Slot, Full> {
        let mut pool = self.lock();
        for _ in 0..CACHE_REFILL {
            let Some(slot) = pool.free.filter(|slot| self.may_join(slot, cache)) else {
                break;
            };
            // SAFETY: all in the chain are free, and were linked by `give`.
            pool.free = unsafe { slot.next() };
            cache.push(slot);
        }
        if cache.first.get().is_none() {
            self.take_unused(&mut pool, cache).ok_or(Full)?;
        }
        cache.pop().ok_or(Full)
    }

    /// Takes slots that were never used.
    fn take_unused(&self, pool: &mut Pool, cache: &Cache) -> Option<()> {
        if pool.unused == 0 {
            self.slots.reserve()?;
            self.reserve_lookers()?;
            pool.unused = 1;
        }
        let indices = pool.unused..self.end_of_fresh(pool.unused);
        if indices.end as usize > self.slots.count() {
            return None;
        }
        self.slots.open(indices.start)?;
        self.open_lookers(indices.start)?;
        pool.unused = indices.end;
        for index in indices.rev() {
            let slot = self.slots.of(index.into());
            let first = LIFE | u64::from(index);
            slot.handle
                .store(first ^ self.shared.mark() ^ FREE, Relaxed);
            cache.push(slot);
        }
        Some(())
    }

    pub(crate) fn lock(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

mod aside;
mod doomed;
mod noted;
mod shared;
mod slots;
pub(crate) use aside::Aside;
use doomed::Request;
pub(crate) use noted::{Notes, note, noted, notes};
use shared::{Kept, Shared};
pub(crate) use slots::Beside;
use slots::{Slot, Slots};

#[cfg(test)]
mod tests;
