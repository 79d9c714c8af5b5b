//! Arrays on host memory: numpy's where numpy is installed, memoryviews where it is not.
//!
//! Nothing here touches the elements, so the cost does not depend on how many there are.

use std::ffi::{CStr, CString, c_void};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::buffer::HostMemory;
use super::dtype;
use super::extent::{Strides, contiguous_range, fill_strides, is_aligned, range, usual_range};
use super::ffi::PyObject;
use super::gil::Python;
use super::holder::{self, Held, held, hold, hold_made};
use super::loans::Loan;
use super::memory::Described;
use super::new_tensor;
use super::numpy::{self, Numpy};
use super::object::Owned;
use super::release::Release;
use super::runtime::Runtime;
use super::tensor::{self, DLTensor, Taken};
use crate::failure::{Failure, Outcome, utf8};

/// numpy allows 64; the buffer protocol's consumers too.
const MOST_DIMENSIONS: usize = 64;

/// Memory of the host, described as an array.
pub(crate) struct HostArray<'a> {
    pub data: *mut c_void,
    /// UTF-8, or an error when it is looked at.
    pub dtype: &'a [u8],
    /// Elements in each dimension.
    pub shape: &'a [i64],
    /// Bytes between neighbours in each dimension; None for C-contiguous.
    pub strides: Option<&'a [i64]>,
    pub readonly: bool,
}

/// Checks what needs no Python.
#[inline]
pub(crate) fn check(array: &HostArray<'_>) -> Outcome<()> {
    let impossible = array.shape.len() > MOST_DIMENSIONS || array.shape.iter().any(|n| *n < 0);
    if impossible || array.data.is_null() {
        return check_closely(array);
    }
    Ok(())
}

#[cold]
fn check_closely(array: &HostArray<'_>) -> Outcome<()> {
    if array.shape.len() > MOST_DIMENSIONS {
        return Err(Failure::argument(format!(
            "ndim is {}, but an array has at most {MOST_DIMENSIONS} dimensions",
            array.shape.len()
        )));
    }
    let mut lengths = array.shape.iter().enumerate();
    if let Some((axis, length)) = lengths.find(|(_, length)| **length < 0) {
        return Err(Failure::argument(format!(
            "shape[{axis}] is {length}: a length cannot be negative"
        )));
    }
    if array.data.is_null() && !array.shape.contains(&0) {
        return Err(Failure::argument(
            "data is NULL, but the array has elements",
        ));
    }
    Ok(())
}

/// The usual array, on aligned elements one after the other, of a type that numpy has been asked for
/// before.
pub(crate) struct Usual<'a> {
    array: HostArray<'a>,
    numpy: &'static Numpy,
    dtype: NonNull<PyObject>,
    range: Range<usize>,
}

impl<'a> Usual<'a> {
    /// None where the array is another.
    #[inline(always)]
    pub(crate) fn of(array: HostArray<'a>) -> Option<Self> {
        let numpy = numpy::known()?;
        let (dtype, itemsize) = numpy.dtypes.known(array.dtype)?;
        let itemsize = itemsize as i64;
        if array.data.is_null() || !is_aligned(array.data.addr(), itemsize) {
            return None;
        }
        let range = usual_range(&array, itemsize)?;
        Some(Usual {
            array,
            numpy,
            dtype,
            range,
        })
    }

    /// As `from_host`.
    #[inline(always)]
    pub(crate) fn make<'g>(self, py: Python<'g>, release: Release) -> Outcome<Owned<'g>> {
        let base = lend(py, self.range, release)?;
        self.numpy.array(py, self.dtype, &self.array, None, base)
    }
}

/// The Python array: numpy's, unless it is not there or a memoryview is wanted. `release` happens
/// when it is gone, or at once on failure.
pub(crate) fn from_host<'g>(
    py: Python<'g>,
    array: &HostArray<'_>,
    memoryview: bool,
    release: Release,
) -> Outcome<Owned<'g>> {
    check(array)?;
    let numpy = if memoryview { None } else { numpy::get(py)? };
    match numpy {
        Some(numpy) => numpy_array(py, numpy, array, release),
        None => self::memoryview(py, array, release),
    }
}

fn numpy_array<'g>(
    py: Python<'g>,
    numpy: &Numpy,
    array: &HostArray<'_>,
    release: Release,
) -> Outcome<Owned<'g>> {
    let dtype = numpy.dtypes.get(py, array.dtype)?;
    let itemsize = dtype.number as i64;
    if array.strides.is_none() && is_aligned(array.data.addr(), itemsize) {
        // numpy finds the strides itself.
        let range = contiguous_range(array, itemsize)?;
        return numpy.array(
            py,
            dtype.as_non_null(),
            array,
            None,
            lend(py, range, release)?,
        );
    }
    let mut strides = Strides::new();
    fill_strides(&mut strides, array, itemsize)?;
    let base = lend(py, range(array, &strides, itemsize)?, release)?;
    numpy.array(py, dtype.as_non_null(), array, Some(&strides), base)
}

/// What keeps the host's memory in place, in the list of what is lent.
#[inline(always)]
fn lend(py: Python<'_>, range: Range<usize>, release: Release) -> Outcome<Owned<'_>> {
    // SAFETY: both members are written, each where it stays: put together elsewhere, they would be
    // read again before they have been written. What is held does not move.
    unsafe {
        hold_made(
            py,
            #[inline(always)]
            |place: *mut Borrowed| {
                (&raw mut (*place).release).write(release);
                (&raw mut (*place).loan).write(Loan::new());
                (*place).loan.join(py, range);
                Ok(())
            },
        )
    }
}

/// What an array on host memory has as its `base`. The loan ends before the host hears of it.
struct Borrowed {
    loan: Loan,
    release: Release,
}

impl Held for Borrowed {
    const NAME: &'static CStr = c"emb.Borrowed";
    const DOC: &'static CStr = c"Keeps memory of the host program in place.";

    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    #[inline(always)]
    unsafe fn end(value: &mut MaybeUninit<Self>, runtime: &Runtime) {
        // SAFETY: the caller's promise; each of the two is ended once.
        unsafe {
            let value = value.assume_init_mut();
            value.loan.leave(runtime);
            Release::end(&mut value.release);
        }
    }

    fn disarm(&mut self) {
        self.release.disarm();
    }
}

/// The number that counts the arrays whose `base` this is; None for what is no such base.
pub(super) fn lent_for(base: &Owned<'_>) -> Option<*const i64> {
    if !holder::is::<Borrowed>(base) {
        return None;
    }
    // SAFETY: an instance of the type.
    let borrowed = unsafe { held::<Borrowed>(base.as_ptr()) }?;
    borrowed.release.number()
}

fn memoryview<'g>(py: Python<'g>, array: &HostArray<'_>, release: Release) -> Outcome<Owned<'g>> {
    let dtype = utf8(array.dtype, "dtype")?;
    let element = dtype::parse(dtype).ok_or_else(|| unknown_dtype(dtype))?;
    let itemsize = element.itemsize as i64;
    let mut strides = Strides::new();
    fill_strides(&mut strides, array, itemsize)?;
    let range = range(array, &strides, itemsize)?;
    // `range` has seen that the product fits, unless a zero makes it irrelevant.
    let elements = array
        .shape
        .iter()
        .fold(1_i64, |all, n| all.saturating_mul(*n));
    let elements = if array.shape.contains(&0) {
        0
    } else {
        elements
    };
    let memory = HostMemory {
        data: array.data,
        length: (elements * itemsize) as isize,
        itemsize: itemsize as isize,
        readonly: array.readonly,
        format: CString::new(element.format).map_err(|_| unknown_dtype(dtype))?,
        shape: array.shape.iter().map(|length| *length as isize).collect(),
        strides: strides.iter().map(|stride| *stride as isize).collect(),
        copy: None,
        loan: Loan::new(),
        release,
    };
    export(py, memory, range)
}

/// A memoryview of a copy.
pub(crate) fn memoryview_of<'g>(py: Python<'g>, copy: Described) -> Outcome<Owned<'g>> {
    let memory = HostMemory {
        data: copy.data,
        length: copy.shape.iter().product::<isize>() * copy.itemsize as isize,
        itemsize: copy.itemsize as isize,
        readonly: copy.readonly,
        format: copy.format,
        shape: copy.shape,
        strides: copy.strides,
        copy: Some(copy.keeper),
        loan: Loan::new(),
        release: Release::Nothing,
    };
    export(py, memory, 0..0)
}

fn export<'g>(py: Python<'g>, memory: HostMemory, range: Range<usize>) -> Outcome<Owned<'g>> {
    let memory = hold(py, memory)?;
    // SAFETY: made a moment ago; what is held does not move.
    unsafe {
        if let Some(memory) = held::<HostMemory>(memory.as_ptr()) {
            memory.loan.join(py, range);
        }
        py.own((py.api().PyMemoryView_FromObject)(memory.as_ptr()))
    }
}

/// The same as a DLPack tensor, which needs neither numpy nor Python.
pub(crate) fn tensor(array: &HostArray<'_>, release: Release) -> Outcome<Taken> {
    check(array)?;
    let dtype = utf8(array.dtype, "dtype")?;
    let (code, bits) = new_tensor::element(dtype).ok_or_else(|| {
        Failure::argument(format!(
            "dtype {dtype:?} is none that DLPack has in this byte order, such as \"float64\" or \
             \"bfloat16\""
        ))
    })?;
    let itemsize = i64::from(bits / 8);
    let mut strides = Strides::new();
    fill_strides(&mut strides, array, itemsize)?;
    range(array, &strides, itemsize)?;
    for (axis, stride) in strides.iter_mut().enumerate() {
        if *stride % itemsize != 0 {
            return Err(Failure::argument(format!(
                "strides[{axis}] is {stride}: DLPack has only whole elements, of {itemsize} bytes"
            )));
        }
        *stride /= itemsize;
    }
    let tensor = DLTensor {
        data: array.data,
        device: [tensor::HOST_DEVICES[0], 0],
        ndim: array.shape.len() as i32,
        code,
        bits,
        lanes: 1,
        shape: ptr::null_mut(),
        strides: ptr::null_mut(),
        byte_offset: 0,
    };
    let flags = if array.readonly { tensor::READ_ONLY } else { 0 };
    let (shape, strides) = (array.shape.to_vec(), strides.to_vec());
    Ok(new_tensor::new(
        tensor,
        flags,
        shape,
        strides,
        Box::new(release),
    ))
}

pub(crate) fn unknown_dtype(dtype: &str) -> Failure {
    Failure::argument(format!(
        "dtype {dtype:?} is no element type that memory can have, such as \"float64\", \"<f8\", \
         \"S5\" or \"d\"; numpy, which may know more, is not in the Python environment or not wanted"
    ))
}
