//! Views: Python's memory that the host sees.

use std::ffi::{c_char, c_void};

use crate::boundary::{
    self,
    sized::{Fill, Growing},
};
use crate::convert::{self, handle, object};
use crate::failure::{Failure, Outcome};
use crate::handle::{TABLE, emb_handle};
use crate::python::access::{self, Seen, Wanted};
use crate::python::deferred;
use crate::python::ffi::PyBuffer;
use crate::python::gil::Python;
use crate::python::ndarray::Usual;
use crate::python::numpy;
use crate::python::object::Owned;
use crate::python::view;
use crate::status::emb_status;

/// A view: the memory must be writable. Not together with EMB_VIEW_COPY: what is written to a copy
/// does not reach the object.
pub const EMB_VIEW_WRITABLE: u32 = 1;
/// A view: the elements must lie one after the other, the last index running fastest.
pub const EMB_VIEW_CONTIGUOUS: u32 = 2;
/// A view: where the memory cannot be shared as it is wanted, a copy will do, and `copied` says so.
/// Without this flag nothing is ever copied.
pub const EMB_VIEW_COPY: u32 = 4;

/// The memory of a Python object.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_view {
    /// sizeof(emb_view), set by the caller.
    pub size: usize,
    /// The element with all indices 0.
    pub data: *mut c_void,
    /// Bytes that the elements take: the product of the shape and `itemsize`.
    pub nbytes: i64,
    /// Bytes of one element.
    pub itemsize: i64,
    /// Dimensions; 0 for a single element.
    pub ndim: i32,
    /// 1 where the memory must not be written.
    pub readonly: i32,
    /// `ndim` lengths, in elements.
    pub shape: *const i64,
    /// `ndim` steps between neighbours, in bytes.
    pub strides: *const i64,
    /// The element type as the buffer protocol writes it ("d", "<i", "Zd", "5s", "T{i:x:d:y:}"),
    /// and "M8[ns]" and the like for times. Ends with a NUL byte.
    pub format: *const c_char,
    /// Keeps all of this alive; releasing it (`emb_object_free`) ends the view.
    pub owner: emb_handle,
    /// 0: this is the object's own memory. 1: a copy, which is the host's alone.
    pub copied: i32,
    /// 0.
    pub reserved: i32,
}

// SAFETY: as the trait demands.
unsafe impl Growing for emb_view {
    const FIRST: usize = 80;
    const NAME: &'static str = "emb_view";
}

/// Gives the host the memory of any object that exports the buffer protocol (arrays of numpy,
/// bytes, bytearray, memoryview ...), `__array_interface__` or `__array_struct__`, or DLPack on this
/// processor, whatever its strides. `flags` are those that begin with EMB_VIEW_. Nothing is copied
/// without EMB_VIEW_COPY; with it, numpy also makes memory of objects that have none, such as lists.
///
/// Ownership: all pointers in `view` stay valid until `view->owner`, which the caller releases,
/// is gone. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: no memory to share;
/// BufferError: it is read-only, or only a copy would be as wanted). Threads: any. Since: 0.1.
///
/// # Safety
/// `view` points to an emb_view with `size` set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_array_view(
    object: emb_handle,
    flags: u32,
    view: *mut emb_view,
) -> emb_status {
    boundary::usually(
        move |py| {
            let out = usual_fill!(view)?;
            if flags & !EMB_VIEW_WRITABLE != 0 {
                return None;
            }
            Some((out, convert::usual_object(py, object)?))
        },
        move |py, (out, exporter)| {
            let writable = flags == EMB_VIEW_WRITABLE;
            // SAFETY: no code of Python runs before the view is given.
            let usual = unsafe { numpy::usual_array(&exporter, writable) };
            if let Some(array) = usual.filter(|_| TABLE.has_beside()) {
                return give_array(py, out, exporter, &array);
            }
            match view::by_itself(py, &exporter, writable) {
                Some(Ok((owner, buffer))) => {
                    numpy::meet(py, &exporter);
                    given(py, out, owner, &buffer)
                }
                None => give_held(py, out, &exporter, writable),
                Some(Err(failure)) => give_otherwise(py, out, &exporter, writable, failure),
            }
        },
        move || {
            boundary::python(|py| {
                let out = fill!(view)?;
                out.set(look(py, object, None, flags)?);
                Ok(())
            })
        },
    )
}

/// The same of an array that is read in place: all that keeps its memory is the array.
#[inline(always)]
fn give_array(
    py: Python<'_>,
    out: Fill<emb_view>,
    exporter: Owned<'_>,
    array: &Usual<'_>,
) -> Outcome<()> {
    let owner = convert::handle_in_line(py, exporter)?;
    let Some(mut beside) = TABLE.beside(owner) else {
        return give_without_room(py, out, owner);
    };
    // SAFETY: the handle is new, so that nobody reads there.
    let nbytes = array.write(unsafe { beside.as_mut() });
    let shape = beside.as_ptr().cast::<i64>().cast_const();
    out.set(emb_view {
        size: 0,
        data: array.data(),
        nbytes,
        itemsize: array.itemsize(),
        ndim: array.ndim(),
        readonly: array.is_readonly().into(),
        shape,
        strides: shape.wrapping_add(array.ndim() as usize),
        format: array.format(),
        owner,
        copied: 0,
        reserved: 0,
    });
    Ok(())
}

/// The same of a handle that has no room beside it.
#[cold]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn give_without_room(
    py: Python<'_>,
    out: Fill<emb_view>,
    array: emb_handle,
) -> Outcome<()> {
    boundary::contained(|| {
        let exporter = object(py, array, "object")?;
        TABLE
            .remove_live(&py.thread.slots, array)
            .inspect(|array| deferred::drop_reference(py.runtime, *array));
        let (owner, buffer) = view::of(py, &exporter, false)?;
        given(py, out, owner, &buffer)
    })
}

#[inline(always)]
fn given(py: Python<'_>, out: Fill<emb_view>, owner: Owned<'_>, buffer: &PyBuffer) -> Outcome<()> {
    out.set(described(
        buffer,
        convert::handle_in_line(py, owner)?,
        false,
    ));
    Ok(())
}

#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn give_held<'g>(
    py: Python<'g>,
    out: Fill<emb_view>,
    exporter: &Owned<'g>,
    writable: bool,
) -> Outcome<()> {
    boundary::contained(|| {
        let held = view::by_holder(py, exporter, writable);
        let (owner, buffer) =
            held.or_else(|failure| access::otherwise(py, exporter, writable, Err(failure)))?;
        given(py, out, owner, &buffer)
    })
}

#[cold]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn give_otherwise<'g>(
    py: Python<'g>,
    out: Fill<emb_view>,
    exporter: &Owned<'g>,
    writable: bool,
    failure: Failure,
) -> Outcome<()> {
    boundary::contained(|| {
        let (owner, buffer) = access::otherwise(py, exporter, writable, Err(failure))?;
        given(py, out, owner, &buffer)
    })
}

/// Like `emb_array_view`, of elements of a wanted type: `dtype` is as for `emb_array_from_ptr`. The
/// memory of an object whose elements are of another type is not shared: with EMB_VIEW_COPY, numpy
/// converts it, as its `astype` does, which rounds and cuts off where the wanted type is smaller.
///
/// Ownership: as for emb_array_view. Errors: as for emb_array_view; EMB_EXCEPTION where the object
/// cannot be converted. Threads: any. Since: 0.1.
///
/// # Safety
/// `dtype` points to `dtype_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `view` to an emb_view
/// with `size` set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_array_view_as(
    object: emb_handle,
    dtype: *const c_char,
    dtype_length: i64,
    flags: u32,
    view: *mut emb_view,
) -> emb_status {
    boundary::python(|py| {
        let out = fill!(view)?;
        let dtype = text!(dtype, dtype_length)?.as_bytes();
        out.set(look(py, object, Some(dtype), flags)?);
        Ok(())
    })
}

fn look(py: Python<'_>, object: emb_handle, dtype: Option<&[u8]>, flags: u32) -> Outcome<emb_view> {
    if flags & !(EMB_VIEW_WRITABLE | EMB_VIEW_CONTIGUOUS | EMB_VIEW_COPY) != 0 {
        return Err(Failure::argument(format!(
            "flags is {flags:#x}, which has bits that are no EMB_VIEW_ flag"
        )));
    }
    let wanted = Wanted {
        writable: flags & EMB_VIEW_WRITABLE != 0,
        contiguous: flags & EMB_VIEW_CONTIGUOUS != 0,
        copy: flags & EMB_VIEW_COPY != 0,
        dtype,
    };
    if wanted.writable && wanted.copy {
        return Err(Failure::argument(
            "flags has both EMB_VIEW_WRITABLE and EMB_VIEW_COPY: what is written to a copy would \
             not reach the object",
        ));
    }
    let exporter = self::object(py, object, "object")?;
    let Seen {
        owner,
        buffer,
        copied,
    } = access::of(py, &exporter, &wanted)?;
    Ok(described(&buffer, handle(py, owner)?, copied))
}

#[inline]
fn described(buffer: &PyBuffer, owner: emb_handle, copied: bool) -> emb_view {
    emb_view {
        size: 0,
        data: buffer.buf,
        nbytes: buffer.len as i64,
        itemsize: buffer.itemsize as i64,
        ndim: buffer.ndim,
        readonly: buffer.readonly,
        shape: buffer.shape.cast_const().cast(),
        strides: buffer.strides.cast_const().cast(),
        format: if buffer.format.is_null() {
            c"B".as_ptr()
        } else {
            buffer.format.cast_const()
        },
        owner,
        copied: copied.into(),
        reserved: 0,
    }
}
