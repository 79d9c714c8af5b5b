//! How the memory of any object is reached: by its buffer, its `__array_interface__`, or as a
//! DLPack tensor; and, where the host allows it, by a copy of what it holds.

use std::ffi::{CStr, CString};

use super::array;
use super::dtype;
use super::ffi::PyBuffer;
use super::gil::Python;
use super::interface;
use super::memory::{self, Described, Keeper};
use super::numpy::{self, Numpy};
use super::object::Owned;
use super::raise;
use super::tensor::{self, Ask, HOST_DEVICES, READ_ONLY};
use super::view;
use crate::failure::{Failure, Outcome, utf8};

/// What the host wants to see.
pub(crate) struct Wanted<'a> {
    pub writable: bool,
    /// The elements one after the other, the last index running fastest.
    pub contiguous: bool,
    /// Where the memory is not like that, a copy will do.
    pub copy: bool,
    /// The type of the elements; None for what they are.
    pub dtype: Option<&'a [u8]>,
}

/// The memory, and what keeps it in place.
pub(crate) struct Seen<'g> {
    pub owner: Owned<'g>,
    pub buffer: PyBuffer,
    pub copied: bool,
}

/// The memory of an object, as wanted, where its buffer as it is will not do.
pub(crate) fn of<'g>(py: Python<'g>, object: &Owned<'g>, wanted: &Wanted<'_>) -> Outcome<Seen<'g>> {
    let (owner, buffer) = match shared(py, object, wanted.writable) {
        Ok(shared) => shared,
        Err(_) if wanted.copy => {
            py.clear_exception();
            return made_anew(py, object, wanted);
        }
        Err(failure) => return Err(failure),
    };
    let differs = differs(py, &buffer, wanted.dtype)?;
    if !differs && (!wanted.contiguous || memory::is_contiguous(&buffer)) {
        let copied = false;
        return Ok(Seen {
            owner,
            buffer,
            copied,
        });
    }
    if !wanted.copy {
        return Err(buffer_error(py, &refusal(&buffer, differs, wanted)?));
    }
    if differs {
        return made_anew(py, object, wanted);
    }
    let (owner, buffer) = memory::copy(&buffer).keep(py)?;
    let copied = true;
    Ok(Seen {
        owner,
        buffer,
        copied,
    })
}

/// A copy of an array: numpy's, or a memoryview of memory that it keeps itself.
pub(crate) fn copy<'g>(py: Python<'g>, array: &Owned<'g>, readonly: bool) -> Outcome<Owned<'g>> {
    if array.type_ptr() == py.api().PyMemoryView_Type {
        let (_owner, buffer) = view::of(py, array, false)?;
        let copy = memory::copy(&buffer);
        return array::memoryview_of(py, Described { readonly, ..copy });
    }
    let copy = array.getattr("copy")?.call(&[], None)?;
    if readonly {
        copy.getattr("setflags")?.call(&[py.bool(false)], None)?;
    }
    Ok(copy)
}

/// The very memory of an object.
fn shared<'g>(
    py: Python<'g>,
    object: &Owned<'g>,
    writable: bool,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    let outcome = view::of(py, object, writable);
    otherwise(py, object, writable, outcome)
}

/// What there is where an object has no buffer.
pub(crate) fn otherwise<'g>(
    py: Python<'g>,
    object: &Owned<'g>,
    writable: bool,
    outcome: Outcome<(Owned<'g>, PyBuffer)>,
) -> Outcome<(Owned<'g>, PyBuffer)> {
    // An object that has a buffer and says no means it.
    let Err(Failure::Python) = outcome else {
        return outcome;
    };
    if py.exception_is(py.api().PyExc_BufferError) {
        return outcome;
    }
    let exception = raise::fetch(py);
    let described = match interface::of(py, object)? {
        Some(described) => Some(described),
        None => of_tensor(py, object)?,
    };
    match (described, exception) {
        (Some(described), _) if writable && described.readonly => Err(buffer_error(
            py,
            "the object's memory is read-only, and it is wanted writable",
        )),
        (Some(described), _) => described.keep(py),
        (None, Some(exception)) => Err(no_memory(py, exception)),
        (None, None) => outcome,
    }
}

/// Raises what Python says of an object without a buffer, with the remedy.
fn no_memory<'g>(py: Python<'g>, exception: Owned<'g>) -> Failure {
    let said = exception.to_text().unwrap_or_default();
    if !said.starts_with("a bytes-like object is required") {
        raise::restore(py, exception);
        return Failure::Python;
    }
    // SAFETY: the symbol is the address of a variable that holds a class.
    let class = unsafe { *py.api().PyExc_TypeError.cast() };
    let remedy = "it has no memory to share; with EMB_VIEW_COPY, numpy makes some of it";
    raise::with_class(py, class, &format!("{said}: {remedy}"))
}

/// The memory of a tensor that is where the processor can see it.
fn of_tensor<'g>(py: Python<'g>, object: &Owned<'g>) -> Outcome<Option<Described>> {
    if py.attribute(object, "__dlpack_device__")?.is_none() {
        return Ok(None);
    }
    let device = tensor::device(py, object)?;
    if !HOST_DEVICES.contains(&device[0]) {
        return Err(Failure::argument(format!(
            "the object's memory is on device {device:?}: take it by emb_dlpack_export"
        )));
    }
    let copy = Some(false);
    let taken = tensor::export(
        py,
        object,
        &Ask {
            copy,
            ..Ask::default()
        },
    )?;
    // SAFETY: the tensor is alive as long as `taken`.
    let (tensor, flags) = unsafe {
        (
            taken.form.tensor(taken.tensor),
            taken.form.flags(taken.tensor),
        )
    };
    let format = tensor.format().ok_or_else(|| {
        Failure::argument(format!(
            "elements of DLPack type ({}, {}, {}) have no format: take them by emb_dlpack_export",
            tensor.code, tensor.bits, tensor.lanes
        ))
    })?;
    let (shape, strides) = tensor.layout();
    let itemsize = tensor.itemsize();
    let in_bytes = |step: &i64| (*step as isize).saturating_mul(itemsize as isize);
    Ok(Some(Described {
        data: tensor.start(),
        itemsize,
        readonly: flags & READ_ONLY != 0,
        format: CString::new(format).unwrap_or_default(),
        shape: shape.iter().map(|n| *n as isize).collect(),
        strides: strides.iter().map(in_bytes).collect(),
        keeper: Keeper::Tensor(taken),
    }))
}

fn format_of(buffer: &PyBuffer) -> Outcome<&str> {
    if buffer.format.is_null() {
        return Ok("B");
    }
    // SAFETY: a format is a text that ends with a NUL byte, and lives as long as its buffer.
    utf8(
        unsafe { CStr::from_ptr(buffer.format) }.to_bytes(),
        "the object's format",
    )
}

/// Whether the elements are of another type than is wanted.
fn differs(py: Python<'_>, buffer: &PyBuffer, dtype: Option<&[u8]>) -> Outcome<bool> {
    let Some(wanted) = dtype else {
        return Ok(false);
    };
    let format = format_of(buffer)?;
    if let Some(numpy) = numpy::get(py)? {
        let wanted = numpy.dtypes.get(py, wanted)?.object(py);
        // A format that numpy does not know is not what it knows.
        let found = numpy.dtypes.get(py, format.as_bytes());
        return match py.or_clear(found) {
            Some(found) => {
                Ok(!py.truth(&py.compare(&found.object(py), &wanted, numpy::EQUAL)?)?)
            }
            None => Ok(true),
        };
    }
    let text = utf8(wanted, "dtype")?;
    let wanted = dtype::parse(text).ok_or_else(|| array::unknown_dtype(text))?;
    Ok(dtype::parse(format) != Some(wanted))
}

/// Why the memory cannot be given as it is.
fn refusal(buffer: &PyBuffer, differs: bool, wanted: &Wanted<'_>) -> Outcome<String> {
    let what = if differs {
        let dtype = String::from_utf8_lossy(wanted.dtype.unwrap_or_default());
        format!(
            "its elements are of format {:?}, not {dtype:?}",
            format_of(buffer)?
        )
    } else {
        "it is not contiguous".into()
    };
    Ok(format!(
        "the object's memory cannot be shared as wanted, {what}: allow a copy (EMB_VIEW_COPY)"
    ))
}

/// Raises BufferError.
pub(crate) fn buffer_error(py: Python<'_>, message: &str) -> Failure {
    // SAFETY: the symbol is the address of a variable that holds a class.
    let class = unsafe { *py.api().PyExc_BufferError.cast() };
    raise::with_class(py, class, message)
}

/// An array of what the object holds, by numpy; shared after all where an object's own `__array__`
/// says so.
fn made_anew<'g>(py: Python<'g>, object: &Owned<'g>, wanted: &Wanted<'_>) -> Outcome<Seen<'g>> {
    let Some(numpy) = numpy::get(py)? else {
        return Err(Failure::argument(
            "only numpy can make memory of this object, or of this element type, and it is not in \
             the Python environment",
        ));
    };
    let converted = |copied| -> Outcome<Seen<'g>> {
        let array = convert(py, numpy, object, wanted, copied)?;
        let (owner, buffer) = shared(py, &array, false)?;
        Ok(Seen {
            owner,
            buffer,
            copied,
        })
    };
    let own = py.attribute(object, "__array__")?;
    if own.is_some()
        && numpy.refuses_copies
        && let Some(shared) = py.or_clear(converted(false))
    {
        return Ok(shared);
    }
    converted(true)
}

/// `numpy.array(object, dtype=…, copy=…, order="C")`.
fn convert<'g>(
    py: Python<'g>,
    numpy: &Numpy,
    object: &Owned<'g>,
    wanted: &Wanted<'_>,
    copy: bool,
) -> Outcome<Owned<'g>> {
    let dtype = match wanted.dtype {
        Some(text) => numpy.dtypes.get(py, text)?.object(py),
        None => py.none(),
    };
    let order = if wanted.contiguous { "C" } else { "K" };
    let keywords = py.runtime.keywords.get(py, b"dtype,copy,order")?.object(py);
    let args = [object.clone(), dtype, py.bool(copy), py.text(order)?];
    let array = py.import("numpy")?.getattr("array")?;
    array.call(&args, Some(&keywords))
}
