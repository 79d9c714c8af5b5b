//! Arrays: host memory that Python sees.

use std::ffi::{c_char, c_void};

use crate::boundary;
use crate::convert::{self, handle};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::access;
use crate::python::array::{self, HostArray};
use crate::python::gil::Python;
use crate::python::loans;
use crate::python::object::Owned;
use crate::python::release::Release;
use crate::status::emb_status;

use super::dlpack::give;
use super::release::{self, EMB_RELEASE_QUEUE, emb_release};

/// `emb_array_from_ptr`: Python may not write.
pub const EMB_ARRAY_READONLY: u32 = 1;
/// `emb_array_from_ptr`: a memoryview, even where numpy is installed.
pub const EMB_ARRAY_MEMORYVIEW: u32 = 2;
/// `emb_array_from_ptr`: an object that gives the memory by DLPack, for `torch.from_dlpack` and the
/// like; also of types that numpy has no letter for: "bfloat16", "float8_e4m3fn" and its relatives.
pub const EMB_ARRAY_DLPACK: u32 = 4;
/// `emb_array_from_ptr`: Python gets a copy, and `release` is called before this function returns.
pub const EMB_ARRAY_COPY: u32 = 8;
/// `emb_memory`: where Python still has the array that an earlier call made of the same memory for
/// the same `held`, and has only views of it (`numpy.frombuffer` gives one), the call gets that one
/// again, which `held` does not count twice, instead of a new one. It is quicker.
pub const EMB_ARRAY_AGAIN: u32 = 16;

/// Makes an array on the host's memory, without a copy (unless EMB_ARRAY_COPY asks for one) and at
/// a cost that does not depend on its size: a numpy.ndarray, or a memoryview where numpy is not
/// installed.
///
/// `dtype` is what `numpy.dtype()` takes as text ("float64", "<f8", "d", "M8[ns]", "i4,f8"), or a
/// format of the buffer protocol, such as an emb_view has ("Zd", "5s", "T{i:x:d:y:}"). `shape` has
/// `ndim` lengths, in elements. `strides` has `ndim` steps, in bytes, negative and zero ones
/// included; NULL means C-contiguous. `data` points to the element with all indices 0, and may be
/// NULL where there are no elements. `flags` are those that begin with EMB_ARRAY_, but not
/// EMB_ARRAY_AGAIN, and EMB_RELEASE_QUEUE.
///
/// Ownership: the memory stays the host's and must stay in place until `release(userdata)` is
/// called: once, when the last Python reference to it is gone, or before this function returns an
/// error; memory that Python still has at the end must stay until `emb_shutdown` has returned. With
/// EMB_ARRAY_DLPACK whoever took the memory ends it, also on a thread without the GIL. `array`
/// receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError
/// for a dtype that numpy does not know). Threads: any. Since: 0.1.
///
/// # Safety
/// `data` and the strides describe memory that is readable (and writable, unless
/// EMB_ARRAY_READONLY) until the release; `dtype` points to `dtype_length` bytes of UTF-8 (or
/// EMB_NUL_TERMINATED); `shape` and `strides` point to `ndim` numbers; `array` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_array_from_ptr(
    data: *mut c_void,
    dtype: *const c_char,
    dtype_length: i64,
    ndim: i32,
    shape: *const i64,
    strides: *const i64,
    flags: u32,
    release: emb_release,
    userdata: *mut c_void,
    array: *mut emb_handle,
) -> emb_status {
    boundary::usually(
        move |_py| {
            let out = usual_out!(array)?;
            let shape = usual_slice!(shape, ndim as usize, 8)?;
            if flags & !EMB_ARRAY_READONLY != 0 || !strides.is_null() {
                return None;
            }
            let host = HostArray {
                data,
                dtype: usual_name!(dtype, dtype_length)?,
                shape,
                strides: None,
                readonly: flags != 0,
            };
            Some((out, array::Usual::of(host)?))
        },
        move |py, (out, usual)| {
            let made = usual.make(py, release::wanted(release, userdata, flags))?;
            out.set(convert::handle_in_line(py, made)?);
            Ok(())
        },
        // SAFETY: the host's promise, handed on.
        move || unsafe {
            array_in_any_case(
                data,
                dtype,
                dtype_length,
                ndim,
                shape,
                strides,
                flags,
                release,
                userdata,
                array,
            )
        },
    )
}

/// # Safety
/// As for `emb_array_from_ptr`.
#[inline(never)]
unsafe extern "C" fn array_in_any_case(
    data: *mut c_void,
    dtype: *const c_char,
    dtype_length: i64,
    ndim: i32,
    shape: *const i64,
    strides: *const i64,
    flags: u32,
    release: emb_release,
    userdata: *mut c_void,
    array: *mut emb_handle,
) -> emb_status {
    let mut given = Given {
        data,
        dtype,
        dtype_length,
        ndim,
        shape,
        strides,
        flags,
        release: release::wanted(release, userdata, flags),
        array,
    };
    boundary::python(|py| given.make(py))
}

/// The arguments of `emb_array_from_ptr`, where they stay: to hand them on would cost more than to
/// look at them.
struct Given {
    data: *mut c_void,
    dtype: *const c_char,
    dtype_length: i64,
    ndim: i32,
    shape: *const i64,
    strides: *const i64,
    flags: u32,
    release: Release,
    array: *mut emb_handle,
}

impl Given {
    #[inline]
    fn make(&mut self, py: Python<'_>) -> Outcome<()> {
        let Given {
            dtype,
            dtype_length,
            ndim,
            shape,
            strides,
            flags,
            array,
            ..
        } = *self;
        let out = out!(array)?;
        let kind = kind(flags & !EMB_RELEASE_QUEUE)?;
        let length = usize::try_from(ndim)
            .map_err(|_| Failure::argument(format!("ndim is {ndim}: it cannot be negative")))?;
        let host = HostArray {
            data: self.data,
            dtype: name!(dtype, dtype_length)?,
            shape: slice!(shape, length)?,
            strides: if strides.is_null() {
                None
            } else {
                Some(slice!(strides, length)?)
            },
            readonly: flags & EMB_ARRAY_READONLY != 0,
        };
        let release = std::mem::replace(&mut self.release, Release::Nothing);
        let made = if kind == 0 && flags & EMB_ARRAY_COPY == 0 {
            array::from_host(py, &host, false, release)?
        } else {
            special(py, &host, kind, flags & EMB_ARRAY_COPY != 0, release)?
        };
        out.set(handle(py, made)?);
        Ok(())
    }
}

/// What only some of the flags lead to.
#[inline(never)]
fn special<'g>(
    py: Python<'g>,
    host: &HostArray<'_>,
    kind: u32,
    copy: bool,
    release: Release,
) -> Outcome<Owned<'g>> {
    if kind == EMB_ARRAY_DLPACK {
        return dlpack(py, host, release, copy);
    }
    let made = array::from_host(py, host, kind == EMB_ARRAY_MEMORYVIEW, release)?;
    if copy {
        return access::copy(py, &made, host.readonly);
    }
    Ok(made)
}

/// What is to be made: 0, EMB_ARRAY_MEMORYVIEW or EMB_ARRAY_DLPACK.
fn kind(flags: u32) -> Outcome<u32> {
    let kind = flags & !(EMB_ARRAY_READONLY | EMB_ARRAY_COPY);
    match kind {
        0 | EMB_ARRAY_MEMORYVIEW | EMB_ARRAY_DLPACK => Ok(kind),
        _ => Err(Failure::argument(format!(
            "flags is {flags:#x}, which has bits that are no EMB_ARRAY_ flag, or both \
             EMB_ARRAY_MEMORYVIEW and EMB_ARRAY_DLPACK"
        ))),
    }
}

fn dlpack<'g>(
    py: Python<'g>,
    array: &HostArray<'_>,
    release: Release,
    copy: bool,
) -> Outcome<Owned<'g>> {
    let mut tensor = array::tensor(array, release)?;
    if copy {
        tensor = tensor.copy();
    }
    let made = give(py, &tensor)?;
    // The object has it.
    tensor.into_raw();
    Ok(made)
}

/// How many arrays Python still has on the host's memory, of those that touch the `nbytes` bytes at
/// `data`: the ones that `emb_array_from_ptr` has made, whatever views, exports and references to
/// them there are. Where it is 0, the memory may be moved or freed. Only arrays nearby and large
/// ones are looked at, so asking often is fine.
///
/// Ownership: nothing changes. Errors: EMB_BAD_ARGUMENT, EMB_NOT_RUNNING. Threads: any. Since: 0.1.
///
/// # Safety
/// `count` points to a size_t; `data` is only an address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_array_borrowed(
    data: *const c_void,
    nbytes: usize,
    count: *mut usize,
) -> emb_status {
    boundary::python(|py| {
        let count = out!(count)?;
        let end = data.addr().checked_add(nbytes).ok_or_else(|| {
            Failure::argument(format!(
                "nbytes is {nbytes}, which reaches beyond the address space"
            ))
        })?;
        count.set(loans::count(py, data.addr()..end));
        Ok(())
    })
}
