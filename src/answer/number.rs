//! What a value holds by itself: None, bools, numbers.

use std::ptr::NonNull;

use crate::python::ffi::PyObject;
use crate::python::gil::Python;
use crate::python::scalar as numpy_scalar;
use crate::value::*;

/// An exact float, int of 64 bits or None, in two registers: through memory, numbers would be read
/// again before they have been written.
#[derive(Clone, Copy)]
pub(super) struct Number {
    pub(super) kind: u32,
    bits: u64,
}

impl Number {
    /// The kind of what is none of these.
    pub(super) const NONE: u32 = u32::MAX;

    const fn new(kind: u32, bits: u64) -> Self {
        Number { kind, bits }
    }
}

impl From<Number> for emb_value {
    #[inline]
    fn from(Number { kind, bits }: Number) -> Self {
        emb_value {
            kind,
            length: 0,
            r#as: emb_payload { uinteger: bits },
        }
    }
}

#[inline(always)]
pub(super) fn number(py: Python<'_>, object: NonNull<PyObject>) -> Number {
    let api = py.api();
    let (pointer, class) = (object.as_ptr(), py.runtime.type_of(object));
    if class == api.PyFloat_Type {
        // SAFETY: an exact float.
        let real = unsafe { py.runtime.boxes.double(pointer) };
        return Number::new(EMB_FLOAT, real.to_bits());
    }
    if class == api.PyLong_Type {
        // SAFETY: an exact int.
        return match unsafe { py.runtime.boxes.integer(pointer) } {
            Some(integer) => Number::new(EMB_INT, integer as u64),
            None => Number::new(Number::NONE, 0),
        };
    }
    if pointer == api._Py_NoneStruct {
        return Number::new(EMB_NONE, 0);
    }
    Number::new(Number::NONE, 0)
}

/// Out of line, where it is one step of many.
#[inline(never)]
pub(super) fn number_alone(py: Python<'_>, object: NonNull<PyObject>) -> Number {
    number(py, object)
}

/// What fits a value by itself: None, bool, float, int of 64 bits, and numpy's scalars if asked for.
#[inline]
pub(super) fn scalar(py: Python<'_>, object: NonNull<PyObject>, flags: u32) -> Option<emb_value> {
    let api = py.api();
    let pointer = object.as_ptr();
    let number = number_alone(py, object);
    if number.kind != Number::NONE {
        return Some(number.into());
    }
    if pointer == api._Py_TrueStruct || pointer == api._Py_FalseStruct {
        return Some(emb_value::integer(
            EMB_BOOL,
            (pointer == api._Py_TrueStruct).into(),
        ));
    }
    if flags >= EMB_RESULT_SCALARS {
        let (number, value) = numpy_scalar::of(py, object)?;
        return Some(emb_value::scalar(number, value));
    }
    None
}
