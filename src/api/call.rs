//! Calls: the arguments, the keywords and the result in one crossing.

use std::ffi::c_char;
use std::ptr;

use crate::boundary;
use crate::convert::{self, to_python};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::arguments::{Arguments, Room};
use crate::python::ffi::Object;
use crate::python::gil::Python;
use crate::python::names::Meaning;
use crate::status::emb_status;
use crate::value::emb_value;

/// Calls an object. `args` holds `nargs` positional arguments, followed by one value for each name
/// in `keywords`; `keywords` holds the names, separated by commas without spaces ("color,lw"), and
/// is NULL where there are none. The number of names is not part of `nargs`.
///
/// Ownership: `args` are only read; `result` (NULL: discard) receives a value as `flags` says.
/// Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `args` points to `nargs` values and one more for each keyword, `keywords` is NULL or points to
/// `keywords_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or points to an
/// emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_call(
    callable: emb_handle,
    args: *const emb_value,
    nargs: usize,
    keywords: *const c_char,
    keywords_length: i64,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let answer = answer!(result, flags)?;
        let keywords = Keywords::new(py, optional_name!(keywords, keywords_length)?)?;
        let args = slice!(args, total(nargs, &keywords)?)?;
        let callable = convert::object(py, callable, "callable")?;
        let mut room = Room::new();
        let mut arguments = room.arguments(args.len());
        push_all(py, &mut arguments, args)?;
        let value = py.call(
            &callable,
            &mut arguments,
            keywords.count(),
            keywords.as_ptr(),
        )?;
        answer.give(py, value)
    })
}

/// Calls a method of an object by its name; the rest is as in `emb_call`.
///
/// Ownership: `args` are only read; `result` (NULL: discard) receives a value as `flags` says.
/// Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError among them).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// As in `emb_call`; `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_call_method(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
    args: *const emb_value,
    nargs: usize,
    keywords: *const c_char,
    keywords_length: i64,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (name, answer) = (name!(name, name_length)?, answer!(result, flags)?);
        let keywords = Keywords::new(py, optional_name!(keywords, keywords_length)?)?;
        let args = slice!(args, total(nargs, &keywords)?)?;
        let mut room = Room::new();
        let mut arguments = room.arguments(1 + args.len());
        arguments.push(convert::object(py, object, "object")?);
        push_all(py, &mut arguments, args)?;
        let value = py.call_method(name, &mut arguments, keywords.count(), keywords.as_ptr())?;
        answer.give(py, value)
    })
}

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

/// The keyword names of a call.
struct Keywords<'g>(Option<Meaning<'g>>);

impl<'g> Keywords<'g> {
    #[inline(always)]
    fn new(py: Python<'g>, text: Option<&[u8]>) -> Outcome<Self> {
        match text {
            None | Some(b"") => Ok(Keywords(None)),
            Some(text) => Ok(Keywords(Some(py.runtime.keywords.get(py, text)?))),
        }
    }

    #[inline]
    fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |names| names.number)
    }

    #[inline]
    fn as_ptr(&self) -> Object {
        self.0.as_ref().map_or(ptr::null_mut(), Meaning::as_ptr)
    }
}

#[inline]
fn total(nargs: usize, keywords: &Keywords<'_>) -> Outcome<usize> {
    let total = nargs.checked_add(keywords.count());
    total.ok_or_else(|| Failure::argument(format!("nargs is {nargs}, which is impossible")))
}

#[inline]
fn push_all<'g>(
    py: Python<'g>,
    arguments: &mut Arguments<'g, '_>,
    values: &[emb_value],
) -> Outcome<()> {
    for value in values {
        arguments.push(to_python(py, value, "args")?);
    }
    Ok(())
}
