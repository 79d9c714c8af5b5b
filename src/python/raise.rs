//! Python exceptions on their way to the host: fetched from the thread state, described, rendered.

use std::ptr;

use super::gil::Python;
use super::object::Owned;
use crate::failure::Outcome;

/// Takes the exception out of the current thread state, with its traceback attached.
/// None if there is none, which would be a bug of whoever reported one.
pub(crate) fn fetch(py: Python<'_>) -> Option<Owned<'_>> {
    let (mut class, mut value, mut traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
    let api = py.api();
    // SAFETY: the three out-parameters each receive a reference that is ours, or null.
    unsafe {
        (api.PyErr_Fetch)(&mut class, &mut value, &mut traceback);
        if class.is_null() {
            return None;
        }
        (api.PyErr_NormalizeException)(&mut class, &mut value, &mut traceback);
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
