//! Context managers.

use crate::boundary;
use crate::convert;
use crate::handle::emb_handle;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::raise;
use crate::status::emb_status;
use crate::value::emb_value;

/// Enters a context manager, as `with object as result` does.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
/// EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: no context manager). Threads: any. Since: 0.1.
///
/// # Safety
/// `result` is NULL or points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_enter(
    object: emb_handle,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let answer = answer!(result, flags)?;
        let object = convert::object(py, object, "object")?;
        // Both methods are looked up on the type, and before anything is entered.
        let class = class_of(py, &object);
        class.getattr("__exit__")?;
        answer.give(py, class.getattr("__enter__")?.call(&[object], None)?)
    })
}

/// Leaves a context manager. `exception` is the one that ended the block, or 0. `handled` is 1
/// where the context manager has dealt with it, and 0 where the host should go on with it.
///
/// Ownership: the handles stay the caller's. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT (`exception`
/// is none), EMB_EXCEPTION (what the context manager raises). Threads: any. Since: 0.1.
///
/// # Safety
/// `handled` points to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_exit(
    object: emb_handle,
    exception: emb_handle,
    handled: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let handled = out!(handled)?;
        let object = convert::object(py, object, "object")?;
        let args = if exception == 0 {
            [object.clone(), py.none(), py.none(), py.none()]
        } else {
            let exception = convert::object(py, exception, "exception")?;
            raise::check(py, &exception)?;
            let traceback = exception.getattr("__traceback__")?;
            [
                object.clone(),
                class_of(py, &exception),
                exception,
                traceback,
            ]
        };
        let exit = class_of(py, &object).getattr("__exit__")?;
        let answer = exit.call(&args, None)?;
        handled.set((exception != 0 && py.truth(&answer)?).into());
        Ok(())
    })
}

fn class_of<'g>(py: Python<'g>, object: &Owned<'g>) -> Owned<'g> {
    py.constant(object.type_ptr())
}
