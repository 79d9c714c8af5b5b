//! Memory that somebody other than a buffer keeps in place for the host: an object, a tensor, or a
//! copy.

use std::cell::UnsafeCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::ffi::{PyBuffer, PyObject};
use super::gil::Python;
use super::holder::{Held, held, hold};
use super::object::Owned;
use super::runtime;
use super::tensor::Taken;
use crate::failure::{Failure, Outcome};

/// What keeps memory in place.
#[expect(dead_code, reason = "held for their drop")]
pub(crate) enum Keeper {
    Object(Reference),
    Tensor(Taken),
    /// Words, so that elements of any type are aligned.
    Copy(Vec<u128>),
}

/// A reference of a value that Python owns, and drops with the GIL.
pub(crate) struct Reference(NonNull<PyObject>);

impl Reference {
    pub(crate) fn new(object: Owned<'_>) -> Self {
        Reference(object.into_raw())
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        if let Some(runtime) = runtime::loaded() {
            // SAFETY: the reference is this one's own, and Python drops it, so the GIL is held.
            unsafe { (runtime.api.Py_DecRef)(self.0.as_ptr()) }
        }
    }
}

/// A description of memory.
pub(crate) struct Described {
    pub data: *mut c_void,
    pub itemsize: usize,
    pub readonly: bool,
    pub format: CString,
    pub shape: Vec<isize>,
    pub strides: Vec<isize>,
    pub keeper: Keeper,
}

/// The description in the form of a buffer; its pointers lead into the description.
struct Kept {
    described: UnsafeCell<Described>,
}

impl Held for Kept {
    const NAME: &'static CStr = c"emb.Memory";
    const TELLS_HOST: bool = false;
    const DOC: &'static CStr = c"Keeps memory in place for the host program.";

    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn disarm(&mut self) {}
}

impl Described {
    /// What keeps the memory in place, and the buffer that describes it, which lives as long.
    pub(crate) fn keep(self, py: Python<'_>) -> Outcome<(Owned<'_>, PyBuffer)> {
        let elements = self
            .shape
            .iter()
            .try_fold(1_isize, |all, n| all.checked_mul(*n).filter(|_| *n >= 0));
        let nbytes = elements.and_then(|n| n.checked_mul(self.itemsize as isize));
        let nbytes = nbytes.filter(|_| self.shape.len() == self.strides.len());
        let nbytes = nbytes.ok_or_else(|| {
            Failure::argument("the object describes its memory by an impossible shape")
        })?;
        if self.data.is_null() && nbytes > 0 {
            return Err(Failure::argument(
                "the object describes its memory by an address that is 0: it has none, or not any more",
            ));
        }
        let described = UnsafeCell::new(self);
        let owner = hold(py, Kept { described })?;
        // SAFETY: made by `hold` a moment ago; nobody else looks into it.
        let Some(kept) = (unsafe { held::<Kept>(owner.as_ptr()) }) else {
            return Err(Failure::argument("a description of nothing"));
        };
        // SAFETY: as above; the vectors do not change any more.
        let it = unsafe { &mut *kept.described.get() };
        let buffer = PyBuffer {
            buf: it.data,
            obj: ptr::null_mut(),
            len: nbytes,
            itemsize: it.itemsize as isize,
            readonly: it.readonly.into(),
            ndim: it.shape.len() as i32,
            format: it.format.as_ptr().cast_mut().cast::<c_char>(),
            shape: it.shape.as_mut_ptr(),
            strides: it.strides.as_mut_ptr(),
            suboffsets: ptr::null_mut(),
            internal: ptr::null_mut(),
        };
        Ok((owner, buffer))
    }
}

/// The steps of a C-contiguous array.
pub(crate) fn contiguous(shape: &[isize], itemsize: usize) -> Vec<isize> {
    let mut step = itemsize as isize;
    let mut strides = vec![0; shape.len()];
    for (stride, length) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step = step.saturating_mul((*length).max(1));
    }
    strides
}

/// Lengths and steps of a buffer; the steps may be left out where it is contiguous.
pub(crate) fn layout(buffer: &PyBuffer) -> (Vec<isize>, Vec<isize>) {
    let numbers = |pointer: *const isize| match buffer.ndim {
        0 => Vec::new(),
        // SAFETY: a buffer has as many of them as dimensions.
        ndim => unsafe { std::slice::from_raw_parts(pointer, ndim as usize) }.to_vec(),
    };
    if buffer.ndim > 0 && buffer.shape.is_null() {
        return (vec![buffer.len], vec![buffer.itemsize]);
    }
    let shape = numbers(buffer.shape);
    let strides = if buffer.strides.is_null() {
        contiguous(&shape, buffer.itemsize as usize)
    } else {
        numbers(buffer.strides)
    };
    (shape, strides)
}

/// Whether the elements lie one after the other, the last index running fastest.
pub(crate) fn is_contiguous(buffer: &PyBuffer) -> bool {
    let (shape, strides) = layout(buffer);
    let plain = contiguous(&shape, buffer.itemsize as usize);
    let mut axes = shape.iter().zip(&strides).zip(&plain);
    shape.contains(&0) || axes.all(|((length, stride), plain)| *length == 1 || stride == plain)
}

/// A copy of a buffer's elements, one after the other.
pub(crate) fn copy(buffer: &PyBuffer) -> Described {
    let (shape, strides) = layout(buffer);
    let itemsize = buffer.itemsize as usize;
    let mut words = vec![0_u128; (buffer.len as usize).div_ceil(16)];
    if buffer.len > 0 {
        let mut target = words.as_mut_ptr().cast::<u8>();
        // SAFETY: there is room for all elements, which the shape and the strides lead to.
        unsafe { gather(buffer.buf.cast(), &mut target, &shape, &strides, itemsize) };
    }
    let format = if buffer.format.is_null() {
        c"B"
    } else {
        // SAFETY: a format is a text that ends with a NUL byte, and lives as long as its buffer.
        unsafe { CStr::from_ptr(buffer.format) }
    };
    Described {
        data: words.as_mut_ptr().cast(),
        itemsize,
        readonly: false,
        format: format.into(),
        strides: contiguous(&shape, itemsize),
        shape,
        keeper: Keeper::Copy(words),
    }
}

/// # Safety
/// `source` is the element with all indices 0 of an array of this shape, `target` room for it.
unsafe fn gather(
    source: *const u8,
    target: &mut *mut u8,
    shape: &[isize],
    strides: &[isize],
    itemsize: usize,
) {
    let whole = contiguous(shape, itemsize) == strides;
    // SAFETY: the caller's promise.
    unsafe {
        if whole {
            let bytes = shape.iter().product::<isize>() as usize * itemsize;
            ptr::copy_nonoverlapping(source, *target, bytes);
            *target = target.add(bytes);
            return;
        }
        // There is a dimension: without one, everything is contiguous.
        for i in 0..shape[0] {
            let row = source.offset(i * strides[0]);
            gather(row, target, &shape[1..], &strides[1..], itemsize);
        }
    }
}
