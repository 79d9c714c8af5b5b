//! Python exceptions on their way to the host: fetched from the thread state, described, rendered.

use std::ffi::CString;
use std::ptr::{self, NonNull};

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};
use crate::status;

/// Takes the exception out of the current thread state, with its traceback attached.
/// None if there is none, which would be a bug of whoever reported one.
pub(crate) fn fetch(py: Python<'_>) -> Option<Owned<'_>> {
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let api = py.api();
    // SAFETY: the result, and the three out-parameters, are references that are ours, or null.
    unsafe {
        if let Some(get_raised) = api.PyErr_GetRaisedException {
            return py.own(get_raised()).ok();
        }
        (api.PyErr_Fetch)(&mut class, &mut value, &mut traceback);
        if class.is_null() {
            return None;
        }
        let instance = NonNull::new(value);
        if instance.is_none_or(|value| py.runtime.type_of(value) != class) {
            (api.PyErr_NormalizeException)(&mut class, &mut value, &mut traceback);
        }
        let _class = py.own(class);
        let traceback = py.own(traceback);
        let value = py.own(value).ok()?;
        if let Ok(traceback) = traceback {
            (api.PyException_SetTraceback)(value.as_ptr(), traceback.as_ptr());
        }
        Some(value)
    }
}

/// Sets an exception that was fetched again, for whoever handles it further out.
pub(crate) fn restore<'g>(py: Python<'g>, exception: Owned<'g>) {
    let class = py.runtime.type_of(exception.as_non_null());
    // SAFETY: a live exception and its class; PyErr_SetObject takes references of its own and
    // keeps the traceback that the exception carries.
    unsafe { (py.api().PyErr_SetObject)(class, exception.as_ptr()) }
}

/// Sets an exception that the host wants to raise, and gives the failure that says so.
pub(crate) fn with<'g>(py: Python<'g>, exception: Owned<'g>) -> Outcome<Failure> {
    check(py, &exception)?;
    restore(py, exception);
    Ok(Failure::Python)
}

/// What the host calls an exception has to be one.
pub(crate) fn check<'g>(py: Python<'g>, exception: &Owned<'g>) -> Outcome<()> {
    if is_exception_class(py, exception.type_ptr()) {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "exception is a {}, which is not an exception: it must derive from BaseException",
        class_name(exception)?
    )))
}

/// Whether a class derives from BaseException.
pub(crate) fn is_exception_class(py: Python<'_>, class: Object) -> bool {
    // SAFETY: the symbol is the address of a variable that holds a class.
    let base = unsafe { *py.api().PyExc_BaseException.cast::<Object>() };
    py.is_subtype(class, base)
}

/// Raises a failure in Python: an exception that is set already stays, libemb's own complaint
/// becomes a RuntimeError that begins with its name.
pub(crate) fn set(py: Python<'_>, failure: Failure) {
    let Failure::Own(complaint) = failure else {
        return;
    };
    let message = format!("{}: {}", status::name(complaint.status), complaint.message);
    let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
    // SAFETY: the symbol is the address of a variable that holds a class.
    unsafe {
        let class = *py.api().PyExc_RuntimeError.cast::<Object>();
        (py.api().PyErr_SetString)(class, message.as_ptr());
    }
}

/// Sets a new exception of a class, and gives the failure that says so.
pub(crate) fn with_class(py: Python<'_>, class: Object, message: &str) -> Failure {
    let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
    // SAFETY: a class, and a text that ends with a NUL byte.
    unsafe { (py.api().PyErr_SetString)(class, message.as_ptr()) };
    Failure::Python
}

/// The qualified name of an exception's class, without the module for builtins.
pub(crate) fn class_name(exception: &Owned<'_>) -> Outcome<String> {
    let class = exception.getattr("__class__")?;
    let name = class.getattr("__qualname__")?.to_text()?;
    match class.getattr("__module__")?.to_text()?.as_str() {
        "builtins" => Ok(name),
        module => Ok(format!("{module}.{name}")),
    }
}

/// The exception with its causes and traceback, as Python prints it.
pub(crate) fn render<'g>(py: Python<'g>, exception: &Owned<'g>) -> Outcome<Owned<'g>> {
    let format = py.import("traceback")?.getattr("format_exception")?;
    let class = exception.getattr("__class__")?;
    let traceback = exception.getattr("__traceback__")?;
    let lines = format.call(&[class, exception.clone(), traceback], None)?;
    py.text("")?.getattr("join")?.call(&[lines], None)
}
