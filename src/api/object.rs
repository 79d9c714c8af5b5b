//! Objects: made from values and back, held and released, their attributes.

use std::ffi::c_char;

use crate::boundary;
use crate::convert::{self, bad_handle, handle, to_python};
use crate::handle::{TABLE, emb_handle};
use crate::python::arguments::Taken;
use crate::python::runtime::Runtime;
use crate::python::{deferred, gil};
use crate::status::emb_status;
use crate::thread::{self, Thread};
use crate::value::emb_value;

/// Makes a Python object of a value.
///
/// Ownership: `object` receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT,
/// EMB_BAD_HANDLE, EMB_EXCEPTION (an unhashable dict key). Threads: any. Since: 0.1.
///
/// # Safety
/// `value` points to an emb_value, `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_new(
    value: *const emb_value,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let (value, object) = (read!(value)?, out!(object)?);
        let made = to_python(py, value, "value")?;
        object.set(handle(py, made)?);
        Ok(())
    })
}

/// Makes a str of a plain text, for hosts to which an emb_value comes hard.
///
/// Ownership: `object` receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `text` points to `text_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_text_new(
    text: *const c_char,
    text_length: i64,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let (text, object) = (text!(text, text_length)?, out!(object)?);
        object.set(handle(py, py.text(text)?)?);
        Ok(())
    })
}

/// Unboxes an object, with any flags also those that EMB_RESULT_PLAIN alone unboxes elsewhere:
/// numpy's scalars, and instances of subclasses of the plain types.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
/// EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `result` is NULL or points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_value(
    object: emb_handle,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let answer = answer!(result, flags)?;
        answer.give(py, py.plain(convert::object(py, object, "object")?)?)
    })
}

/// A second handle to the same object.
///
/// Ownership: `clone` receives a handle that the caller releases. Errors: EMB_BAD_HANDLE.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `clone` points to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_clone(
    object: emb_handle,
    clone: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let clone = out!(clone)?;
        clone.set(handle(py, convert::object(py, object, "object")?)?);
        Ok(())
    })
}

/// Releases a handle. It never waits: without the GIL at hand, the object is dropped by whichever
/// thread enters Python next, so a finaliser may call it at any moment. A pending error stays.
/// Two threads that release it at the same moment may both be told that it worked; it is released
/// once.
///
/// Ownership: the handle is gone; 0 is fine. Errors: EMB_BAD_HANDLE (released before, or never
/// given). Threads: any, also those that are ending. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_object_free(object: emb_handle) -> emb_status {
    if object == 0 {
        return 0;
    }
    let thread = thread::of_host();
    let done = match gil::place(thread) {
        gil::Place::Inside(py) => {
            let reference = TABLE.remove_live(&thread.slots, object);
            reference.inspect(|object| deferred::drop_reference(py.runtime, *object));
            reference.is_some()
        }
        gil::Place::Outside => deferred::set_aside(thread, object),
        gil::Place::Unclear => false,
    };
    if done {
        return 0;
    }
    free_otherwise(thread, object)
}

#[inline(never)]
extern "C" fn free_otherwise(thread: &Thread, object: emb_handle) -> emb_status {
    if gil::outside(thread).is_some() && deferred::set_aside(thread, object) {
        return 0;
    }
    if end(thread, gil::settled(thread), object) {
        return 0;
    }
    not_live(object)
}

#[cold]
fn not_live(object: emb_handle) -> emb_status {
    boundary::aside(|_| Err(bad_handle(object, "object")))
}

/// Releases `count` handles, as `emb_object_free` does each of them. All that are live are released,
/// whatever the others are.
///
/// Ownership: the handles are gone; 0 is fine. Errors: EMB_BAD_ARGUMENT, EMB_BAD_HANDLE (the first
/// that was not live). Threads: any, also those that are ending; never waits. Since: 0.1.
///
/// # Safety
/// `objects` points to `count` handles.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_free_many(
    objects: *const emb_handle,
    count: usize,
) -> emb_status {
    boundary::aside(|thread| {
        let objects = slice!(objects, count)?;
        let held = gil::settled(thread);
        let mut stale = None;
        for (place, object) in objects.iter().enumerate() {
            if *object != 0 && !end(thread, held, *object) {
                stale.get_or_insert((place, *object));
            }
        }
        stale.map_or(Ok(()), |(place, object)| {
            Err(bad_handle(object, &format!("objects[{place}]")))
        })
    })
}

/// Ends a handle: at once with the GIL, else when it is at hand. False if it was not live.
fn end(thread: &Thread, held: Option<&Runtime>, object: emb_handle) -> bool {
    let Some(runtime) = held else {
        return deferred::doom(object);
    };
    let removed = TABLE.remove(&thread.slots, object);
    if let Some(Some(reference)) = removed {
        deferred::drop_reference(runtime, reference);
    }
    removed.is_some()
}

/// Reads an attribute.
///
/// Ownership: `result` (NULL: discard) receives a value as `flags` says. Errors: EMB_BAD_HANDLE,
/// EMB_EXCEPTION (AttributeError). Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `result` is NULL or
/// points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_getattr(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::usually(
        move |py| {
            let answer = usual_answer!(result, flags)?;
            let (name, _) = py.runtime.names.known(usual_name!(name, name_length)?)?;
            Some((answer, name, convert::usual_object(py, object)?))
        },
        move |py, (answer, name, object)| {
            let getattro = py.getattro_of(&object);
            // SAFETY: a live object, of a type with this function, and a str.
            let value = unsafe { py.own(getattro(object.as_ptr(), name.as_ptr())) };
            answer.give_usually(
                py,
                value,
                Taken {
                    arguments: None,
                    object: Some(object),
                },
            )
        },
        move || {
            boundary::python(|py| {
                let (name, answer) = (name!(name, name_length)?, answer!(result, flags)?);
                let value = py.getattr(&convert::object(py, object, "object")?, name)?;
                answer.give(py, value)
            })
        },
    )
}

/// Where a word stands by which a host knows without a call that an attribute of a module is still
/// what it was: as long as the word is the same, so is what the module has under that name. It may
/// be read at any time, also without the lock, while there is a handle to the module. NULL where
/// there is none: the attribute is no variable of the module but found or made anew each time, the
/// object is no plain module, or this Python has no such word (CPython has it up to 3.13).
///
/// Ownership: the word is Python's, and only read. Errors: EMB_BAD_HANDLE. Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `version` to a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_version(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
    version: *mut *const u64,
) -> emb_status {
    boundary::python(|py| {
        let (name, version) = (name!(name, name_length)?, out!(version)?);
        let object = convert::object(py, object, "object")?;
        version.set(py.version_of(&object, name)?);
        Ok(())
    })
}

/// Sets an attribute.
///
/// Ownership: `value` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `value` to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_setattr(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
    value: *const emb_value,
) -> emb_status {
    boundary::python(|py| {
        let (name, value) = (name!(name, name_length)?, read!(value)?);
        let value = to_python(py, value, "value")?;
        convert::object(py, object, "object")?.setattr(name, Some(&value))
    })
}

/// Deletes an attribute.
///
/// Ownership: nothing changes hands. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (AttributeError).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_delattr(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
) -> emb_status {
    boundary::python(|py| {
        let name = name!(name, name_length)?;
        convert::object(py, object, "object")?.setattr(name, None)
    })
}

/// The truth of an object: 0 or 1.
///
/// Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (an array of several elements has
/// no truth). Threads: any. Since: 0.1.
///
/// # Safety
/// `truth` points to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_truth(object: emb_handle, truth: *mut i32) -> emb_status {
    boundary::python(|py| {
        let truth = out!(truth)?;
        truth.set(py.truth(&convert::object(py, object, "object")?)?.into());
        Ok(())
    })
}

/// The hash of an object.
///
/// Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_EXCEPTION (TypeError: unhashable).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `hash` points to an int64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_hash(object: emb_handle, hash: *mut i64) -> emb_status {
    boundary::python(|py| {
        let hash = out!(hash)?;
        hash.set(py.hash(&convert::object(py, object, "object")?)?);
        Ok(())
    })
}
