//! The thread's slot, where nothing faster is known.

use std::cell::Cell;
use std::ffi::c_void;

#[inline]
pub(super) fn of_thread<'a>() -> &'a Cell<*const c_void> {
    thread_local! {
        /// A plain pointer has no destructor, so it can be read at any moment of the thread's life.
        static SLOT: Cell<*const c_void> = const { Cell::new(std::ptr::null()) };
    }
    // SAFETY: without a destructor the variable is there until the thread has ended.
    SLOT.with(|slot| unsafe { &*std::ptr::from_ref(slot) })
}
