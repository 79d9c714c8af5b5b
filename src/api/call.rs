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
use crate::watched;

/// Added to the flags of `emb_call` and `emb_call_method`: containers among the arguments that are
/// EMB_WATCHED are looked at when the call has ended, whether it succeeded or not.
pub const EMB_CALL_WATCH: u32 = 4096;

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
        let (form, watch) = (flags & !EMB_CALL_WATCH, flags & EMB_CALL_WATCH != 0);
        let answer = answer!(result, form)?;
        let keywords = Keywords::new(py, optional_name!(keywords, keywords_length)?)?;
        let args = slice!(args, total(nargs, &keywords)?)?;
        let callable = convert::object(py, callable, "callable")?;
        let mut room = Room::new();
        let mut arguments = room.arguments(args.len());
        let watched = watched::during(py, watch, || push_all(py, &mut arguments, args))?;
        let value = py.call(
            &callable,
            &mut arguments,
            keywords.count(),
            keywords.as_ptr(),
        );
        answer.give(py, watched::tell(py, watched, value)?)
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
        let (form, watch) = (flags & !EMB_CALL_WATCH, flags & EMB_CALL_WATCH != 0);
        let (name, answer) = (name!(name, name_length)?, answer!(result, form)?);
        let keywords = Keywords::new(py, optional_name!(keywords, keywords_length)?)?;
        let args = slice!(args, total(nargs, &keywords)?)?;
        let mut room = Room::new();
        let mut arguments = room.arguments(1 + args.len());
        arguments.push(convert::object(py, object, "object")?);
        let watched = watched::during(py, watch, || push_all(py, &mut arguments, args))?;
        let value = py.call_method(name, &mut arguments, keywords.count(), keywords.as_ptr());
        answer.give(py, watched::tell(py, watched, value)?)
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
