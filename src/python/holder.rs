//! Python objects that own something of the host's: a value of Rust behind an ordinary Python
//! object, dropped when the last reference to the object goes.

use std::ffi::{CStr, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use once_cell::sync::OnceCell;

use super::deferred;
use super::ffi::*;
use super::gil::Python;
use super::object::Owned;
use super::runtime::{self, Runtime};
use crate::failure::{Failure, Outcome};
use crate::thread;

/// The buffer protocol's function.
pub(crate) type GetBuffer = unsafe extern "C" fn(Object, *mut PyBuffer, c_int) -> c_int;

/// What a Python object can own; each kind has a Python type of its own.
pub(crate) trait Held: Sized + 'static {
    /// The type's name, with its module.
    const NAME: &'static CStr;
    const DOC: &'static CStr;
    /// For those that export memory.
    const GET_BUFFER: Option<GetBuffer> = None;

    /// Where the type's address is kept.
    fn class() -> &'static OnceCell<usize>;

    /// The value is dropped after Python has ended: the host may be half gone and is not called.
    fn disarm(&mut self);
}

/// Where the pointer to the value stands in an instance: behind what `object` itself needs.
static OFFSET: OnceCell<usize> = OnceCell::new();

/// A Python object that owns `value`.
pub(crate) fn hold<T: Held>(py: Python<'_>, value: T) -> Outcome<Owned<'_>> {
    let class = *T::class().get_or_try_init(|| make_type::<T>(py))?;
    // SAFETY: the type lives for good; a new instance is zeroed, and has room for one pointer.
    unsafe {
        let class = ptr::with_exposed_provenance_mut(class);
        let object = py.own((py.api().PyType_GenericAlloc)(class, 0))?;
        *slot::<T>(object.as_ptr()) = Box::into_raw(Box::new(value));
        Ok(object)
    }
}

/// The value that an instance owns.
///
/// # Safety
/// `object` was made by `hold::<T>` (or its type called from Python, which gives None), and lives
/// for as long as the result is used.
pub(crate) unsafe fn held<'a, T: Held>(object: Object) -> Option<&'a T> {
    // SAFETY: the caller's promise; the value does not move before the object goes.
    unsafe { (*slot::<T>(object)).as_ref() }
}

/// # Safety
/// `object` is an instance of the type of `T`.
unsafe fn slot<T: Held>(object: Object) -> *mut *mut T {
    // SAFETY: `make_type` set OFFSET before any instance could exist, and made room there.
    unsafe {
        object
            .byte_add(OFFSET.get().copied().unwrap_or_default())
            .cast()
    }
}

fn make_type<T: Held>(py: Python<'_>) -> Outcome<usize> {
    let offset = *OFFSET.get_or_try_init(|| basicsize_of_object(py))?;
    let slot = |slot, pfunc| PyTypeSlot { slot, pfunc };
    let mut slots = vec![
        slot(PY_TP_DEALLOC, dealloc::<T> as *mut c_void),
        slot(PY_TP_NEW, refuse_new as *mut c_void),
        slot(PY_TP_DOC, T::DOC.as_ptr().cast_mut().cast()),
    ];
    let by_slot = py.runtime.version >= (3, 9);
    if let Some(get_buffer) = T::GET_BUFFER.filter(|_| by_slot) {
        slots.push(slot(PY_BF_GETBUFFER, get_buffer as *mut c_void));
    }
    slots.push(slot(0, ptr::null_mut()));
    let mut spec = PyTypeSpec {
        name: T::NAME.as_ptr(),
        basicsize: (offset + size_of::<*mut T>()) as c_int,
        itemsize: 0,
        flags: PY_TPFLAGS_DEFAULT,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification; CPython copies what it keeps, but for the static texts.
    let class = unsafe { py.own((py.api().PyType_FromSpec)(&mut spec))? };
    if let Some(get_buffer) = T::GET_BUFFER.filter(|_| !by_slot) {
        set_buffer_slot_of_3_8(&class, get_buffer);
    }
    Ok(class.into_raw().as_ptr().expose_provenance())
}

/// `object.__basicsize__`: the size of a header in this build of Python.
fn basicsize_of_object(py: Python<'_>) -> Outcome<usize> {
    let object = py.constant(py.api().PyBaseObject_Type);
    let size = py.to_i64(&object.getattr("__basicsize__")?)?;
    usize::try_from(size).map_err(|_| Failure::argument("object.__basicsize__ is negative"))
}

/// Python 3.8 has the buffer protocol's slots, but no number for them in a specification. Its
/// type objects will never change again: `tp_as_buffer` stands at byte 160 and points to the two
/// functions.
fn set_buffer_slot_of_3_8(class: &Owned<'_>, get_buffer: GetBuffer) {
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
        let message = c"objects of this type are made by the host program";
        // SAFETY: called by Python, so the GIL is held; the symbol is a variable with a class.
        unsafe {
            let class = *runtime.api.PyExc_TypeError.cast::<Object>();
            (runtime.api.PyErr_SetString)(class, message.as_ptr());
        }
    }
    ptr::null_mut()
}

unsafe extern "C" fn dealloc<T: Held>(object: Object) {
    let Some(runtime) = runtime::loaded() else {
        return;
    };
    // SAFETY: Python gives up an instance of the type made here, once; its type holds one
    // reference for each instance.
    unsafe {
        let value = slot::<T>(object).replace(ptr::null_mut());
        let class = runtime.type_of(ptr::NonNull::new_unchecked(object));
        (runtime.api.PyObject_Free)(object.cast());
        (runtime.api.Py_DecRef)(class);
        if !value.is_null() {
            let mut value = Box::from_raw(value);
            if runtime::state() == runtime::ENDED {
                value.disarm();
            }
            // The host's release function runs here; a panic of ours must not reach Python.
            let _ = catch_unwind(AssertUnwindSafe(|| aside(runtime, || drop(value))));
        }
    }
}

/// Runs the host's code at a moment that is not the host's: references also go while an exception
/// is on its way through Python, or an error of this thread waits for the host. Both stay.
///
/// # Safety
/// The GIL is held.
pub(crate) unsafe fn aside(runtime: &Runtime, host: impl FnOnce()) {
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    thread::with(|thread| {
        let pending = thread.pending.take();
        // SAFETY: the GIL is held; the three references are moved out, and back in.
        unsafe {
            (runtime.api.PyErr_Fetch)(&mut class, &mut value, &mut traceback);
            host();
            (runtime.api.PyErr_Restore)(class, value, traceback);
        }
        if let Some(left) = thread.pending.replace(pending) {
            deferred::drop_later(left.exception);
        }
    });
}
