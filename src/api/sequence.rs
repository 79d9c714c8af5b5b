//! Items, length, membership and iteration.

use crate::boundary;
use crate::convert::{self, handle, to_python};
use crate::handle::emb_handle;
use crate::python::late;
use crate::python::protocol::Step;
use crate::status::emb_status;
use crate::value::emb_value;

/// Reads `object[key]`.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says; `key` is only read.
/// Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (KeyError, IndexError, TypeError).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `key` points to an emb_value, `result` is NULL or points to one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_getitem(
    object: emb_handle,
    key: *const emb_value,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (key, answer) = (read!(key)?, answer!(result, flags)?);
        let object = convert::object(py, object, "object")?;
        let item = py.get_item(&object, &to_python(py, key, "key")?)?;
        answer.give(py, item)
    })
}

/// Sets `object[key] = value`.
///
/// Ownership: `key` and `value` are only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
/// EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `key` and `value` point to emb_values.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_setitem(
    object: emb_handle,
    key: *const emb_value,
    value: *const emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (key, value) = (read!(key)?, read!(value)?);
        let object = convert::object(py, object, "object")?;
        py.assign_item(
            &object,
            &to_python(py, key, "key")?,
            &to_python(py, value, "value")?,
        )
    })
}

/// Deletes `object[key]`.
///
/// Ownership: `key` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `key` points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_delitem(
    object: emb_handle,
    key: *const emb_value,
) -> emb_status {
    boundary::python(|py| {
        let key = read!(key)?;
        let object = convert::object(py, object, "object")?;
        py.delete_item(&object, &to_python(py, key, "key")?)
    })
}

/// The number of items.
///
/// Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (TypeError: it has no length).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `length` points to an int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_length(object: emb_handle, length: *mut i64) -> emb_status {
    boundary::python(|py| {
        let length = out!(length)?;
        length.set(py.length(&convert::object(py, object, "object")?)?);
        Ok(())
    })
}

/// Whether `item in object`: 0 or 1.
///
/// Ownership: `item` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `item` points to an emb_value, `found` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_contains(
    object: emb_handle,
    item: *const emb_value,
    found: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (item, found) = (read!(item)?, out!(found)?);
        let object = convert::object(py, object, "object")?;
        found.set(py.contains(&object, &to_python(py, item, "item")?)?.into());
        Ok(())
    })
}

/// An iterator over an object, for `emb_object_next`.
///
/// Ownership: `iterator` receives a handle that the caller releases. Errors: EMB_BAD_HANDLE,
/// EMB_EXCEPTION (TypeError: it is not iterable). Threads: any. Since: 0.1.
///
/// # Safety
/// `iterator` points to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_iter(
    object: emb_handle,
    iterator: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let iterator = out!(iterator)?;
        let made = py.iter(&convert::object(py, object, "object")?)?;
        iterator.set(handle(py, made)?);
        Ok(())
    })
}

/// The next item of an iterator. `more` is 1, or 0 at the end, where `result` is untouched; for the
/// value that a generator ends with, see `emb_object_send`.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
/// EMB_EXCEPTION (TypeError: it is not an iterator; or what the iterator raises). Threads: any.
/// Since: 0.1.
///
/// # Safety
/// `result` is NULL or points to an emb_value, `more` points to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_next(
    iterator: emb_handle,
    flags: u32,
    result: *mut emb_value,
    more: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (answer, more) = (answer!(result, flags)?, out!(more)?);
        let source = convert::object(py, iterator, "iterator")?;
        late::report(py, iterator)?;
        let item = py.next(&source)?;
        let any = item.is_some();
        if let Some(item) = item {
            answer.give(py, item)?;
        }
        more.set(any.into());
        Ok(())
    })
}

/// Sends a value to a generator or a coroutine, as its method `send` does, and gives what it yields
/// next: then `more` is 1. At the end `more` is 0 and `result` is the value that it returned. With
/// NULL or None as `value` it only goes on; so every other iterator can be asked, too, and ends with
/// None.
///
/// Ownership: `value` is only read; `result` (NULL: discard) receives a value as `flags` says, also
/// at the end. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (TypeError: it is no
/// iterator; AttributeError: it takes no values; or what it raises). Threads: any. Since: 0.1.
///
/// # Safety
/// `value` and `result` are NULL or point to an emb_value, `more` points to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_send(
    iterator: emb_handle,
    value: *const emb_value,
    flags: u32,
    result: *mut emb_value,
    more: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (value, answer, more) = (optional!(value)?, answer!(result, flags)?, out!(more)?);
        let source = convert::object(py, iterator, "iterator")?;
        let value = match value {
            Some(value) => to_python(py, value, "value")?,
            None => py.none(),
        };
        late::report(py, iterator)?;
        let (given, any) = match py.send(&source, &value)? {
            Step::Item(item) => (item, 1),
            Step::End(value) => (value, 0),
        };
        answer.give(py, given)?;
        more.set(any);
        Ok(())
    })
}
