//! Where the slots stand: in one piece of address space with room for all that there can be, of which
//! the system gives memory only to what is used. So a slot is found without a look at anything else.

use std::hint::assert_unchecked;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::*};

use super::{FREE, INDEX_BITS, LAST_INDEX, Request, emb_handle, index_of};
use crate::platform::{Os, Platform};
use crate::python::ffi::PyObject;

/// Made writable at a time: a megabyte of slots.
const STEP: usize = 1 << 16;

/// Where the process may not have all the address space there is, it has better use for the others of
/// so many parts.
const PART: u64 = 16;

/// 16 bytes. What stands in `handle` never is a handle to this slot but while that is live: the lowest
/// bits, which tell slots apart, are those of another one (0 in a slot that was never used).
pub(super) struct Slot {
    pub object: AtomicPtr<PyObject>,
    pub handle: AtomicU64,
}

impl Slot {
    /// The object of a live slot.
    #[inline(always)]
    pub fn object(&self) -> NonNull<PyObject> {
        // SAFETY: `insert` has put one in before it made the slot live.
        unsafe { NonNull::new_unchecked(self.object.load(Acquire)) }
    }

    /// The next of a chain of free ones, which a free one has in the place of its object.
    ///
    /// # Safety
    /// `link` was called, and the slot has been free since.
    #[inline(always)]
    pub unsafe fn next(&self) -> Option<&'static Slot> {
        // SAFETY: `link` has put it there.
        unsafe { self.object.load(Relaxed).cast::<Slot>().as_ref() }
    }

    #[inline(always)]
    pub fn link(&self, next: Option<&'static Slot>) {
        let next = next.map_or(ptr::null(), ptr::from_ref);
        // Whoever sees this sees before it that the slot is not live.
        self.object.store(next.cast_mut().cast(), Release);
    }

    const fn new(handle: emb_handle) -> Self {
        Slot {
            object: AtomicPtr::new(ptr::null_mut()),
            handle: AtomicU64::new(handle),
        }
    }
}

/// Room beside a slot for what describes its object, as long as that lives.
pub(crate) type Beside = [i64; 8];

/// How many slots have some: the first 2^24, a gigabyte of address space.
const MOST_BESIDE: usize = 1 << 24;

/// What there is before the first object is put in.
static NOTHING: [Slot; 2] = [Slot::new(1), Slot::new(0)];
static NO_REQUESTS: [Request; 2] = [const { Request::new(0) }; 2];

pub(super) struct Slots {
    /// The bits of a handle that count: one less than there are slots. Read before the others, and
    /// written after them, which both have room for so many.
    mask: AtomicU64,
    first: AtomicPtr<Slot>,
    requests: AtomicPtr<Request>,
    /// Null where address space is limited.
    beside: AtomicPtr<Beside>,
}

impl Slots {
    pub const fn new() -> Self {
        Slots {
            mask: AtomicU64::new(1),
            first: AtomicPtr::new((&raw const NOTHING).cast_mut().cast()),
            requests: AtomicPtr::new((&raw const NO_REQUESTS).cast_mut().cast()),
            beside: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// That of a handle, if it is one, or of an index.
    #[inline(always)]
    pub fn of(&self, handle: emb_handle) -> &'static Slot {
        let index = handle & self.mask.load(Acquire);
        let first = self.first.load(Relaxed);
        // SAFETY: there are so many, for good.
        unsafe {
            assert_unchecked(!first.is_null());
            &*first.add(index as usize)
        }
    }

    /// What waits for the slot of a handle, or for that of an index.
    pub fn request(&self, handle: emb_handle) -> &'static Request {
        let index = handle & self.mask.load(Acquire);
        // SAFETY: there are so many, for good.
        unsafe { &*self.requests.load(Relaxed).add(index as usize) }
    }

    /// What is beside the slot of a live handle, if there is any.
    #[inline(always)]
    pub fn beside(&self, handle: emb_handle) -> Option<NonNull<Beside>> {
        let index = index_of(handle) as usize;
        let first = NonNull::new(self.beside.load(Relaxed))?;
        // SAFETY: there are so many, for good.
        (index < MOST_BESIDE).then(|| unsafe { first.add(index) })
    }

    pub fn count(&self) -> usize {
        self.mask.load(Acquire) as usize + 1
    }

    /// Gets the address space, and of that which a process may have no more than a part. Called with
    /// the pool locked, before the first object is put in.
    pub fn reserve(&self) -> Option<()> {
        let most = Os::address_space() / PART / (size_of::<Slot>() + size_of::<Request>()) as u64;
        let (bits, first, requests) = (STEP.ilog2()..=INDEX_BITS)
            .rev()
            .filter(|bits| 1 << bits <= most)
            .find_map(|bits| {
                let (slots, requests) = (reserve::<Slot>(1 << bits)?, reserve(1 << bits)?);
                Some((bits, slots, requests))
            })?;
        open(first.as_ptr(), 0)?;
        open(requests.as_ptr(), 0)?;
        if bits == INDEX_BITS
            && let Some(beside) = reserve::<Beside>(MOST_BESIDE)
        {
            open(beside.as_ptr(), 0)?;
            self.beside.store(beside.as_ptr(), Relaxed);
        }
        // No handle is one to the first slot, which ends the chains.
        // SAFETY: it is there, and nobody else knows of it yet.
        unsafe { first.as_ref() }.handle.store(FREE, Relaxed);
        self.first.store(first.as_ptr(), Relaxed);
        self.requests.store(requests.as_ptr(), Relaxed);
        self.mask.store((1 << bits) - 1, Release);
        Some(())
    }

    /// Makes the slots from this index on writable that it is time for, if it is. Called with the
    /// pool locked.
    pub fn open(&self, index: u32) -> Option<()> {
        if begins(index) {
            open(self.first.load(Relaxed), index as usize)?;
            open(self.requests.load(Relaxed), index as usize)?;
            let beside = self.beside.load(Relaxed);
            if !beside.is_null() && (index as usize) < MOST_BESIDE {
                open(beside, index as usize)?;
            }
        }
        Some(())
    }
}

/// Whether a step of slots begins with this one.
pub(super) fn begins(index: u32) -> bool {
    (index as usize).is_multiple_of(STEP)
}

/// Address space for so many, all zeros, that is only read until it is opened.
pub(super) fn reserve<T>(count: usize) -> Option<NonNull<T>> {
    Os::reserve(count * size_of::<T>()).map(NonNull::cast)
}

/// Makes what belongs to a step of slots writable.
pub(super) fn open<T>(first: *mut T, index: usize) -> Option<()> {
    let bytes = size_of::<T>();
    // SAFETY: a part of what `reserve` gave, with room for all slots.
    unsafe { Os::open(first.cast::<u8>().add(index * bytes).cast(), STEP * bytes) }.then_some(())
}

const _: () = assert!(LAST_INDEX as usize + 1 >= STEP && size_of::<Slot>() == 16);
