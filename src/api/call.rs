//! Calls: the arguments, the keywords and the result in one crossing.

use std::ffi::c_char;

use smallvec::SmallVec;

use crate::boundary;
use crate::convert::{self, to_python};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::gil::Python;
use crate::python::object::Owned;
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
        let value = call(py, &callable, args, &keywords)?;
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
        let method = convert::object(py, object, "object")?.getattr(name)?;
        let value = call(py, &method, args, &keywords)?;
        answer.give(py, value)
    })
}

/// The keyword names of a call.
struct Keywords<'g>(Option<Owned<'g>>, usize);

impl<'g> Keywords<'g> {
    fn new(py: Python<'g>, text: Option<&[u8]>) -> Outcome<Self> {
        match text {
            None | Some(b"") => Ok(Keywords(None, 0)),
            Some(text) => {
                let names = py.runtime.keywords.get(py, text)?;
                Ok(Keywords(Some(names.object), names.number))
            }
        }
    }
}

fn total(nargs: usize, keywords: &Keywords<'_>) -> Outcome<usize> {
    nargs
        .checked_add(keywords.1)
        .ok_or_else(|| Failure::argument(format!("nargs is {nargs}, which is impossible")))
}

fn call<'g>(
    py: Python<'g>,
    callable: &Owned<'g>,
    args: &[emb_value],
    keywords: &Keywords<'g>,
) -> Outcome<Owned<'g>> {
    let mut objects: SmallVec<[Owned<'g>; 8]> = SmallVec::with_capacity(args.len());
    for value in args {
        objects.push(to_python(py, value, "args")?);
    }
    callable.call(&objects, keywords.0.as_ref())
}
