//! The memory of a Python object, held for the host.

use std::cell::UnsafeCell;
use std::ffi::CStr;
use std::ptr;

use once_cell::sync::OnceCell;

use super::ffi::{PYBUF_FULL_RO, PYBUF_WRITABLE, PyBuffer};
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
#[inline(always)]
pub(crate) fn of<'g>(
    py: Python<'g>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    let flags = if writable {
        PYBUF_FULL_RO | PYBUF_WRITABLE
    } else {
        PYBUF_FULL_RO
    };
    let mut filled = ptr::null();
    // SAFETY: the exporter fills the buffer where it stays, or fails with an exception. It is read
    // while `owner` keeps it.
    let (owner, buffer) = unsafe {
        let owner = hold_made::<View>(py, |view| {
            let buffer = UnsafeCell::raw_get(&raw const (*view).0);
            filled = buffer.cast_const();
            buffer.write_bytes(0, 1);
            py.done((py.api().PyObject_GetBuffer)(
                exporter.as_ptr(),
                buffer,
                flags,
            ))
        })?;
        (owner, read(filled))
    };
    if !buffer.suboffsets.is_null() {
        return Err(in_pieces());
    }
    if buffer.ndim > 0 && (buffer.shape.is_null() || buffer.strides.is_null()) {
        return completed(py, exporter, writable);
    }
    Ok((owner, buffer))
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
