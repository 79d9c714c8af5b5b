//! Methods that a host calls again and again, without an object for each bound method.

use std::ffi::c_char;

use crate::boundary;
use crate::convert;
use crate::handle::emb_handle;
use crate::status::emb_status;
use crate::value::emb_value;

/// Reads an attribute that is to be called. Of a method of Python code, its function is enough for
/// that, which is called with the object before the other arguments (`emb_call`): then `result`
/// receives an EMB_FUNCTION, with the handle of the function, or with 0 where that is the one behind
/// `known` (0: none). So a method that is called again and again takes no objects. Any other
/// attribute is given as by `emb_object_getattr`.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
/// EMB_EXCEPTION (AttributeError). Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or
/// points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_method(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
    known: emb_handle,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (name, answer) = (name!(name, name_length)?, answer!(result, flags)?);
        let object = convert::object(py, object, "object")?;
        let known = match known {
            0 => None,
            known => Some(convert::object(py, known, "known")?),
        };
        let value = py.getattr(&object, name)?;
        match py.function_of(&value, &object) {
            Some(function) => answer.give_function(py, function, known),
            None => answer.give(py, value),
        }
    })
}
