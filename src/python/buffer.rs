//! Host memory as a Python object: it exports the buffer protocol, and tells the host when the last
//! reference to it goes.

use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;

use once_cell::sync::OnceCell;

use super::ffi::*;
use super::holder::{GetBuffer, Held, held};
use super::loans::Loan;
use super::memory::Keeper;
use super::release::Release;
use super::runtime::{self, Runtime};

/// What is exported. Dropped with the Python object that holds it.
pub(crate) struct HostMemory {
    pub data: *mut c_void,
    /// Bytes.
    pub length: isize,
    pub itemsize: isize,
    pub readonly: bool,
    pub format: CString,
    pub shape: Vec<isize>,
    pub strides: Vec<isize>,
    /// Where it is a copy, that.
    #[expect(dead_code, reason = "held for its drop")]
    pub copy: Option<Keeper>,
    /// Ends before the host hears of it.
    pub loan: Loan,
    /// Held for its drop: the host hears that its memory is free.
    pub release: Release,
}

impl HostMemory {
    fn is_contiguous(&self, fortran: bool) -> bool {
        if self.shape.contains(&0) {
            return true;
        }
        let mut expected = self.itemsize;
        let n = self.shape.len();
        let mut axes = (0..n).map(|i| if fortran { i } else { n - 1 - i });
        axes.all(|axis| {
            let fits = self.shape[axis] == 1 || self.strides[axis] == expected;
            expected *= self.shape[axis];
            fits
        })
    }
}

impl Held for HostMemory {
    const NAME: &'static std::ffi::CStr = c"emb.HostMemory";
    const DOC: &'static std::ffi::CStr = c"Memory of the host program.";
    const GET_BUFFER: Option<GetBuffer> = Some(get_buffer);

    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn disarm(&mut self) {
        self.release.disarm();
    }
}

unsafe extern "C" fn get_buffer(object: Object, view: *mut PyBuffer, flags: c_int) -> c_int {
    let Some(runtime) = runtime::loaded() else {
        return -1;
    };
    // SAFETY: Python passes an instance of the type made here and a view to fill; the instance
    // owns its HostMemory, whose vectors do not change while the view holds the instance.
    unsafe {
        (*view).obj = ptr::null_mut();
        let Some(memory) = held::<HostMemory>(object) else {
            return refuse_buffer(runtime, c"this emb.HostMemory has no memory");
        };
        if let Some(reason) = unsuitable(memory, flags) {
            return refuse_buffer(runtime, reason);
        }
        (runtime.api.Py_IncRef)(object);
        let wanted = |flag: c_int| flags & flag == flag;
        view.write(PyBuffer {
            buf: memory.data,
            obj: object,
            len: memory.length,
            itemsize: memory.itemsize,
            readonly: memory.readonly.into(),
            ndim: memory.shape.len() as c_int,
            format: if wanted(PYBUF_FORMAT) {
                memory.format.as_ptr().cast_mut()
            } else {
                ptr::null_mut::<c_char>()
            },
            shape: if wanted(PYBUF_ND) {
                memory.shape.as_ptr().cast_mut()
            } else {
                ptr::null_mut()
            },
            strides: if wanted(PYBUF_STRIDES) {
                memory.strides.as_ptr().cast_mut()
            } else {
                ptr::null_mut()
            },
            suboffsets: ptr::null_mut(),
            internal: ptr::null_mut(),
        });
    }
    0
}

/// Why the memory cannot be given as asked, by the rules of the buffer protocol.
fn unsuitable(memory: &HostMemory, flags: c_int) -> Option<&'static std::ffi::CStr> {
    let wanted = |flag: c_int| flags & flag == flag;
    if wanted(PYBUF_WRITABLE) && memory.readonly {
        return Some(c"the host's memory is read-only");
    }
    let (c, fortran) = (memory.is_contiguous(false), memory.is_contiguous(true));
    if (wanted(PYBUF_C_CONTIGUOUS) || !wanted(PYBUF_STRIDES)) && !c {
        return Some(c"the host's memory is not C-contiguous");
    }
    if wanted(PYBUF_F_CONTIGUOUS) && !fortran {
        return Some(c"the host's memory is not Fortran-contiguous");
    }
    (wanted(PYBUF_ANY_CONTIGUOUS) && !c && !fortran)
        .then_some(c"the host's memory is not contiguous")
}

fn refuse_buffer(runtime: &Runtime, reason: &std::ffi::CStr) -> c_int {
    set_exception(runtime, runtime.api.PyExc_BufferError, reason);
    -1
}

fn set_exception(runtime: &Runtime, class: Object, message: &std::ffi::CStr) {
    // SAFETY: called by Python, so the GIL is held; the symbol is a variable that holds a class.
    unsafe { (runtime.api.PyErr_SetString)(*class.cast::<Object>(), message.as_ptr()) }
}
