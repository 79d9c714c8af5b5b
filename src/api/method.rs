//! Methods, called by name or looked up for many calls, without an object for each bound method.

use std::ffi::c_char;
use std::mem::forget;
use std::ptr;

use super::call::{Keywords, asked, keywords, push_all, total};
use crate::answer::Answer;
use crate::boundary::{self, is_none};
use crate::convert::{self, to_object};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::again;
use crate::python::arguments::{FEW, Few, Room, Taken};
use crate::python::ffi::Object;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::symbols::Vectorcall;
use crate::status::emb_status;
use crate::value::emb_value;
use crate::watched;

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
    if !is_none(keywords, keywords_length) {
        // SAFETY: the host's promise, handed on.
        return unsafe {
            call_method_with_keywords(
                object,
                name,
                name_length,
                args,
                nargs,
                keywords,
                keywords_length,
                flags,
                result,
            )
        };
    }
    boundary::usually(
        move |py| {
            let answer = usual_answer!(result, flags)?;
            let args = usual_slice!(args, nargs, FEW - 1)?;
            let (name, _) = py.runtime.names.known(usual_name!(name, name_length)?)?;
            let function = find_usually(py, object, name.as_ptr())?;
            Some((answer, args, function))
        },
        move |py, (answer, args, function)| {
            call_method_usually(py, function, args, (0, ptr::null_mut()), answer)
        },
        // SAFETY: the host's promise, handed on.
        move || unsafe {
            call_method_in_any_case(
                object,
                name,
                name_length,
                args,
                nargs,
                keywords,
                keywords_length,
                flags,
                result,
            )
        },
    )
}

/// # Safety
/// As for `emb_call_method`.
#[inline(never)]
unsafe extern "C" fn call_method_with_keywords(
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
    boundary::usually(
        move |py| {
            let answer = usual_answer!(result, flags)?;
            let names = usual_name!(keywords, keywords_length)?;
            let (names, named) = py.runtime.keywords.known(names)?;
            let args = usual_slice!(args, nargs.checked_add(named)?, FEW - 1)?;
            let (name, _) = py.runtime.names.known(usual_name!(name, name_length)?)?;
            let named = (named, names.as_ptr());
            let function = find_usually(py, object, name.as_ptr())?;
            Some((answer, args, named, function))
        },
        move |py, (answer, args, named, function)| {
            call_method_usually(py, function, args, named, answer)
        },
        // SAFETY: the host's promise, handed on.
        move || unsafe {
            call_method_in_any_case(
                object,
                name,
                name_length,
                args,
                nargs,
                keywords,
                keywords_length,
                flags,
                result,
            )
        },
    )
}

/// # Safety
/// As for `emb_call_method`.
#[inline(never)]
unsafe extern "C" fn call_method_in_any_case(
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
        let (form, watch, kept) = asked(flags);
        let (name, answer) = (name!(name, name_length)?, answer!(result, form)?);
        let keywords = keywords!(py, keywords, keywords_length);
        let args = slice!(args, total(nargs, &keywords)?)?;
        let mut room = Room::new();
        let mut arguments = room.arguments(1 + args.len());
        arguments.push(convert::object(py, object, "object")?);
        let watched = watched::during(py, watch, || push_all(py, &mut arguments, args))?;
        let named = (keywords.count(), keywords.as_ptr());
        let value = py.call_method(name, &mut arguments, named);
        drop(arguments);
        answer.give(py, watched::tell(py, watched, kept, value)?)
    })
}

/// A method of an object: what calls it, by what, and of which object.
type Found<'g> = (Vectorcall, Object, Owned<'g>);

/// None where this Python has no such calls.
#[inline(always)]
fn find_usually<'g>(py: Python<'g>, object: emb_handle, name: Object) -> Option<Found<'g>> {
    let vectorcall_method = py.api().PyObject_VectorcallMethod?;
    let object = convert::usual_object(py, object)?;
    let known = py.runtime.methods.get(py, object.type_ptr(), name);
    let known = py.api().PyObject_Vectorcall.zip(known);
    let (call, target) = known.unwrap_or((vectorcall_method, name));
    Some((call, target, object))
}

/// As `call_usually`, of a method.
#[inline(always)]
fn call_method_usually<'g>(
    py: Python<'g>,
    (call, target, object): Found<'g>,
    args: &[emb_value],
    named: (usize, Object),
    answer: Answer,
) -> Outcome<()> {
    let mut failure = Failure::Python;
    let mut few = Few::new();
    let mut arguments = few.arguments();
    arguments.push(object);
    if !arguments.push_each(args, |value| to_object(py, value, "args", &mut failure)) {
        return Err(failure);
    }
    // SAFETY: calls the method of that name, of the first argument, with the others.
    let value = unsafe { arguments.pass(py, call, target, named) };
    again::settle(py, &arguments, &value);
    forget(failure); // there was none
    answer.give_text_usually(
        py,
        value,
        Taken {
            arguments: Some(arguments),
            object: None,
        },
    )
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
