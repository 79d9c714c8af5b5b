//! The counting of references, of which every operation does some.
//!
//! Extension modules have it compiled in: where the count of an ordinary object stands, and that a
//! number there goes up and down by one, is part of CPython's stable ABI. So an ordinary count is
//! changed in place, and after the last one the object is ended. Whatever is not ordinary (immortal
//! objects, counts of more than 31 bits) and every Python that counts otherwise is left to CPython's
//! own functions.

use std::hint::cold_path;

use super::ffi::Object;
use super::object::Owned;
use super::symbols::Symbols;

/// How this Python counts.
pub(crate) struct Counts {
    /// Counts of fewer references than this are changed in place, but for the first one; 0 where none is.
    ordinary: u32,
    /// An object's first word where there is one reference to it; what no first word is where counts are
    /// not changed in place.
    only: u64,
    increase: unsafe extern "C" fn(Object),
    decrease: unsafe extern "C" fn(Object),
    end: unsafe extern "C" fn(Object),
}

/// An object's first word, the lower half of which is its count. It is read and written as a whole,
/// as CPython does: the next one to read it must not find it in two pieces.
///
/// # Safety
/// A live object, and the GIL is held.
#[inline]
unsafe fn word(object: Object) -> *mut u64 {
    object.cast()
}

impl Counts {
    /// Looks at what CPython's own functions do to an object's first word, if it may. It takes the
    /// GIL, as counting in place does.
    pub(crate) fn new(api: &Symbols, in_place: bool) -> Self {
        let (ordinary, only) = if in_place && Self::count_in_place(api) {
            (i32::MAX as u32 - 1, 1)
        } else {
            (0, u64::MAX)
        };
        Counts {
            ordinary,
            only,
            increase: api.Py_IncRef,
            decrease: api.Py_DecRef,
            end: api._Py_Dealloc,
        }
    }

    fn count_in_place(api: &Symbols) -> bool {
        // SAFETY: a new object that nobody else knows, with one reference until the end.
        unsafe {
            let object = (api.PyFloat_FromDouble)(0.5);
            let in_place = !object.is_null() && {
                let before = *word(object);
                (api.Py_IncRef)(object);
                let between = *word(object);
                (api.Py_DecRef)(object);
                [before, between, *word(object)] == [1, 2, 1]
            };
            (api.Py_DecRef)(object);
            in_place
        }
    }

    pub(crate) fn are_in_place(&self) -> bool {
        self.ordinary != 0
    }

    /// How many references there are to an object, where that is read in place.
    pub(crate) fn references(&self, object: &Owned<'_>) -> Option<u32> {
        // SAFETY: a live object, and the GIL is held.
        let count = unsafe { *word(object.as_ptr()) } as u32;
        self.are_in_place().then_some(count)
    }

    /// Takes a reference.
    ///
    /// # Safety
    /// `object` is a live object, and the GIL is held.
    #[inline(always)]
    pub(crate) unsafe fn increase(&self, object: Object) {
        // SAFETY: the caller's promise; in place, the first word of an object has its count.
        unsafe {
            let count = *word(object);
            // One is ordinary here: none would be the largest number.
            if (count as u32).wrapping_sub(1) < self.ordinary {
                *word(object) = count + 1;
            } else {
                cold_path();
                (self.increase)(object);
            }
        }
    }

    /// Makes memory of an object that has been given up, and kept its type, an object again, with one
    /// reference. False where that takes more.
    ///
    /// # Safety
    /// The caller owns the memory, and the GIL is held.
    #[inline(always)]
    pub(crate) unsafe fn revive(&self, object: Object) -> bool {
        let in_place = self.ordinary != 0;
        if in_place {
            // SAFETY: the caller's promise.
            unsafe { *word(object) = self.only };
        }
        in_place
    }

    /// Gives a reference up.
    ///
    /// # Safety
    /// The caller owns a reference to `object`, and the GIL is held.
    #[inline(always)]
    pub(crate) unsafe fn decrease(&self, object: Object) {
        // SAFETY: as in `increase`; the word is 1 as a whole where no other reference is left.
        unsafe {
            let count = *word(object);
            if (count as u32).wrapping_sub(2) < self.ordinary {
                *word(object) = count - 1;
            } else if count == self.only {
                *word(object) = 0;
                (self.end)(object);
            } else {
                cold_path();
                (self.decrease)(object);
            }
        }
    }
}
