//! Handles that are released without the GIL.
//!
//! Whoever holds the GIL ends a handle by a plain store, so nobody else may touch the slot. A thread
//! without it leaves a request instead: beside each slot stands a number that says which of the slot's
//! handles was released last in this way, and links the slots of those that still wait. So every
//! release but one is refused. Where two threads release a handle at the very same time, one of them
//! with the GIL, both may be told that they did it; it is ended once all the same.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering::*};

use super::{Cache, END, INDEX_BITS, LAST_INDEX, Table, emb_handle, index_of};
use crate::python::ffi::PyObject;

/// The life of the slot that is to end, in the upper half; in the lower one, while the request waits,
/// this and the index of the next slot.
pub(super) type Request = AtomicU64;
const WAITS: u64 = 1 << 31;
const LOWER: u64 = u32::MAX as u64;

impl Table {
    /// Whether the release of a handle waits, or is done. To be asked before whether it is live: what was
    /// set aside is here until it is not.
    fn is_doomed(&self, handle: emb_handle) -> bool {
        self.is_requested(handle) || self.attention.aside.has(handle)
    }

    #[inline(always)]
    fn is_requested(&self, handle: emb_handle) -> bool {
        self.slots.request(handle).load(Acquire) >> 32 >= handle >> INDEX_BITS
    }

    /// `Table::look` where there is a GIL, which the caller need not hold.
    pub(super) fn look_with_gil(&self, handle: emb_handle) -> Option<NonNull<PyObject>> {
        if self.is_doomed(handle) {
            return None;
        }
        let object = self.slots.of(handle).object.load(Acquire);
        // Seen later: a match means that the object read before belongs to this life.
        self.live(handle)?;
        NonNull::new(object)
    }

    /// `Table::doom` on Python's main thread, where that is simple.
    pub(crate) fn set_aside(&self, handle: emb_handle) -> bool {
        let is_live = || !self.is_requested(handle) && self.live(handle).is_some();
        self.attention.aside.put(handle, is_live)
    }

    /// `Table::doom` where there is a GIL.
    pub(super) fn doom_by_request(&self, handle: emb_handle) -> Option<bool> {
        if self.attention.aside.has(handle) {
            return None;
        }
        self.live(handle)?;
        let (index, life) = (index_of(handle), handle >> INDEX_BITS);
        let request = self.slots.request(handle);
        let first = self.attention.first_doomed();
        let mut seen = request.load(Acquire);
        loop {
            if seen >> 32 >= life {
                return None;
            }
            // One that still waits is for an earlier life, so there is nothing left for it to end.
            let (waits, link) = (seen & WAITS != 0, u64::from(first) | WAITS);
            let lower = if waits { seen & LOWER } else { link };
            match request.compare_exchange_weak(seen, life << 32 | lower, AcqRel, Acquire) {
                Ok(_) if waits => return Some(false),
                Ok(_) => return Some(self.chain_request(index, request, first)),
                Err(now) => seen = now,
            }
        }
    }

    /// Puts a request on the stack, which is linked to the `first` there; says whether it is the first.
    fn chain_request(&self, index: u32, request: &Request, first: u32) -> bool {
        let mut linked = first;
        self.attention.push_doomed(index, |first| {
            if linked != first {
                let link = |seen: u64| Some(seen & !LOWER | WAITS | u64::from(first));
                let _ = request.fetch_update(AcqRel, Acquire, link);
                linked = first;
            }
        })
    }

    /// The part of `take_doomed` that is for what Python's main thread has set aside.
    fn take_aside(&self, cache: &Cache, mut release: impl FnMut(NonNull<PyObject>)) {
        while self.attention.aside.count() != 0 {
            self.take_one_aside(cache).map(&mut release);
        }
    }

    /// The one handle that Python's main thread has set aside, if it is one.
    #[inline(always)]
    pub(crate) fn take_only_aside(&self, cache: &Cache) -> Option<NonNull<PyObject>> {
        let is_one = self.attention.aside.count() == 1;
        is_one.then(|| self.take_one_aside(cache)).flatten()
    }

    #[inline(always)]
    fn take_one_aside(&self, cache: &Cache) -> Option<NonNull<PyObject>> {
        (self.attention.aside).take(|handle| self.remove_live(cache, handle))
    }

    /// `Table::take_doomed` where there is a GIL.
    pub(super) fn take_requests(&self, cache: &Cache, mut release: impl FnMut(NonNull<PyObject>)) {
        self.take_aside(cache, &mut release);
        if self.attention.first_doomed() == END {
            return;
        }
        let mut index = self.attention.take_doomed();
        while index != END {
            let request = self.slots.request(index.into());
            let handle = |seen: u64| seen >> 32 << INDEX_BITS | u64::from(index);
            let mut taken = request.load(Acquire);
            let mut removed = self.remove(cache, handle(taken));
            if removed.is_some() {
                // Others leave a request for this life as it is, and there is no later one yet.
                request.store(taken & !LOWER, Release);
            } else {
                taken = request.fetch_and(!LOWER, AcqRel);
                removed = self.remove(cache, handle(taken));
            }
            index = (taken & LAST_INDEX) as u32;
            if let Some(Some(object)) = removed {
                release(object);
            }
        }
    }
}
