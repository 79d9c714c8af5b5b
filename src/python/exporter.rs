//! `__buffer__` before Python 3.12: a base class that exports whatever memory the method of that name
//! gives, as a memoryview.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

use once_cell::sync::OnceCell;

use super::ffi::*;
use super::gil::Python;
use super::holder;
use super::object::Owned;
use super::runtime;
use crate::failure::{Failure, Outcome};
use crate::thread;

/// The base class.
pub(crate) fn class(py: Python<'_>) -> Outcome<Owned<'_>> {
    static CLASS: OnceCell<usize> = OnceCell::new();
    let class = match CLASS.get() {
        Some(class) => *class,
        None => {
            // Not inside of the cell, where others would wait for this thread.
            let new = make(py)?;
            *CLASS.get_or_init(|| new)
        }
    };
    Ok(py.constant(ptr::with_exposed_provenance_mut(class)))
}

fn make(py: Python<'_>) -> Outcome<usize> {
    let by_slot = py.runtime.version >= (3, 9);
    let slot = PyTypeSlot::new;
    let mut slots = [slot(0, ptr::null_mut::<c_void>()), slot(0, ptr::null_mut())];
    if by_slot {
        slots[0] = slot(PY_BF_GETBUFFER, get_buffer as *mut c_void);
    }
    let mut spec = PyTypeSpec {
        name: c"emb.Buffer".as_ptr(),
        basicsize: 0, // that of `object`
        itemsize: 0,
        flags: PY_TPFLAGS_DEFAULT | PY_TPFLAGS_BASETYPE,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification, which CPython copies, but for the static text.
    let class = unsafe { py.own((py.api().PyType_FromSpec)(&mut spec))? };
    if !by_slot {
        holder::set_buffer_slot_of_3_8(&class, get_buffer);
    }
    Ok(class.into_raw().as_ptr().expose_provenance())
}

unsafe extern "C" fn get_buffer(object: Object, view: *mut PyBuffer, flags: c_int) -> c_int {
    let (Some(runtime), Some(object)) = (runtime::loaded(), NonNull::new(object)) else {
        return -1;
    };
    let exported = catch_unwind(AssertUnwindSafe(|| {
        thread::with(|thread| {
            let py = Python::assume(runtime, thread);
            // SAFETY: Python keeps the object alive during the call.
            let object = unsafe { py.share(object) };
            match memory_of(py, &object, flags) {
                // SAFETY: Python passes a view to fill, which then holds the memoryview.
                Ok(memory) => unsafe {
                    (py.api().PyObject_GetBuffer)(memory.as_ptr(), view, flags)
                },
                Err(failure) => {
                    super::raise::set(py, failure);
                    -1
                }
            }
        })
    }));
    exported.unwrap_or(-1)
}

fn memory_of<'g>(py: Python<'g>, object: &Owned<'g>, flags: c_int) -> Outcome<Owned<'g>> {
    let flags = py.int(flags.into())?;
    let memory = object.getattr("__buffer__")?.call(&[flags], None)?;
    if memory.type_ptr() == py.api().PyMemoryView_Type {
        return Ok(memory);
    }
    Err(Failure::argument("__buffer__ must give a memoryview"))
}
