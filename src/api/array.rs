//! Arrays: host memory that Python sees, and Python's memory that the host sees.

use std::ffi::{c_char, c_void};

use crate::boundary::{self, sized::Growing};
use crate::convert::{handle, object};
use crate::failure::Failure;
use crate::handle::emb_handle;
use crate::python::array::{self, HostArray};
use crate::python::release::{self, Release};
use crate::python::view;
use crate::status::emb_status;

/// Called once, when Python no longer looks at the memory it came with. It may run on any thread
/// that runs Python, with the GIL held; it may call libemb.
#[allow(non_camel_case_types)]
pub type emb_release = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// `emb_array_from_ptr`: Python may not write.
pub const EMB_ARRAY_READONLY: u32 = 1;
/// `emb_array_from_ptr`: a memoryview, even where numpy is installed.
pub const EMB_ARRAY_MEMORYVIEW: u32 = 2;
/// `emb_array_from_ptr`: `release` is not called; `userdata` is queued for `emb_array_released`.
pub const EMB_ARRAY_QUEUE_RELEASE: u32 = 4;
/// `emb_array_view`: the memory must be writable.
pub const EMB_VIEW_WRITABLE: u32 = 1;

/// Makes an array on the host's memory, without a copy and at a cost that does not depend on its
/// size: a numpy.ndarray, or a memoryview where numpy is not installed.
///
/// `dtype` is what `numpy.dtype()` takes as text ("float64", "<f8", "d", "M8[ns]"); without numpy
/// it must be a plain number. `shape` has `ndim` lengths, in elements. `strides` has `ndim` steps,
/// in bytes, negative and zero ones included; NULL means C-contiguous. `data` points to the
/// element with all indices 0, and may be NULL where there are no elements.
///
/// Ownership: the memory stays the host's and must stay in place until `release(userdata)` is
/// called: once, when the last Python reference to it is gone, or before this function returns
/// an error; memory that Python still has at the end must stay until `emb_shutdown` has returned.
/// `array` receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT, EMB_EXCEPTION
/// (TypeError for a dtype that numpy does not know). Threads: any. Since: 0.1.
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
    // Owned from the first moment, so that every way out of here releases the memory.
    let release = match release {
        _ if flags & EMB_ARRAY_QUEUE_RELEASE != 0 => Release::Queue(userdata),
        Some(function) => Release::Call(function, userdata),
        None => Release::Nothing,
    };
    boundary::python(|py| {
        let out = out!(array)?;
        let known = EMB_ARRAY_READONLY | EMB_ARRAY_MEMORYVIEW | EMB_ARRAY_QUEUE_RELEASE;
        if flags & !known != 0 {
            return Err(Failure::argument(format!(
                "flags is {flags:#x}, which has bits that are no EMB_ARRAY_ flag"
            )));
        }
        let length = usize::try_from(ndim)
            .map_err(|_| Failure::argument(format!("ndim is {ndim}: it cannot be negative")))?;
        let host = HostArray {
            data,
            dtype: name!(dtype, dtype_length)?,
            shape: slice!(shape, length)?,
            strides: if strides.is_null() {
                None
            } else {
                Some(slice!(strides, length)?)
            },
            readonly: flags & EMB_ARRAY_READONLY != 0,
            memoryview: flags & EMB_ARRAY_MEMORYVIEW != 0,
        };
        let made = array::from_host(py, &host, release)?;
        out.set(handle(py, made)?);
        Ok(())
    })
}

/// Takes up to `capacity` of the userdata that EMB_ARRAY_QUEUE_RELEASE has queued, oldest first:
/// Python no longer looks at the memory they stand for. References that were released without the
/// GIL are dropped by the next call that takes it, so a pair of `emb_gil_acquire` and
/// `emb_gil_release` before this call brings everything that is due into the queue.
///
/// Ownership: each userdata is given once. Errors: EMB_BAD_ARGUMENT. Threads: any; never waits
/// for the GIL. Since: 0.1.
///
/// # Safety
/// `userdata` points to `capacity` pointers, `count` to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_array_released(
    userdata: *mut *mut c_void,
    capacity: usize,
    count: *mut usize,
) -> emb_status {
    boundary::host(|_| {
        let (userdata, count) = (room!(userdata, capacity)?, out!(count)?);
        count.set(userdata.fill(release::take_queued(capacity)));
        Ok(())
    })
}

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
    /// The element type as the struct module writes it ("d", "<i", "Zd"). Ends with a NUL byte.
    pub format: *const c_char,
    /// Keeps all of this alive; releasing it (`emb_object_free`) ends the view.
    pub owner: emb_handle,
}

// SAFETY: as the trait demands.
unsafe impl Growing for emb_view {
    const FIRST: usize = 72;
    const NAME: &'static str = "emb_view";
}

/// Gives the host the memory of any object that exports the buffer protocol (arrays of numpy,
/// bytes, bytearray, memoryview ...), without a copy, whatever its strides.
///
/// Ownership: all pointers in `view` stay valid until `view->owner`, which the caller releases,
/// is gone. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: no buffer;
/// BufferError: EMB_VIEW_WRITABLE and the memory is read-only). Threads: any. Since: 0.1.
///
/// # Safety
/// `view` points to an emb_view with `size` set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_array_view(
    object: emb_handle,
    flags: u32,
    view: *mut emb_view,
) -> emb_status {
    boundary::python(|py| {
        let out = fill!(view)?;
        if flags & !EMB_VIEW_WRITABLE != 0 {
            return Err(Failure::argument(format!(
                "flags is {flags:#x}, which has bits that are no EMB_VIEW_ flag"
            )));
        }
        let exporter = self::object(py, object, "object")?;
        let (owner, buffer) = view::of(py, &exporter, flags & EMB_VIEW_WRITABLE != 0)?;
        out.set(emb_view {
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
            owner: handle(py, owner)?,
        });
        Ok(())
    })
}
