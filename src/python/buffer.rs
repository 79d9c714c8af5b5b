//! Host memory as a Python object: it exports the buffer protocol, and calls the host's release
//! function when the last reference to it goes.

use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Mutex;

use once_cell::sync::OnceCell;

use super::ffi::*;
use super::gil::Python;
use super::object::Owned;
use super::runtime::{self, Runtime};
use crate::failure::{Failure, Outcome};

/// Called once when Python has no reference to the memory left.
pub(crate) type ReleaseFn = unsafe extern "C" fn(userdata: *mut c_void);

/// How the host wants to hear that its memory is free again.
pub(crate) enum Release {
    Nothing,
    Call(ReleaseFn, *mut c_void),
    /// Into the queue, for hosts that cannot be called at any moment.
    Queue(*mut c_void),
}

impl Drop for Release {
    fn drop(&mut self) {
        match *self {
            Release::Nothing => {}
            // SAFETY: the host gave the function for this very call, which happens once.
            Release::Call(function, userdata) => unsafe { function(userdata) },
            Release::Queue(userdata) => queue().push(userdata.expose_provenance()),
        }
    }
}

static QUEUE: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn queue() -> std::sync::MutexGuard<'static, Vec<usize>> {
    QUEUE
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Moves up to `capacity` of the queued userdata out, oldest first.
pub(crate) fn take_queued(capacity: usize) -> Vec<*mut c_void> {
    let mut queue = queue();
    let count = capacity.min(queue.len());
    queue
        .drain(..count)
        .map(ptr::with_exposed_provenance_mut)
        .collect()
}

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

/// The Python type, made on first use.
static TYPE: OnceCell<usize> = OnceCell::new();
/// Where the pointer to the `HostMemory` stands in an instance: behind what `object` itself needs.
static OFFSET: OnceCell<usize> = OnceCell::new();

/// A Python object that owns `memory`.
pub(crate) fn export(py: Python<'_>, memory: HostMemory) -> Outcome<Owned<'_>> {
    let class = *TYPE.get_or_try_init(|| make_type(py))?;
    // SAFETY: the type lives for good; a new instance is zeroed, and has room for one pointer.
    unsafe {
        let object = py.own((py.api().PyType_GenericAlloc)(
            ptr::with_exposed_provenance_mut(class),
            0,
        ))?;
        *slot(object.as_ptr()) = Box::into_raw(Box::new(memory));
        Ok(object)
    }
}

/// # Safety
/// `object` is an instance of the type made here.
unsafe fn slot(object: Object) -> *mut *mut HostMemory {
    // SAFETY: `make_type` set OFFSET before any instance could exist, and made room there.
    unsafe {
        object
            .byte_add(OFFSET.get().copied().unwrap_or_default())
            .cast()
    }
}

fn make_type(py: Python<'_>) -> Outcome<usize> {
    let offset = basicsize_of_object(py)?;
    let _ = OFFSET.set(offset);
    let mut slots = [
        PyTypeSlot {
            slot: PY_TP_DEALLOC,
            pfunc: dealloc as *mut c_void,
        },
        PyTypeSlot {
            slot: PY_TP_NEW,
            pfunc: refuse_new as *mut c_void,
        },
        PyTypeSlot {
            slot: PY_TP_DOC,
            pfunc: c"Memory of the host program.".as_ptr().cast_mut().cast(),
        },
        PyTypeSlot {
            slot: PY_BF_GETBUFFER,
            pfunc: get_buffer as *mut c_void,
        },
        PyTypeSlot {
            slot: 0,
            pfunc: ptr::null_mut(),
        },
    ];
    let by_slot = py.runtime.version >= (3, 9);
    if !by_slot {
        slots[3].slot = 0;
    }
    let mut spec = PyTypeSpec {
        name: c"emb.HostMemory".as_ptr(),
        basicsize: (offset + size_of::<*mut HostMemory>()) as c_int,
        itemsize: 0,
        flags: PY_TPFLAGS_DEFAULT,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification; CPython copies what it keeps, but for the static texts.
    let class = unsafe { py.own((py.api().PyType_FromSpec)(&mut spec))? };
    if !by_slot {
        set_buffer_slot_of_3_8(&class);
    }
    Ok(class.into_raw().as_ptr().expose_provenance())
}

/// `object.__basicsize__`: the size of a header in this build of Python.
fn basicsize_of_object(py: Python<'_>) -> Outcome<usize> {
    let size = py
        .constant(py.api().PyBaseObject_Type)
        .getattr("__basicsize__")?;
    usize::try_from(py.to_i64(&size)?)
        .map_err(|_| Failure::argument("object.__basicsize__ is negative"))
}

/// Python 3.8 has the buffer protocol's slots, but no number for them in a specification. Its
/// type objects will never change again: `tp_as_buffer` stands at byte 160 and points to the two
/// functions.
fn set_buffer_slot_of_3_8(class: &Owned<'_>) {
    const TP_AS_BUFFER: usize = 160;
    // SAFETY: a heap type of 3.8 has its own, zeroed PyBufferProcs, and this is its address.
    unsafe {
        let procs = *class
            .as_ptr()
            .byte_add(TP_AS_BUFFER)
            .cast::<*mut *mut c_void>();
        *procs = get_buffer as *mut c_void;
    }
}

unsafe extern "C" fn refuse_new(_: Object, _: Object, _: Object) -> Object {
    if let Some(runtime) = runtime::loaded() {
        set_exception(
            runtime,
            runtime.api.PyExc_TypeError,
            c"emb.HostMemory objects are made by the host program",
        );
    }
    ptr::null_mut()
}

unsafe extern "C" fn dealloc(object: Object) {
    let Some(runtime) = runtime::loaded() else {
        return;
    };
    // SAFETY: Python gives up an instance of the type made here, once; its type holds one
    // reference for each instance.
    unsafe {
        let memory = slot(object).replace(ptr::null_mut());
        let class = runtime.type_of(ptr::NonNull::new_unchecked(object));
        (runtime.api.PyObject_Free)(object.cast());
        (runtime.api.Py_DecRef)(class);
        if !memory.is_null() {
            let mut memory = Box::from_raw(memory);
            if runtime::state() == runtime::ENDED {
                // The host may be half gone by now: it is not called any more.
                std::mem::forget(std::mem::replace(&mut memory.release, Release::Nothing));
            }
            // The host's release function runs here; a panic of ours must not reach Python.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(memory)));
        }
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
        let Some(memory) = (*slot(object)).as_ref() else {
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
