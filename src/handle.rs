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

use std::cell::RefCell;
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
/// Slots in the first chunk; each further chunk is twice as large as the one before.
const FIRST_CHUNK_BITS: u32 = 10;
const CHUNKS: usize = (INDEX_BITS - FIRST_CHUNK_BITS) as usize;
/// Index 0 is never given out; it ends the chains.
const END: u32 = 0;

/// 16 bytes. The generation is odd while the slot is live; without a GIL it has a mark besides.
#[derive(Default)]
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

/// What one cache line holds. A thread's slots fill whole lines, which no other thread touches.
#[repr(align(64))]
struct Line<T>(T);

/// The table; there is one for the process.
pub(crate) struct Table {
    chunks: [AtomicPtr<Slot>; CHUNKS],
    doomed: AtomicU32,
    pool: Mutex<Pool>,
    shared: Shared,
}

/// Slots that no thread has in its own cache.
pub(crate) struct Pool {
    free: Vec<u32>,
    unused: u32,
}

/// Slots that one thread keeps for itself: free ones, so that the pool's lock is rarely taken, and,
/// where there is no GIL, some that it has doomed.
pub(crate) struct Cache {
    free: Vec<u32>,
    doomed: Vec<u32>,
}

impl Cache {
    pub(crate) const fn new() -> Self {
        Cache {
            free: Vec::new(),
            doomed: Vec::new(),
        }
    }
}

const CACHE_REFILL: usize = 64;

pub(crate) static TABLE: Table = Table::new();

/// Every handle that could be given out is in use: 2^28 objects.
#[derive(Debug)]
pub(crate) struct Full;

fn split(handle: emb_handle) -> Option<(u32, u32)> {
    let generation = u32::try_from(handle >> INDEX_BITS).ok()?;
    let index = (handle & LAST_INDEX) as u32;
    (generation & 1 == 1 && generation <= LAST_GENERATION && index != END)
        .then_some((index, generation))
}

/// Which chunk an index is in, and where in it.
fn place(index: u32) -> (usize, usize) {
    let biased = index as usize + (1 << FIRST_CHUNK_BITS);
    let chunk = biased.ilog2() - FIRST_CHUNK_BITS;
    (chunk as usize, biased - (1 << (chunk + FIRST_CHUNK_BITS)))
}

fn chunk_len(chunk: usize) -> usize {
    1 << (chunk + FIRST_CHUNK_BITS as usize)
}

impl Table {
    const fn new() -> Self {
        Table {
            chunks: [const { AtomicPtr::new(ptr::null_mut()) }; CHUNKS],
            doomed: AtomicU32::new(END),
            pool: Mutex::new(Pool {
                free: Vec::new(),
                unused: 1,
            }),
            shared: Shared::new(),
        }
    }

    fn slot(&self, index: u32) -> Option<&Slot> {
        let (chunk, offset) = place(index);
        let slots = NonNull::new(self.chunks.get(chunk)?.load(Acquire))?;
        // SAFETY: a chunk, once there, is never freed, and `place` keeps `offset` within its length.
        Some(unsafe { &*slots.as_ptr().add(offset) })
    }

    /// Puts an owned reference in; the table owns it until `remove` or `take_doomed` gives it back.
    pub(crate) fn insert(
        &self,
        cache: &mut Cache,
        object: NonNull<PyObject>,
    ) -> Result<emb_handle, Full> {
        let index = match cache.free.pop() {
            Some(index) => index,
            None => self.refill(cache)?,
        };
        let slot = self.slot(index).ok_or(Full)?;
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
        if u64::from(slot.generation.load(Acquire)) == generation && generation & 1 == 1 {
            NonNull::new(object)
        } else {
            None
        }
    }

    /// Ends a handle and gives its reference back, or None where the handle was not live. Only with
    /// the GIL held. Without a GIL another thread may be looking at the object at this moment: then
    /// there is no reference in what is given, and it waits for `take_doomed`.
    #[inline]
    pub(crate) fn remove(
        &self,
        cache: &mut Cache,
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
    pub(crate) fn take_doomed(
        &self,
        cache: &RefCell<Cache>,
        mut release: impl FnMut(NonNull<PyObject>),
    ) {
        let mut index = self.take_chain(cache);
        while index != END {
            let Some(slot) = self.slot(index) else { break };
            let next = slot.next.load(Relaxed);
            if slot.has_mark() && self.is_looked_at(index) {
                self.chain(index, slot);
            } else {
                let object = slot.take();
                self.recycle(&mut cache.borrow_mut(), index, slot);
                if let Some(object) = NonNull::new(object) {
                    release(object);
                }
            }
            index = next;
        }
    }

    /// Returns a thread's cached slots when the thread ends.
    pub(crate) fn give_back(&self, cache: &mut Cache) {
        self.chain_all(cache);
        cache.free.sort_unstable(); // for `one_batch`
        self.lock().free.append(&mut cache.free);
    }

    /// The slot of a handle that was live until now, and whether it has a mark.
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

    fn recycle(&self, cache: &mut Cache, index: u32, slot: &Slot) {
        if slot.generation.load(Relaxed) & (LAST_GENERATION + 1) != 0 {
            return; // used up: 16 bytes stay behind, and no handle ever means two objects
        }
        cache.free.push(index);
        if cache.free.len() >= 4 * CACHE_REFILL {
            cache.free[2 * CACHE_REFILL..].sort_unstable();
            let surplus = cache.free.drain(2 * CACHE_REFILL..);
            self.lock().free.extend(surplus);
        }
    }

    fn refill(&self, cache: &mut Cache) -> Result<u32, Full> {
        let mut pool = self.lock();
        let from = self.one_batch(&pool.free);
        cache.free.extend(pool.free.drain(from..));
        if let Some(index) = cache.free.pop() {
            return Ok(index);
        }
        // As many together as fill whole cache lines: no other thread has a part of those.
        let first = pool.unused;
        self.ensure_chunk(first)?;
        pool.unused = (first | (CACHE_REFILL as u32 - 1)) + 1;
        cache.free.extend((first + 1..pool.unused).rev());
        Ok(first)
    }

    /// Where in the free slots those begin that a thread gets together.
    fn one_batch(&self, free: &[u32]) -> usize {
        let from = free.len().saturating_sub(CACHE_REFILL);
        let Some(last) = free.last().filter(|_| self.is_shared()) else {
            return from;
        };
        let is_of_it = |index: &&u32| *index / CACHE_REFILL as u32 == last / CACHE_REFILL as u32;
        from.max(free.len() - free.iter().rev().take_while(is_of_it).count())
    }

    /// Called with the pool locked, so only one thread ever allocates a chunk.
    fn ensure_chunk(&self, index: u32) -> Result<(), Full> {
        let (chunk, _) = place(index);
        let cell = self.chunks.get(chunk).ok_or(Full)?;
        if cell.load(Relaxed).is_null() {
            let new = || self.shared.new_slot();
            let lines = (0..chunk_len(chunk) / 4).map(|_| Line([(); 4].map(|()| new())));
            let lines: Box<[Line<[Slot; 4]>]> = lines.collect();
            self.shared.ensure_chunk(chunk);
            cell.store(Box::leak(lines).as_mut_ptr().cast(), Release);
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
use shared::{NOBODY, Shared};

#[cfg(test)]
mod tests;
