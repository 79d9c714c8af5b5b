//! Calls: the arguments, the keywords and the result in one crossing.

use std::ffi::c_char;
use std::mem::forget;
use std::ptr;

use crate::answer::Answer;
use crate::boundary::{self, is_none};
use crate::convert::{self, to_object};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::again;
use crate::python::arguments::{Arguments, FEW, Few, Room, Taken};
use crate::python::ffi::Object;
use crate::python::gil::Python;
use crate::python::names::Meaning;
use crate::python::object::Owned;
use crate::python::symbols::Vectorcall;
use crate::status::emb_status;
use crate::value::emb_value;
use crate::watched;

/// Added to the flags of `emb_call` and `emb_call_method`: containers among the arguments that are
/// EMB_WATCHED are looked at when the call has ended, whether it succeeded or not.
pub const EMB_CALL_WATCH: u32 = 4096;

/// Added to EMB_CALL_WATCH: the host is also told which of these containers Python has kept, as far
/// as references are counted in place (not without a GIL); see EMB_WATCHED.
pub const EMB_CALL_KEPT: u32 = 32768;

/// The form of the result, and whether the host asks for what has changed, and for what is kept.
pub(super) fn asked(flags: u32) -> (u32, bool, bool) {
    let form = flags & !(EMB_CALL_WATCH | EMB_CALL_KEPT);
    (
        form,
        flags & EMB_CALL_WATCH != 0,
        flags & EMB_CALL_KEPT != 0,
    )
}

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
    if !is_none(keywords, keywords_length) {
        // SAFETY: the host's promise, handed on.
        return unsafe {
            call_with_keywords(
                callable,
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
            let args = usual_slice!(args, nargs, FEW)?;
            let callable = convert::usual_object(py, callable)?;
            Some((answer, args, py.vectorcall_of(&callable)?, callable))
        },
        move |py, (answer, args, vectorcall, callable)| {
            call_usually(
                py,
                (vectorcall, callable),
                args,
                (0, ptr::null_mut()),
                answer,
            )
        },
        // SAFETY: the host's promise, handed on.
        move || unsafe {
            call_in_any_case(
                callable,
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
/// As for `emb_call`.
#[inline(never)]
unsafe extern "C" fn call_with_keywords(
    callable: emb_handle,
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
            let args = usual_slice!(args, nargs.checked_add(named)?, FEW)?;
            let named = (named, names.as_ptr());
            let callable = convert::usual_object(py, callable)?;
            let vectorcall = py.vectorcall_of(&callable)?;
            Some((answer, args, named, vectorcall, callable))
        },
        move |py, (answer, args, named, vectorcall, callable)| {
            call_usually(py, (vectorcall, callable), args, named, answer)
        },
        // SAFETY: the host's promise, handed on.
        move || unsafe {
            call_in_any_case(
                callable,
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
/// As for `emb_call`.
#[inline(never)]
unsafe extern "C" fn call_in_any_case(
    callable: emb_handle,
    args: *const emb_value,
    nargs: usize,
    keywords: *const c_char,
    keywords_length: i64,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (form, watch, kept) = asked(flags);
        let answer = answer!(result, form)?;
        let keywords = keywords!(py, keywords, keywords_length);
        let args = slice!(args, total(nargs, &keywords)?)?;
        let callable = convert::object(py, callable, "callable")?;
        let mut room = Room::new();
        let mut arguments = room.arguments(args.len());
        let watched = watched::during(py, watch, || push_all(py, &mut arguments, args))?;
        let named = (keywords.count(), keywords.as_ptr());
        let value = py.call(&callable, &mut arguments, named);
        drop(arguments);
        answer.give(py, watched::tell(py, watched, kept, value)?)
    })
}

/// In a function of the host that Python has called, while an `emb_call` or `emb_call_method` of the
/// same thread with EMB_CALL_WATCH goes on: whether `container` is what that call has made of an
/// EMB_WATCHED. `found` receives the address of its two values, for `emb_call_unwatch`; or NULL.
///
/// Ownership: nothing changes. Errors: EMB_BAD_HANDLE. Threads: any, each for its own calls.
/// Since: 0.1.
///
/// # Safety
/// `found` points to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_call_watched(
    container: emb_handle,
    found: *mut *const emb_value,
) -> emb_status {
    boundary::python(|py| {
        let found = out!(found)?;
        let container = convert::object(py, container, "container")?;
        found.set(watched::place(py, &container));
        Ok(())
    })
}

/// The second of the two values that `emb_call_watched` has found is set as it is for a container
/// that Python has kept, an EMB_SHARED (see EMB_WATCHED), with what has become of the items so far.
/// From then on the call does not look at it. NULL is fine.
///
/// Ownership: the caller releases the EMB_SHARED. Errors: EMB_BAD_ARGUMENT (no call of this thread
/// looks at it), EMB_EXCEPTION (the call goes on to look at it). Threads: any, each for its own
/// calls. Since: 0.1.
///
/// # Safety
/// `values` is only an address, but for what `emb_call` was promised of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_call_unwatch(values: *const emb_value) -> emb_status {
    boundary::python(|py| watched::tell_now(py, values))
}

/// Calls an object with few arguments; `named` of them belong to the names in the tuple beside it.
#[inline(always)]
fn call_usually<'g>(
    py: Python<'g>,
    (vectorcall, callable): (Vectorcall, Owned<'g>),
    args: &[emb_value],
    named: (usize, Object),
    answer: Answer,
) -> Outcome<()> {
    let mut failure = Failure::Python;
    let mut few = Few::new();
    let mut arguments = few.arguments();
    if !arguments.push_each(args, |value| to_object(py, value, "args", &mut failure)) {
        return Err(failure);
    }
    // SAFETY: calls the object with its arguments.
    let value = unsafe { arguments.pass(py, vectorcall, callable.as_ptr(), named) };
    again::settle(py, &arguments, &value);
    forget(failure); // there was none
    answer.give_usually(
        py,
        value,
        Taken {
            arguments: Some(arguments),
            object: Some(callable),
        },
    )
}

/// The keyword names of a call.
pub(super) struct Keywords<'g>(pub(super) Option<Meaning<'g>>);

/// Those of a call, which mostly has none.
macro_rules! keywords {
    ($py:ident, $keywords:ident, $length:ident) => {
        match optional_name!($keywords, $length)? {
            None => Keywords(None),
            Some(text) => Keywords::named($py, text)?,
        }
    };
}
pub(super) use keywords;

impl<'g> Keywords<'g> {
    #[inline(never)]
    pub(super) fn named(py: Python<'g>, text: &[u8]) -> Outcome<Self> {
        if text.is_empty() {
            return Ok(Keywords(None));
        }
        Ok(Keywords(Some(py.runtime.keywords.get(py, text)?)))
    }

    #[inline]
    pub(super) fn count(&self) -> usize {
        self.0.as_ref().map_or(0, |names| names.number)
    }

    #[inline]
    pub(super) fn as_ptr(&self) -> Object {
        self.0.as_ref().map_or(ptr::null_mut(), Meaning::as_ptr)
    }
}

#[inline]
pub(super) fn total(nargs: usize, keywords: &Keywords<'_>) -> Outcome<usize> {
    let total = nargs.checked_add(keywords.count());
    total.ok_or_else(|| Failure::argument(format!("nargs is {nargs}, which is impossible")))
}

#[inline]
pub(super) fn push_all<'g>(
    py: Python<'g>,
    arguments: &mut Arguments<'g, '_>,
    values: &[emb_value],
) -> Outcome<()> {
    let mut failure = Failure::Python;
    let all = arguments.push_each(values, |value| to_object(py, value, "args", &mut failure));
    if all { Ok(()) } else { Err(failure) }
}
