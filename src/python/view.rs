//! The memory of a Python object, held for the host.

use std::cell::UnsafeCell;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::ffi::{Object, PYBUF_FULL_RO, PYBUF_WRITABLE, PyBuffer};
use super::gil::Python;
use super::holder::{Held, hold_made};
use super::object::Owned;
use super::runtime;
use crate::failure::{Failure, Outcome};

/// A buffer that was asked of an exporter. It stays where it is: its pointers may lead into itself.
struct View(UnsafeCell<PyBuffer>);

pub(crate) const EMPTY: PyBuffer = PyBuffer {
    buf: ptr::null_mut(),
    obj: ptr::null_mut(),
    len: 0,
    itemsize: 0,
    readonly: 1,
    ndim: 0,
    format: ptr::null_mut(),
    shape: ptr::null_mut(),
    strides: ptr::null_mut(),
    suboffsets: ptr::null_mut(),
    internal: ptr::null_mut(),
};

impl Held for View {
    const NAME: &'static CStr = c"emb.View";
    const TELLS_HOST: bool = false;
    const DOC: &'static CStr = c"Keeps memory of Python in place for the host program.";

    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn disarm(&mut self) {}
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: dropped by Python, so that is loaded and the GIL is held; the buffer was filled.
        unsafe { (runtime::loaded_unchecked().api.PyBuffer_Release)(self.0.get()) };
    }
}

/// What keeps an exporter's memory in place, and a description of that memory, whose pointers live
/// as long.
pub(crate) fn of<'g>(
    py: Python<'g>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    match by_itself(py, exporter, writable) {
        Some(outcome) => outcome,
        None => by_holder(py, exporter, writable),
    }
}

/// The same by an object of ours, which releases the buffer at its end.
pub(crate) fn by_holder<'g>(
    py: Python<'g>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    let (owner, buffer) = held(py, exporter, writable)?;
    if !buffer.suboffsets.is_null() {
        return Err(in_pieces());
    }
    if !is_complete(&buffer) {
        return completed(py, exporter, writable);
    }
    Ok((owner, buffer))
}

/// The same where the exporter is not told when the buffer is released, so that all there is to hold
/// is an object: the one in the buffer, which is most often the exporter. None where the buffer has to
/// stay where it was filled.
#[inline(always)]
pub(crate) fn by_itself<'g>(
    py: Python<'g>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Option<Outcome<(Owned<'g>, PyBuffer)>> {
    let exports = &py.runtime.exports;
    // SAFETY: the type of a live object.
    if unsafe { exports.tells(exporter.type_ptr()) } {
        return None;
    }
    let mut place = MaybeUninit::<PyBuffer>::zeroed();
    let filled = place.as_mut_ptr();
    // SAFETY: the exporter fills the buffer, or fails with an exception. Then its object is a reference
    // that the buffer owned, or else the buffer is released.
    unsafe {
        if let Err(failure) = get(py, exporter, filled, writable) {
            return Some(Err(failure));
        }
        let buffer = read(filled);
        let is_inside = |pointer: *const isize| {
            pointer.addr().wrapping_sub(filled.addr()) < size_of::<PyBuffer>()
        };
        let is_kept = |object: Object| {
            object == exporter.as_ptr()
                || NonNull::new(object).is_some_and(|o| !exports.tells(py.runtime.type_of(o)))
        };
        let is_apart = !is_inside(buffer.shape) && !is_inside(buffer.strides);
        if is_apart && is_complete(&buffer) && buffer.suboffsets.is_null() && is_kept(buffer.obj) {
            return Some(py.own(buffer.obj).map(|owner| (owner, buffer)));
        }
        (py.api().PyBuffer_Release)(filled);
    }
    None
}

/// # Safety
/// There is room for a buffer.
#[inline(always)]
unsafe fn get(
    py: Python<'_>,
    exporter: &Owned<'_>,
    buffer: *mut PyBuffer,
    writable: bool,
) -> Outcome<()> {
    let flags = PYBUF_FULL_RO | if writable { PYBUF_WRITABLE } else { 0 };
    // SAFETY: the caller's promise; the exporter is alive.
    py.done(unsafe { (py.api().PyObject_GetBuffer)(exporter.as_ptr(), buffer, flags) })
}

/// Whether the exporter has filled in all that it was asked for.
#[inline(always)]
fn is_complete(buffer: &PyBuffer) -> bool {
    buffer.ndim <= 0 || !buffer.shape.is_null() && !buffer.strides.is_null()
}

/// The buffer where it stays, as it was filled.
fn held<'g>(
    py: Python<'g>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    let mut filled = ptr::null();
    // SAFETY: the exporter fills the buffer where it stays, or fails with an exception. It is read
    // while `owner` keeps it.
    unsafe {
        let owner = hold_made::<View>(py, |view| {
            let buffer = UnsafeCell::raw_get(&raw const (*view).0);
            filled = buffer.cast_const();
            buffer.write_bytes(0, 1);
            get(py, exporter, buffer, writable)
        })?;
        Ok((owner, read(filled)))
    }
}

/// Member by member, as the exporter has just written them: in larger pieces, they would be read
/// before they have been written.
///
/// # Safety
/// `buffer` was filled.
#[inline]
unsafe fn read(buffer: *const PyBuffer) -> PyBuffer {
    // SAFETY: the caller's promise.
    unsafe {
        PyBuffer {
            buf: (&raw const (*buffer).buf).read_volatile(),
            len: (&raw const (*buffer).len).read_volatile(),
            itemsize: (&raw const (*buffer).itemsize).read_volatile(),
            ndim: (&raw const (*buffer).ndim).read_volatile(),
            readonly: (&raw const (*buffer).readonly).read_volatile(),
            ..buffer.read()
        }
    }
}

#[cold]
fn in_pieces() -> Failure {
    Failure::argument(
        "the object's memory is made of pieces (suboffsets): copy it first, with \
         numpy.ascontiguousarray",
    )
}

/// For an exporter that leaves out what it was asked for: a memoryview fills it in.
#[cold]
fn completed<'g>(
    py: Python<'g>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    let memoryview = py.apply1(py.api().PyMemoryView_FromObject, exporter)?;
    of(py, &memoryview, writable)
}
