//! Structures that begin with their size, so that they can grow: hosts hand over what they know of
//! one, be it less than this library knows, or more.

use std::mem::MaybeUninit;
use std::ptr;

use super::pointer::check;
use crate::failure::{Failure, Outcome};

/// No structure is larger; a size beyond it was never set.
const LARGEST: usize = 4096;

/// A structure whose first member is its `size`.
///
/// # Safety
/// It is `repr(C)`, begins with `size: usize`, and all zeros are a valid value of it.
pub(crate) unsafe trait Growing: Sized {
    /// Its size in the first header: no host has less. It never changes.
    const FIRST: usize;
    const NAME: &'static str;
}

/// The size that the host has set.
///
/// # Safety
/// `pointer` is null or points to a structure with `size` set.
unsafe fn size<T: Growing>(pointer: *const T, what: &str) -> Outcome<usize> {
    check(pointer, what)?;
    // SAFETY: checked, and the size comes first.
    let size = unsafe { *pointer.cast::<usize>() };
    if (T::FIRST..=LARGEST).contains(&size) {
        return Ok(size);
    }
    let name = T::NAME;
    Err(Failure::argument(format!(
        "{what}->size is {size}, which is no size of {name}: set it to sizeof({name})"
    )))
}

/// A structure to read. Members that the host does not know are zero, which means the default.
///
/// # Safety
/// `pointer` is null or points to a structure of the `size` in it, readable during the call.
pub(crate) unsafe fn read<T: Growing>(pointer: *const T, what: &str) -> Outcome<T> {
    // SAFETY: the caller's promise.
    let size = unsafe { size(pointer, what) }?;
    let known = size.min(size_of::<T>());
    // SAFETY: the host's structure has `size` bytes.
    let unknown =
        unsafe { std::slice::from_raw_parts(pointer.cast::<u8>().add(known), size - known) };
    if unknown.iter().any(|&byte| byte != 0) {
        return Err(Failure::argument(format!(
            "{what} has a member set that libemb {} does not know: leave it zero, or use a newer libemb",
            env!("CARGO_PKG_VERSION")
        )));
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `known` bytes are in both; zeros are valid for the rest.
    unsafe {
        ptr::copy_nonoverlapping(pointer.cast::<u8>(), value.as_mut_ptr().cast(), known);
        Ok(value.assume_init())
    }
}

/// A structure to fill, as far as the host knows it.
pub(crate) struct Fill<T> {
    pointer: *mut T,
    size: usize,
}

impl<T: Growing> Fill<T> {
    /// # Safety
    /// `pointer` is null or points to a structure of the `size` in it, writable during the call.
    pub(crate) unsafe fn new(pointer: *mut T, what: &str) -> Outcome<Self> {
        // SAFETY: the caller's promise.
        let size = unsafe { size(pointer.cast_const(), what) }?;
        Ok(Fill { pointer, size })
    }

    /// For `boundary::usually`: a structure as large as this library knows it.
    ///
    /// # Safety
    /// As for `new`.
    #[inline(always)]
    pub(crate) unsafe fn usual(pointer: *mut T) -> Option<Self> {
        if pointer.is_null() || !pointer.is_aligned() {
            return None;
        }
        // SAFETY: checked, and the size comes first.
        let size = unsafe { *pointer.cast::<usize>() };
        (size == size_of::<T>()).then_some(Fill { pointer, size })
    }

    /// Writes all but the size, which is the host's.
    #[inline]
    pub(crate) fn set(self, value: T) {
        let Fill { pointer, size } = self;
        // The usual size is told apart: to copy as many bytes as the compiler knows is no call.
        if size >= size_of::<T>() {
            Self::copy(pointer, value, size_of::<T>());
        } else {
            Self::copy(pointer, value, size);
        }
    }

    #[inline(always)]
    fn copy(pointer: *mut T, value: T, known: usize) {
        let skip = size_of::<usize>();
        let value = ptr::from_ref(&value).cast::<u8>();
        // SAFETY: both have `known` bytes, and the host's are writable during the call.
        unsafe {
            ptr::copy_nonoverlapping(
                value.add(skip),
                pointer.cast::<u8>().add(skip),
                known - skip,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fill, Growing, read};

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Grown {
        size: usize,
        first: u64,
        later: u32,
        latest: u32,
    }

    // SAFETY: as the trait demands.
    unsafe impl Growing for Grown {
        const FIRST: usize = 16;
        const NAME: &'static str = "grown";
    }

    const FILLED: Grown = Grown {
        size: 0,
        first: 1,
        later: 2,
        latest: 3,
    };

    fn untouched(size: usize) -> Grown {
        Grown {
            size,
            first: 7,
            later: 7,
            latest: 7,
        }
    }

    #[test]
    fn a_structure_is_filled_as_far_as_the_host_knows_it() {
        for (size, later, latest) in [(16, 7, 7), (20, 2, 7), (24, 2, 3), (4096, 2, 3)] {
            let mut given = untouched(size);
            // SAFETY: it is there, and more than what is known is not written.
            unsafe { Fill::new(&mut given, "given") }
                .unwrap()
                .set(FILLED);
            let expected = Grown {
                size,
                first: 1,
                later,
                latest,
            };
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn the_usual_structure_has_the_size_that_is_known() {
        for size in [0, 16, 20, 24, 25, 4096] {
            let mut given = untouched(size);
            // SAFETY: as above.
            match unsafe { Fill::usual(&mut given) } {
                Some(fill) => fill.set(FILLED),
                None => assert_eq!(given, untouched(size)),
            }
            assert_eq!(given.latest == 3, size == 24);
        }
    }

    #[test]
    fn what_the_host_does_not_know_is_read_as_zero() {
        for (size, later, latest) in [(16, 0, 0), (20, 7, 0), (24, 7, 7)] {
            // SAFETY: it is there.
            let found = unsafe { read(&untouched(size), "given") }.unwrap();
            assert_eq!((found.first, found.later, found.latest), (7, later, latest));
        }
        // SAFETY: as above.
        assert!(unsafe { read(&untouched(15), "given") }.is_err());
    }
}
