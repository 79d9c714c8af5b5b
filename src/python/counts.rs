//! The counting of references, of which every operation does some.
//!
//! Extension modules have it compiled in: where the count of an ordinary object stands, and that a
//! number there goes up and down by one, is part of CPython's stable ABI. So an ordinary count is
//! changed in place. Whatever is not ordinary (the last reference, immortal objects, counts of
//! more than 31 bits) and every Python that counts otherwise is left to CPython's own functions.

use super::ffi::Object;
use super::symbols::Symbols;

/// How this Python counts.
pub(crate) struct Counts {
    in_place: bool,
    increase: unsafe extern "C" fn(Object),
    decrease: unsafe extern "C" fn(Object),
}

/// The lower half of an object's first word.
///
/// # Safety
/// A live object, and the GIL is held.
#[inline]
unsafe fn count(object: Object) -> *mut u32 {
    object.cast()
}

impl Counts {
    /// Looks at what CPython's own functions do to an object's first word, if it may. It takes the
    /// GIL, as counting in place does.
    pub(crate) fn new(api: &Symbols, in_place: bool) -> Self {
        Counts {
            in_place: in_place && Self::count_in_place(api),
            increase: api.Py_IncRef,
            decrease: api.Py_DecRef,
        }
    }

    fn count_in_place(api: &Symbols) -> bool {
        // SAFETY: a new object that nobody else knows, with one reference until the end.
        unsafe {
            let object = (api.PyFloat_FromDouble)(0.5);
            let in_place = !object.is_null() && {
                let before = *count(object);
                (api.Py_IncRef)(object);
                let between = *count(object);
                (api.Py_DecRef)(object);
                [before, between, *count(object)] == [1, 2, 1]
            };
            (api.Py_DecRef)(object);
            in_place
        }
    }

    /// Takes a reference.
    ///
    /// # Safety
    /// `object` is a live object, and the GIL is held.
    #[inline]
    pub(crate) unsafe fn increase(&self, object: Object) {
        // SAFETY: the caller's promise; in place, the first word of an object is its count.
        unsafe {
            let count = count(object);
            if self.in_place && (1..i32::MAX as u32).contains(&*count) {
                *count += 1;
            } else {
                (self.increase)(object);
            }
        }
    }

    /// Gives a reference up.
    ///
    /// # Safety
    /// The caller owns a reference to `object`, and the GIL is held.
    #[inline]
    pub(crate) unsafe fn decrease(&self, object: Object) {
        // SAFETY: as in `increase`.
        unsafe {
            let count = count(object);
            if self.in_place && (2..=i32::MAX as u32).contains(&*count) {
                *count -= 1;
            } else {
                (self.decrease)(object);
            }
        }
    }
}
