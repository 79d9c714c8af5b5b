//! Memory that an object describes by `__array_struct__`: what `__array_interface__` says, as a
//! structure of C in a capsule.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::NonNull;

use super::ffi::Object;
use super::gil::Python;
use super::interface::{element, wrong};
use super::memory::{Described, Keeper, Reference};
use super::ndarray::WRITEABLE;
use super::object::Owned;
use crate::failure::{Failure, Outcome};

/// numpy's PyArrayInterface, which has not changed since its version 2, as `two` says.
#[repr(C)]
struct ArrayInterface {
    two: c_int,
    ndim: c_int,
    /// numpy's letter for the kind of element.
    kind: c_char,
    itemsize: c_int,
    flags: c_int,
    shape: *const isize,
    /// Bytes.
    strides: *const isize,
    data: *mut c_void,
    /// Borrowed; only there if the flags say so.
    descr: Object,
}

const NOT_SWAPPED: c_int = 0x200;
const HAS_DESCR: c_int = 0x800;
const MOST_DIMENSIONS: c_int = 64;

/// The memory of an object, or None where it does not describe it this way.
pub(super) fn of<'g>(py: Python<'g>, object: &Owned<'g>) -> Outcome<Option<Described>> {
    let Some(capsule) = py.attribute(object, "__array_struct__")? else {
        return Ok(None);
    };
    // SAFETY: the capsule has no name; an exception says what is none.
    let interface = unsafe {
        let found = (py.api().PyCapsule_GetPointer)(capsule.as_ptr(), std::ptr::null());
        found.cast::<ArrayInterface>().as_ref()
    };
    let interface = interface.ok_or(Failure::Python)?;
    if interface.two != 2 || !(0..=MOST_DIMENSIONS).contains(&interface.ndim) {
        return Err(wrong("its __array_struct__ is no structure of version 2"));
    }
    // SAFETY: the capsule keeps the structure and what it points to: a number for each dimension,
    // and the descr where there is one.
    let (shape, strides, descr) = unsafe {
        let descr = NonNull::new(interface.descr).filter(|_| interface.flags & HAS_DESCR != 0);
        (
            numbers(interface.shape, interface.ndim),
            numbers(interface.strides, interface.ndim),
            descr.map(|descr| py.share(descr)),
        )
    };
    let (format, itemsize) = element(py, &typestr(interface), descr)?;
    Ok(Some(Described {
        data: interface.data,
        itemsize,
        readonly: interface.flags & WRITEABLE == 0,
        format: CString::new(format).map_err(|_| wrong("its type has a NUL byte"))?,
        shape,
        strides,
        keeper: Keeper::Object(Reference::new(
            py.tuple([object.clone(), capsule].into_iter())?,
        )),
    }))
}

/// The element type as `__array_interface__` writes it.
fn typestr(interface: &ArrayInterface) -> String {
    let order = if interface.flags & NOT_SWAPPED != 0 {
        '<'
    } else {
        '>'
    };
    let kind = interface.kind as u8 as char;
    // Texts are measured in characters.
    let size = if kind == 'U' {
        interface.itemsize / 4
    } else {
        interface.itemsize
    };
    format!("{order}{kind}{size}")
}

/// # Safety
/// `numbers` points to as many as there are dimensions.
unsafe fn numbers(numbers: *const isize, ndim: c_int) -> Vec<isize> {
    if ndim == 0 {
        return Vec::new();
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(numbers, ndim as usize) }.to_vec()
}
