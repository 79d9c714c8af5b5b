//! Arrays on host memory: numpy's where numpy is installed, memoryviews where it is not.
//!
//! Nothing here touches the elements, so the cost does not depend on how many there are.

use std::ffi::{CStr, CString, c_void};

use once_cell::sync::OnceCell;
use smallvec::SmallVec;

use super::buffer::HostMemory;
use super::dtype;
use super::gil::Python;
use super::holder::{Held, hold};
use super::numpy::{self, Numpy};
use super::object::Owned;
use super::release::Release;
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
    /// A memoryview even where numpy is there.
    pub memoryview: bool,
}

/// Checks what needs no Python.
pub(crate) fn check(array: &HostArray<'_>) -> Outcome<()> {
    if array.shape.len() > MOST_DIMENSIONS {
        return Err(Failure::argument(format!(
            "ndim is {}, but an array has at most {MOST_DIMENSIONS} dimensions",
            array.shape.len()
        )));
    }
    if let Some((axis, length)) = array
        .shape
        .iter()
        .enumerate()
        .find(|(_, length)| **length < 0)
    {
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

/// The Python array. `release` happens when it is gone, or at once on failure.
pub(crate) fn from_host<'g>(
    py: Python<'g>,
    array: &HostArray<'_>,
    release: Release,
) -> Outcome<Owned<'g>> {
    check(array)?;
    let numpy = if array.memoryview {
        None
    } else {
        numpy::get(py)?
    };
    match numpy {
        Some(numpy) => numpy_array(py, numpy, array, release),
        None => memoryview(py, array, release),
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
    let mut strides = Strides::new();
    fill_strides(&mut strides, array, itemsize)?;
    extent(array.shape, &strides, itemsize)?;
    let base = hold(py, Borrowed(release))?;
    numpy.array(py, dtype.into_object(py), array, &strides, base)
}

/// What an array on host memory has as its `base`.
struct Borrowed(Release);

impl Held for Borrowed {
    const NAME: &'static CStr = c"emb.Borrowed";
    const DOC: &'static CStr = c"Keeps memory of the host program in place.";

    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn disarm(&mut self) {
        self.0.disarm();
    }
}

fn memoryview<'g>(py: Python<'g>, array: &HostArray<'_>, release: Release) -> Outcome<Owned<'g>> {
    let dtype = utf8(array.dtype, "dtype")?;
    let element = dtype::parse(dtype).ok_or_else(|| unknown_dtype(dtype))?;
    let itemsize = element.itemsize as i64;
    let mut strides = Strides::new();
    fill_strides(&mut strides, array, itemsize)?;
    extent(array.shape, &strides, itemsize)?;
    // `extent` has seen that the product fits, unless a zero makes it irrelevant.
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
        release,
    };
    let memory = hold(py, memory)?;
    // SAFETY: a live object.
    unsafe { py.own((py.api().PyMemoryView_FromObject)(memory.as_ptr())) }
}

fn unknown_dtype(dtype: &str) -> Failure {
    Failure::argument(format!(
        "dtype {dtype:?} is no plain number such as \"float64\", \"<f8\" or \"d\"; \
         other element types need numpy in the Python environment"
    ))
}

fn too_large() -> Failure {
    Failure::argument("shape and strides reach beyond the address space")
}

/// Bytes between neighbours in each dimension.
type Strides = SmallVec<[i64; 8]>;

/// The strides that were given, or those of a C-contiguous array. Written where they stay: moving
/// them costs more than computing them.
fn fill_strides(strides: &mut Strides, array: &HostArray<'_>, itemsize: i64) -> Outcome<()> {
    if let Some(given) = array.strides {
        strides.extend_from_slice(given);
        return Ok(());
    }
    strides.resize(array.shape.len(), 0);
    let mut step = itemsize;
    for (stride, length) in strides.iter_mut().zip(array.shape).rev() {
        *stride = step;
        step = step.checked_mul((*length).max(1)).ok_or_else(too_large)?;
    }
    Ok(())
}

/// How far below `data` the array begins (zero or negative), and how many bytes it spans from
/// there.
fn extent(shape: &[i64], strides: &[i64], itemsize: i64) -> Outcome<(i64, i64)> {
    if shape.contains(&0) {
        return Ok((0, 0));
    }
    let (mut lowest, mut highest) = (0_i64, itemsize);
    let mut elements = itemsize.max(1);
    for (length, stride) in shape.iter().zip(strides) {
        let reach = (length - 1).checked_mul(*stride).ok_or_else(too_large)?;
        let side = if reach < 0 { &mut lowest } else { &mut highest };
        *side = side.checked_add(reach).ok_or_else(too_large)?;
        elements = elements.checked_mul(*length).ok_or_else(too_large)?;
    }
    Ok((lowest, highest.checked_sub(lowest).ok_or_else(too_large)?))
}

#[cfg(test)]
mod tests {
    use super::extent;

    #[test]
    fn the_extent_covers_negative_zero_and_mixed_strides() {
        assert_eq!(extent(&[], &[], 8).unwrap(), (0, 8));
        assert_eq!(extent(&[10], &[8], 8).unwrap(), (0, 80));
        assert_eq!(extent(&[10], &[-8], 8).unwrap(), (-72, 80));
        assert_eq!(extent(&[3, 4], &[0, 8], 8).unwrap(), (0, 32));
        assert_eq!(extent(&[3, 4], &[-32, 8], 8).unwrap(), (-64, 96));
        assert_eq!(extent(&[0, 4], &[-32, 8], 8).unwrap(), (0, 0));
    }

    #[test]
    fn what_reaches_beyond_the_address_space_is_refused() {
        assert!(extent(&[i64::MAX, 2], &[8, 8], 8).is_err());
        assert!(extent(&[i64::MAX], &[0], 8).is_err());
        assert!(extent(&[3, 3], &[i64::MIN / 2, i64::MAX / 2], 8).is_err());
    }
}
