//! The pending error: what the last failed call of this thread had to say.

use std::ffi::c_char;
use std::ptr::NonNull;

use crate::answer::to_value;
use crate::boundary;
use crate::boundary::sized::Growing;
use crate::convert::{handle, object};
use crate::failure::{Failure, Outcome};
use crate::handle::{TABLE, emb_handle};
use crate::python::advice;
use crate::python::deferred;
use crate::python::ffi::Object;
use crate::python::gil::{self, Python};
use crate::python::object::Owned;
use crate::python::raise;
use crate::status::{self, EMB_OK, emb_status};
use crate::thread::{Pending, Taken, Thread};
use crate::value::{EMB_RESULT_AUTO, emb_value};

use super::object::emb_object_free;

/// Of `emb_error.flags`: all that there is to the exception has been told. It is of that builtin
/// class, the message is its only argument, and it has no attributes, notes, cause or context. Not
/// every one of which this is true is said to be so.
pub const EMB_ERROR_PLAIN: u64 = 1;

/// An error, moved out of its thread by `emb_error_take`.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_error {
    /// sizeof(emb_error), set by the caller.
    pub size: usize,
    /// The status of the call that failed; EMB_OK where no error was pending: then the texts are
    /// empty.
    pub status: emb_status,
    /// 0.
    pub reserved: u32,
    /// The class: "ValueError", "numpy.linalg.LinAlgError"; for libemb's own errors a name such
    /// as "emb.BadHandle". Ends with a NUL byte.
    pub type_name: *const c_char,
    /// Bytes of `type_name`, without the NUL.
    pub type_name_length: i64,
    /// What `str()` of the exception says, or libemb's own message; after that of a failed import
    /// what is known of its reason. Ends with a NUL byte.
    pub message: *const c_char,
    /// Bytes of `message`, without the NUL; the text may contain NUL bytes.
    pub message_length: i64,
    /// The exception object, owned by the caller; 0 for libemb's own errors.
    pub exception: emb_handle,
    /// EMB_ERROR_PLAIN, or 0.
    pub flags: u64,
}

/// What there is to say where nothing is pending: its texts are empty.
const NO_ERROR: emb_error = emb_error {
    size: 0,
    status: EMB_OK,
    reserved: 0,
    type_name: c"".as_ptr(),
    type_name_length: 0,
    message: c"".as_ptr(),
    message_length: 0,
    exception: 0,
    flags: 0,
};

// SAFETY: as the trait demands.
unsafe impl Growing for emb_error {
    const FIRST: usize = 56;
    const NAME: &'static str = "emb_error";
}

/// Moves this thread's pending error out. Every other function clears it when it begins, except the
/// `_free` ones, those of lock scopes and forks, `emb_object_note` and `emb_error_text`.
///
/// Ownership: `error->exception` is the caller's to release; the texts stay valid until this
/// thread's next emb_error_take. Errors: EMB_BAD_ARGUMENT. Threads: any. Since: 0.1.
///
/// # Safety
/// `error` points to an emb_error with `size` set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_error_take(error: *mut emb_error) -> emb_status {
    boundary::aside(|thread| {
        let error = fill!(error)?;
        let Some(pending) = thread.take_pending() else {
            error.set(NO_ERROR);
            return Ok(());
        };
        let (status, exception) = describe(thread, pending);
        let taken = thread.taken.borrow();
        let is_plain = taken.is_plain() && exception != 0;
        let (message, message_length) = taken.message();
        error.set(emb_error {
            size: 0,
            status,
            reserved: 0,
            type_name: taken.type_name.as_ptr().cast(),
            type_name_length: taken.type_name.len() as i64 - 1,
            message,
            message_length: message_length as i64,
            exception,
            flags: if is_plain { EMB_ERROR_PLAIN } else { 0 },
        });
        Ok(())
    })
}

/// Moves this thread's pending error out as one text, "ValueError: message", for hosts that want no
/// more of it. The text ends with a NUL byte; it is empty where no error was pending.
///
/// Ownership: the text stays valid until this thread's next emb_error_text or emb_error_take.
/// Errors: none. Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_error_text() -> *const c_char {
    let mut text: *const c_char = c"".as_ptr();
    boundary::aside(|thread| {
        let Some(pending) = thread.take_pending() else {
            return Ok(());
        };
        let (_, exception) = describe(thread, pending);
        emb_object_free(exception);
        let whole = thread.taken.borrow().whole();
        keep(thread, Taken::new(String::new(), whole));
        text = thread.taken.borrow().message().0;
        Ok(())
    });
    text
}

/// Fills the thread's texts and gives the status and the exception's handle.
fn describe(thread: &Thread, pending: Pending) -> (emb_status, emb_handle) {
    let Pending {
        status,
        message,
        exception,
        description,
    } = pending;
    if let Some(description) = description {
        keep(thread, Taken::described(description));
        return (status, hand_over(thread, exception));
    }
    let (type_name, message, handle) = match describe_exception(thread, exception) {
        Ok(Some(described)) => described,
        Ok(None) => (status::name(status).to_string(), message, 0),
        Err(_) => {
            let message = "Python has ended, and with it the exception that it has raised";
            let kind = status::name(status::EMB_NOT_RUNNING).to_string();
            (kind, message.to_string(), 0)
        }
    };
    keep(thread, Taken::new(type_name, message));
    (status, handle)
}

fn keep(thread: &Thread, taken: Taken) {
    let earlier = thread.taken.replace(taken).owner();
    if !earlier.is_null() {
        deferred::drop_later(thread.leftover.replace(earlier));
    }
}

/// Gives the exception to the host, which takes no GIL; 0 where there are handles for no more.
fn hand_over(thread: &Thread, exception: Object) -> emb_handle {
    let inserted = NonNull::new(exception).map(|exception| TABLE.insert(&thread.slots, exception));
    match inserted {
        Some(Ok(handle)) => handle,
        _ => 0,
    }
}

/// The class name, the message and a handle of a Python exception; None if it is null.
fn describe_exception(
    thread: &Thread,
    exception: Object,
) -> Outcome<Option<(String, String, emb_handle)>> {
    if exception.is_null() {
        return Ok(None);
    }
    gil::with(thread, |py| {
        // SAFETY: the pending error owned this reference.
        let exception = unsafe { py.own(exception)? };
        let class = py
            .or_clear(raise::class_name(&exception))
            .unwrap_or_else(|| "<exception>".into());
        // str() of an exception may itself raise; the class is worth having all the same.
        let mut message = py
            .or_clear(exception.to_text())
            .unwrap_or_else(|| "<its message cannot be made into text>".into());
        let advice = py.or_clear(advice::behind(py, &exception)).flatten();
        if let Some(advice) = advice.filter(|advice| !message.contains(advice)) {
            message += &format!("\n\n{advice}");
        }
        Ok(Some((class, message, handle(py, exception)?)))
    })
}

/// An exception as Python would print it: the traceback, its causes and contexts, its message and
/// notes, and all that is in an exception group.
///
/// Ownership: `text` receives EMB_TEXT that points into Python's memory (see emb_value). Errors:
/// EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (it is not an exception), EMB_EXCEPTION. Threads: any. Since:
/// 0.1.
///
/// # Safety
/// `text` points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_error_traceback(
    exception: emb_handle,
    text: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let text = out!(text)?;
        let exception = object(py, exception, "exception")?;
        raise::check(py, &exception)?;
        let mut rendered = raise::render(py, &exception)?;
        // As Python prints it: what UTF-8 does not have is written with backslashes.
        if py.utf8(&rendered).is_none() {
            rendered = py.text(&rendered.to_text()?)?;
        }
        text.set(to_value(py, rendered, EMB_RESULT_AUTO)?);
        Ok(())
    })
}

/// Whether an exception is an instance of a class, or of one that derives from it: 0 or 1. `class`
/// is a name as for `emb_error_raise`.
///
/// Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (no such class).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `class` points to `class_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `matches` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_error_matches(
    exception: emb_handle,
    class: *const c_char,
    class_length: i64,
    matches: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (class, matches) = (text!(class, class_length)?, out!(matches)?);
        let exception = object(py, exception, "exception")?;
        matches.set(py.is_instance(&exception, &class_named(py, class)?)?.into());
        Ok(())
    })
}

/// Makes an exception the pending error of this thread, for a host function to report: `return
/// emb_error_raise(...)`. `class` names a builtin exception ("ValueError") or, with its module, any
/// other ("numpy.linalg.LinAlgError"); it is called with `message`.
///
/// Ownership: the texts are only read. Errors: always one: EMB_EXCEPTION, with the exception that
/// was asked for, or that making it raised (it is not there, it is no exception class). Threads:
/// any. Since: 0.1.
///
/// # Safety
/// The texts point to as many bytes of UTF-8 as their lengths say (or EMB_NUL_TERMINATED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_error_raise(
    class: *const c_char,
    class_length: i64,
    message: *const c_char,
    message_length: i64,
) -> emb_status {
    boundary::python(|py| {
        let (class, message) = (text!(class, class_length)?, text!(message, message_length)?);
        let kind = class_named(py, class)?;
        // Before it is called: who knows what another class does.
        if !raise::is_exception_class(py, kind.as_ptr()) {
            return Err(wrong_class(class, "not an exception class"));
        }
        let exception = kind.call(&[py.text(message)?], None)?;
        Err(raise::with(py, exception)?)
    })
}

/// Like `emb_error_raise`, with an exception object, such as the one of an `emb_error`.
///
/// Ownership: the handle stays the caller's. Errors: always one: EMB_EXCEPTION, EMB_BAD_HANDLE, or
/// EMB_BAD_ARGUMENT (it is not an exception). Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_error_raise_object(exception: emb_handle) -> emb_status {
    boundary::python(|py| Err(raise::with(py, object(py, exception, "exception")?)?))
}

fn class_named<'g>(py: Python<'g>, name: &str) -> Outcome<Owned<'g>> {
    let (module, attribute) = name.rsplit_once('.').unwrap_or(("builtins", name));
    if module.is_empty() || attribute.is_empty() {
        return Err(wrong_class(
            name,
            "no name like \"OSError\" or \"json.JSONDecodeError\"",
        ));
    }
    let class = py.import(module)?.getattr(attribute)?;
    if !py.is_subtype(class.type_ptr(), py.api().PyType_Type) {
        return Err(wrong_class(name, "not a class"));
    }
    Ok(class)
}

#[cold]
fn wrong_class(name: &str, what: &str) -> Failure {
    Failure::argument(format!("class is {name:?}, which is {what}"))
}
