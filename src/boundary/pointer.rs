//! Pointers of the host, checked: each check names the argument.

use std::ffi::{CStr, c_char};
use std::ptr::{self, NonNull};

use super::EMB_NUL_TERMINATED;
use crate::failure::{Failure, Outcome, utf8};

/// The address space of a process: no text can be longer.
const LONGEST_TEXT: usize = 1 << 47;

/// An out-parameter that was checked and is written once, at the end.
pub(crate) struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// # Safety
    /// `pointer` is null or points to writable memory for a `T` during the call.
    #[inline]
    pub(crate) unsafe fn new(pointer: *mut T, what: &str) -> Outcome<Self> {
        check(pointer, what)?;
        // SAFETY: checked.
        Ok(Out(unsafe { NonNull::new_unchecked(pointer) }))
    }

    /// For results that may be discarded: a null pointer gives None.
    ///
    /// # Safety
    /// As for `new`.
    #[inline]
    pub(crate) unsafe fn optional(pointer: *mut T, what: &str) -> Outcome<Option<Self>> {
        if pointer.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's promise.
        unsafe { Self::new(pointer, what) }.map(Some)
    }

    /// Only what can be used, nothing else. As the other functions called usual, which serve
    /// `boundary::usually`: it says nothing about what is wrong.
    ///
    /// # Safety
    /// As for `new`.
    #[inline(always)]
    pub(crate) unsafe fn usual(pointer: *mut T) -> Option<Self> {
        NonNull::new(pointer)
            .filter(|_| pointer.is_aligned())
            .map(Out)
    }

    /// # Safety
    /// As for `new`.
    #[inline(always)]
    pub(crate) unsafe fn usual_optional(pointer: *mut T) -> Option<Option<Self>> {
        pointer.is_aligned().then(|| NonNull::new(pointer).map(Out))
    }

    #[inline]
    pub(crate) fn set(self, value: T) {
        // SAFETY: checked when it was made; the host's memory is writable during the call.
        unsafe { self.0.write(value) }
    }
}

#[inline]
pub(super) fn check<T>(pointer: *const T, what: &str) -> Outcome<()> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(unusable(pointer.is_null(), align_of::<T>(), what));
    }
    Ok(())
}

#[cold]
fn unusable(is_null: bool, alignment: usize, what: &str) -> Failure {
    Failure::argument(if is_null {
        format!("{what} is NULL")
    } else {
        format!("{what} is not aligned to {alignment} bytes")
    })
}

#[cold]
fn impossible_length(length: impl std::fmt::Display, what: &str) -> Failure {
    Failure::argument(format!("{what} has an impossible length: {length}"))
}

/// An array to write, element by element.
///
/// # Safety
/// `pointer` is null or points to room for `capacity` elements during the call.
pub(crate) unsafe fn room<T>(pointer: *mut T, capacity: usize, what: &str) -> Outcome<Room<T>> {
    // SAFETY: the caller's promise; the slice is only looked at for its checks.
    unsafe { slice(pointer.cast_const(), capacity, what) }?;
    Ok(Room { pointer, capacity })
}

/// Room for several results.
pub(crate) struct Room<T> {
    pointer: *mut T,
    capacity: usize,
}

impl<T: Copy> Room<T> {
    /// Writes the values, as many as there is room for, and says how many.
    pub(crate) fn fill(self, values: impl ExactSizeIterator<Item = T>) -> usize {
        let count = values.len().min(self.capacity);
        for (i, value) in values.take(count).enumerate() {
            // SAFETY: `room` was promised memory for `capacity` elements, which is the host's.
            unsafe { self.pointer.add(i).write(value) };
        }
        count
    }

    /// Writes values that stand in a row, as many as there is room for, and says how many.
    pub(crate) fn copy(self, values: &[T]) -> usize {
        let count = values.len().min(self.capacity);
        // SAFETY: as above; these are the library's own.
        unsafe { ptr::copy_nonoverlapping(values.as_ptr(), self.pointer, count) };
        count
    }
}

/// One structure to read.
///
/// # Safety
/// `pointer` is null or points to a readable `T` during the call.
#[inline]
pub(crate) unsafe fn read<'a, T>(pointer: *const T, what: &str) -> Outcome<&'a T> {
    check(pointer, what)?;
    // SAFETY: checked, and the caller's promise.
    Ok(unsafe { &*pointer })
}

/// One structure to read, or none: null gives None.
///
/// # Safety
/// As for `read`.
pub(crate) unsafe fn optional<'a, T>(pointer: *const T, what: &str) -> Outcome<Option<&'a T>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { read(pointer, what) }.map(Some)
}

/// An array to read; null is fine where it is empty.
///
/// # Safety
/// `pointer` is null or points to `length` readable elements during the call.
#[inline]
pub(crate) unsafe fn slice<'a, T>(
    pointer: *const T,
    length: usize,
    what: &str,
) -> Outcome<&'a [T]> {
    if length == 0 {
        return Ok(&[]);
    }
    check(pointer, what)?;
    if length > i32::MAX as usize {
        return Err(impossible_length(length, what));
    }
    // SAFETY: checked, and the caller's promise.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// The usual array: one of at most `most` elements.
///
/// # Safety
/// As for `slice`.
#[inline(always)]
pub(crate) unsafe fn usual_slice<'a, T>(
    pointer: *const T,
    length: usize,
    most: usize,
) -> Option<&'a [T]> {
    if length > most || !pointer.is_aligned() {
        return None;
    }
    if pointer.is_null() {
        return (length == 0).then_some(&[]);
    }
    // SAFETY: checked, and the caller's promise.
    Some(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// Bytes to read, of any length that memory can have; null is fine where there are none.
///
/// # Safety
/// `pointer` is null or points to `length` readable bytes during the call.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, length: usize, what: &str) -> Outcome<&'a [u8]> {
    if length == 0 {
        return Ok(&[]);
    }
    check(pointer, what)?;
    // SAFETY: checked, and the caller's promise; lengths come from 32 bits, so they are possible.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// A name or other short text, not yet checked to be UTF-8, with a length or EMB_NUL_TERMINATED.
///
/// # Safety
/// `pointer` is null or points to `length` readable bytes, or to a NUL-terminated text.
#[inline]
pub(crate) unsafe fn name<'a>(
    pointer: *const c_char,
    length: i64,
    what: &str,
) -> Outcome<&'a [u8]> {
    if pointer.is_null() && length != 0 {
        return Err(unusable(true, 1, what));
    }
    match usize::try_from(length) {
        Ok(0) => Ok(&[]),
        Ok(length) if length <= LONGEST_TEXT => {
            // SAFETY: the caller's promise.
            Ok(unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length) })
        }
        // SAFETY: the caller's promise.
        _ if length == EMB_NUL_TERMINATED => Ok(unsafe { CStr::from_ptr(pointer) }.to_bytes()),
        _ => Err(impossible_length(length, what)),
    }
}

/// The usual name: a short one.
///
/// # Safety
/// As for `name`.
#[inline(always)]
pub(crate) unsafe fn usual_name<'a>(pointer: *const c_char, length: i64) -> Option<&'a [u8]> {
    const SHORT: usize = 16;
    const LONG: usize = 1 << 12;
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe {
        // Told apart so that what follows need not ask again.
        if (1..=SHORT).contains(&(length as usize)) {
            let length = length as usize;
            return Some(std::slice::from_raw_parts(pointer.cast::<u8>(), length));
        }
        if length == EMB_NUL_TERMINATED {
            return Some(CStr::from_ptr(pointer).to_bytes());
        }
        let length = length as usize;
        (length < LONG).then(|| std::slice::from_raw_parts(pointer.cast::<u8>(), length))
    }
}

/// Text with a length, or EMB_NUL_TERMINATED.
///
/// # Safety
/// As for `name`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char, length: i64, what: &str) -> Outcome<&'a str> {
    // SAFETY: the caller's promise.
    utf8(unsafe { name(pointer, length, what) }?, what)
}

/// Whether an optional name or text is left out.
#[inline(always)]
pub(crate) fn is_none(pointer: *const c_char, length: i64) -> bool {
    pointer.is_null() && (length == 0 || length == EMB_NUL_TERMINATED)
}

/// An optional name: null gives None.
///
/// # Safety
/// As for `name`.
#[inline]
pub(crate) unsafe fn optional_name<'a>(
    pointer: *const c_char,
    length: i64,
    what: &str,
) -> Outcome<Option<&'a [u8]>> {
    if is_none(pointer, length) {
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    unsafe { name(pointer, length, what) }.map(Some)
}

/// Optional text: null gives None.
///
/// # Safety
/// As for `name`.
pub(crate) unsafe fn optional_text<'a>(
    pointer: *const c_char,
    length: i64,
    what: &str,
) -> Outcome<Option<&'a str>> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { optional_name(pointer, length, what) }?;
    bytes.map(|bytes| utf8(bytes, what)).transpose()
}
