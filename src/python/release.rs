//! How the host hears that Python is done with something of the host's.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use super::gil::Python;
use super::runtime::{self, Runtime};

/// Called once when Python has no reference to it left.
pub(crate) type ReleaseFn = unsafe extern "C" fn(userdata: *mut c_void);

/// How the host wants to hear that its memory is free again.
pub(crate) enum Release {
    Nothing,
    Call(ReleaseFn, *mut c_void),
    /// Into the queue, for hosts that cannot be called at any moment. The function is only a mark.
    Queue(Option<ReleaseFn>, *mut c_void),
    /// By a number that is one more until then.
    Mark(*const AtomicI64),
    /// One of several things that hold the same; the host hears of the last.
    Shared(#[expect(dead_code, reason = "held for its drop")] Arc<Release>),
}

// SAFETY: the userdata is the host's own and only handed back to it; the host allows its function
// to be called on any thread.
unsafe impl Send for Release {}
// SAFETY: as above; nothing is changed through a shared one.
unsafe impl Sync for Release {}

impl Release {
    /// # Safety
    /// `held` is null, or an aligned number that stays in place while it is not 0.
    #[inline]
    pub(crate) unsafe fn mark(py: Python<'_>, held: *mut i64) -> Self {
        let held = held.cast_const().cast::<AtomicI64>();
        // SAFETY: the caller's promise.
        match unsafe { held.as_ref() } {
            Some(number) => {
                count(py.runtime, number, 1);
                Release::Mark(held)
            }
            None => Release::Nothing,
        }
    }

    /// Whether it came with this function.
    pub(crate) fn is_by(&self, function: ReleaseFn) -> bool {
        let own = match self {
            Release::Call(own, _) => Some(*own),
            Release::Queue(own, _) => *own,
            _ => None,
        };
        own.is_some_and(|own| std::ptr::fn_addr_eq(own, function))
    }

    /// The number that is one more until then.
    pub(crate) fn number(&self) -> Option<*const i64> {
        match self {
            Release::Mark(held) => Some(held.cast()),
            _ => None,
        }
    }

    /// Drops it where it stands, the usual kind in line.
    ///
    /// # Safety
    /// It is not used afterwards.
    #[inline(always)]
    pub(crate) unsafe fn end(release: *mut Self) {
        // SAFETY: the caller's promise; the host gave the function for this very call.
        unsafe {
            match *release {
                Release::Call(function, userdata) => function(userdata),
                _ => release.drop_in_place(),
            }
        }
    }

    /// Nobody is told any more.
    pub(crate) fn disarm(&mut self) {
        std::mem::forget(std::mem::replace(self, Release::Nothing));
    }
}

impl Drop for Release {
    #[inline]
    fn drop(&mut self) {
        match *self {
            Release::Nothing | Release::Shared(_) => {}
            // SAFETY: the host gave the function for this very call, which happens once.
            Release::Call(function, userdata) => unsafe { function(userdata) },
            Release::Mark(held) => unmark(held),
            Release::Queue(_, userdata) => queue().push(userdata.expose_provenance()),
        }
    }
}

fn unmark(held: *const AtomicI64) {
    // SAFETY: it is not 0, so it is still there; Python, which is loaded, drops it.
    unsafe { count(runtime::loaded_unchecked(), &*held, -1) }
}

/// Counts arrays. Under a GIL nobody else counts at the same time.
#[inline]
fn count(runtime: &Runtime, number: &AtomicI64, change: i64) {
    if runtime.free_threaded {
        number.fetch_add(change, Ordering::AcqRel);
    } else {
        let now = number.load(Ordering::Relaxed).wrapping_add(change);
        number.store(now, Ordering::Release);
    }
}

static QUEUE: Mutex<Vec<usize>> = Mutex::new(Vec::new());

pub(crate) fn queue() -> std::sync::MutexGuard<'static, Vec<usize>> {
    QUEUE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Moves up to `capacity` of the queued userdata out, oldest first.
pub(crate) fn take_queued(capacity: usize) -> Vec<*mut c_void> {
    let mut queue = queue();
    let count = capacity.min(queue.len());
    queue
        .drain(..count)
        .map(ptr::with_exposed_provenance_mut)
        .collect()
}
