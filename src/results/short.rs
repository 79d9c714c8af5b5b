//! Short texts are copied, which costs less than to keep their objects: those would be freed when the
//! processor no longer has them at hand, and Python's allocator could not give their places to the
//! next.

use std::cell::UnsafeCell;
use std::ffi::c_char;
use std::ptr;

use super::EMB_RESULTS_KEPT;

/// Room for one, with the NUL at its end: a cache line, so that it touches no other.
pub(super) const ROOM: usize = 64;

#[repr(align(64))]
struct Text(UnsafeCell<[c_char; ROOM]>);

/// One for each place in a thread's ring of results.
pub(super) struct Texts([Text; EMB_RESULTS_KEPT]);

impl Texts {
    pub(super) const fn new() -> Self {
        Texts([const { Text(UnsafeCell::new([0; ROOM])) }; EMB_RESULTS_KEPT])
    }

    /// Copies a text of `length` bytes.
    ///
    /// # Safety
    /// There are as many bytes, less than `ROOM`, and a NUL behind them; what stands in that place is
    /// no longer the host's.
    #[inline(always)]
    pub(super) unsafe fn copy(
        &self,
        place: usize,
        text: *const c_char,
        length: usize,
    ) -> *const c_char {
        let copy = self.0[place].0.get().cast::<c_char>();
        // SAFETY: the caller's promise.
        unsafe { copy_few(text.cast(), copy.cast(), length + 1) };
        copy
    }
}

/// A word at the beginning and one at the end, which may overlap: up to sixteen bytes are no call.
///
/// # Safety
/// Both have `count` bytes, and lie apart.
#[inline(always)]
unsafe fn copy_few(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the caller's promise; both ends lie inside.
    unsafe {
        match count {
            8..=16 => copy_ends::<u64>(from, to, count),
            4..8 => copy_ends::<u32>(from, to, count),
            _ => ptr::copy_nonoverlapping(from, to, count),
        }
    }
}

/// # Safety
/// As above, with one or two words.
#[inline(always)]
unsafe fn copy_ends<Word>(from: *const u8, to: *mut u8, count: usize) {
    let last = count - size_of::<Word>();
    // SAFETY: the caller's promise.
    unsafe {
        let first = from.cast::<Word>().read_unaligned();
        let end = from.add(last).cast::<Word>().read_unaligned();
        to.cast::<Word>().write_unaligned(first);
        to.add(last).cast::<Word>().write_unaligned(end);
    }
}
