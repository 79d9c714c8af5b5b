//! Arrays of numpy, read where they stand.
//!
//! Asked for a buffer, numpy writes a description of the array, with a text for its element type, and
//! compares that with the last one it has made. What there is to say of the usual arrays is in their
//! public members, and in a table of element types.

use std::ffi::{CStr, c_char, c_int, c_long, c_void};

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use super::view;
use crate::failure::Outcome;
use crate::handle::Beside;

/// What an array has behind the header that all objects have; numpy declares it to C, and keeps to it.
#[repr(C)]
pub(super) struct Members {
    pub data: *mut c_void,
    pub ndim: c_int,
    pub shape: *const i64,
    /// Bytes.
    strides: *const i64,
    pub base: Object,
    pub dtype: Object,
    pub flags: c_int,
}

/// The same of a dtype, as far as it is in all versions.
#[repr(C)]
struct OfDtype {
    scalar: Object,
    kind: c_char,
    letter: c_char,
    order: u8,
    various: c_char,
    number: c_int,
}

pub(super) const C_CONTIGUOUS: c_int = 1;
const F_CONTIGUOUS: c_int = 2;
pub(super) const ALIGNED: c_int = 0x0100;
pub(super) const WRITEABLE: c_int = 0x0400;
/// Whoever writes is to be warned, by numpy.
const WARN_ON_WRITE: c_int = 1 << 31;

/// Dimensions for whose lengths and steps there is room beside a handle.
const MOST_DIMENSIONS: usize = size_of::<Beside>() / size_of::<[i64; 2]>();

/// How the buffer protocol writes numpy's element types, by their numbers, and their sizes in bytes.
static ELEMENTS: [Option<(&CStr, i64)>; 24] = {
    const LONG: i64 = size_of::<c_long>() as i64;
    let mut all = [None; 24];
    all[0] = Some((c"?", 1));
    all[1] = Some((c"b", 1));
    all[2] = Some((c"B", 1));
    all[3] = Some((c"h", 2));
    all[4] = Some((c"H", 2));
    all[5] = Some((c"i", 4));
    all[6] = Some((c"I", 4));
    all[7] = Some((c"l", LONG));
    all[8] = Some((c"L", LONG));
    all[9] = Some((c"q", 8));
    all[10] = Some((c"Q", 8));
    all[11] = Some((c"f", 4));
    all[12] = Some((c"d", 8));
    all[14] = Some((c"Zf", 8));
    all[15] = Some((c"Zd", 16));
    all[23] = Some((c"e", 2));
    all
};

/// How this numpy lays out its arrays.
#[derive(Clone, Copy)]
pub(crate) struct Arrays {
    /// Bytes of the header.
    header: usize,
}

/// A usual array, to be described.
pub(crate) struct Usual<'a> {
    members: &'a Members,
    format: &'static CStr,
    itemsize: i64,
}

impl Arrays {
    /// Looks at an array of which all is known, if what numpy makes may be read in place. `core` is the
    /// module that is numpy's C code.
    pub(super) fn new(py: Python<'_>, core: &Owned<'_>) -> Option<Self> {
        let arrays = Arrays {
            header: py.runtime.header?,
        };
        let are_as_known = arrays.are_as_known(py, core);
        py.or_clear(are_as_known).filter(|are| *are).map(|_| arrays)
    }

    fn are_as_known<'g>(self, py: Python<'g>, core: &Owned<'g>) -> Outcome<bool> {
        let shape = py.tuple([py.int(2)?, py.int(3)?].into_iter())?;
        let array = core.getattr("zeros")?.call(&[shape], None)?;
        let (_owner, buffer) = view::of(py, &array, false)?;
        let dtype = array.getattr("dtype")?;
        let number = py.to_i64(&dtype.getattr("num")?)?;
        let flags = py.to_i64(&array.getattr("flags")?.getattr("num")?)?;
        let usual = C_CONTIGUOUS | ALIGNED | WRITEABLE;
        // SAFETY: in every version these objects are larger than what is read of them; pointers are followed
        // where what is before them is as it has to be.
        Ok(unsafe {
            let (found, element) = (self.members(array.as_ptr()), self.of_dtype(dtype.as_ptr()));
            let are_alike = |ours: *const i64, theirs: *const isize| {
                !ours.is_null()
                    && ours.is_aligned()
                    && (0..2).all(|i| *ours.add(i) == *theirs.add(i) as i64)
            };
            found.data == buffer.buf
                && found.ndim == buffer.ndim
                && found.dtype == dtype.as_ptr()
                && i64::from(found.flags) == flags
                && found.flags & usual == usual
                && i64::from(element.number) == number
                && element.order == b'='
                && are_alike(found.shape, buffer.shape)
                && are_alike(found.strides, buffer.strides)
        })
    }

    /// # Safety
    /// A live array, which is not changed meanwhile.
    #[inline(always)]
    pub(super) unsafe fn members<'a>(self, array: Object) -> &'a Members {
        // SAFETY: the caller's promise, and what `new` has found.
        unsafe { &*array.byte_add(self.header).cast() }
    }

    /// # Safety
    /// A live dtype.
    #[inline(always)]
    unsafe fn of_dtype<'a>(self, dtype: Object) -> &'a OfDtype {
        // SAFETY: the caller's promise, and what `new` has found.
        unsafe { &*dtype.byte_add(self.header).cast() }
    }

    /// An array, if it is a usual one: of numbers as this processor has them, of few dimensions, and
    /// writable, if that is wanted.
    ///
    /// # Safety
    /// A live array, which is not changed as long as what is given is used.
    #[inline(always)]
    pub(super) unsafe fn usual<'a>(self, array: Object, writable: bool) -> Option<Usual<'a>> {
        // SAFETY: the caller's promise; an array has a dtype.
        let (members, dtype) = unsafe {
            let members = self.members(array);
            (members, self.of_dtype(members.dtype))
        };
        let wanted = ALIGNED | if writable { WRITEABLE } else { 0 };
        let is_native = matches!(dtype.order, b'=' | b'|');
        let (format, itemsize) = (*ELEMENTS.get(dtype.number as usize)?)?;
        let is_usual = members.flags & (wanted | WARN_ON_WRITE) == wanted
            && is_native
            && members.ndim as usize <= MOST_DIMENSIONS;
        is_usual.then_some(Usual {
            members,
            format,
            itemsize,
        })
    }
}

impl Usual<'_> {
    pub(crate) fn data(&self) -> *mut c_void {
        self.members.data
    }

    pub(crate) fn ndim(&self) -> i32 {
        self.members.ndim
    }

    pub(crate) fn is_readonly(&self) -> bool {
        self.members.flags & WRITEABLE == 0
    }

    pub(crate) fn itemsize(&self) -> i64 {
        self.itemsize
    }

    pub(crate) fn format(&self) -> *const c_char {
        self.format.as_ptr()
    }

    /// Writes the lengths, and behind them the steps; gives how many bytes the elements take.
    #[inline(always)]
    pub(crate) fn write(&self, beside: &mut Beside) -> i64 {
        let ndim = self.members.ndim as usize;
        let (shape, strides) = beside.split_at_mut(ndim);
        let (flags, mut step) = (self.members.flags, self.itemsize);
        // SAFETY: an array has so many of both.
        let (lengths, steps) = unsafe {
            (
                |i| *self.members.shape.add(i),
                |i| *self.members.strides.add(i),
            )
        };
        // numpy keeps any step where a length is 1, but gives it to nobody.
        if flags & C_CONTIGUOUS != 0 {
            for i in (0..ndim).rev() {
                (shape[i], strides[i]) = (lengths(i), step);
                step *= lengths(i);
            }
        } else {
            for i in 0..ndim {
                let is_next = flags & F_CONTIGUOUS != 0;
                (shape[i], strides[i]) = (lengths(i), if is_next { step } else { steps(i) });
                step *= lengths(i);
            }
        }
        step
    }
}
