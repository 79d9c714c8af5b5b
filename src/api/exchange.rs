//! Tables that change hands without a copy: the Arrow C data interface.
//!
//! The structures are those of the standard, by pointer; its header is not needed here.

use std::ffi::c_void;

use once_cell::sync::OnceCell;

use crate::boundary;
use crate::convert::{handle, object};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::capsule::{self, ARRAY, Arrow, SCHEMA, STREAM};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::source;
use crate::status::emb_status;

use super::dlpack;

/// Takes the Arrow schema of a Python object, through its method `__arrow_c_schema__`.
///
/// Ownership: `schema` receives what the caller ends by the release function in it. Errors:
/// EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: the object has no such method).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `schema` points to memory for an ArrowSchema.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_export_schema(
    object: emb_handle,
    schema: *mut c_void,
) -> emb_status {
    boundary::python(|py| {
        structure(schema, "schema")?;
        let object = self::object(py, object, "object")?;
        let capsule = object.getattr("__arrow_c_schema__")?.call(&[], None)?;
        // SAFETY: the host promises memory for a schema.
        unsafe { SCHEMA.take_out(py, &capsule, schema) }
    })
}

/// Takes the Arrow array of a Python object, through its method `__arrow_c_array__`. `requested` is
/// NULL, or an ArrowSchema to which the object is asked to convert; it may decline, so look at
/// `schema`.
///
/// Ownership: `schema` and `array` receive what the caller ends by the release functions in them;
/// the content of `requested` is moved out once the object is asked. Errors: EMB_BAD_HANDLE,
/// EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: the object has no such method). Threads: any.
/// Since: 0.1.
///
/// # Safety
/// `requested` is NULL or points to an ArrowSchema, `schema` to memory for one, `array` for an
/// ArrowArray.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_export_array(
    object: emb_handle,
    requested: *mut c_void,
    schema: *mut c_void,
    array: *mut c_void,
) -> emb_status {
    boundary::python(|py| {
        structure(schema, "schema")?;
        structure(array, "array")?;
        let object = self::object(py, object, "object")?;
        let pair = export(py, &object, "__arrow_c_array__", requested)?;
        let [schema_capsule, array_capsule] = <[Owned<'_>; 2]>::try_from(py.items(&pair)?)
            .map_err(|_| Failure::argument("__arrow_c_array__ gave no pair of capsules"))?;
        // Both are looked at before either is moved.
        capsule::pointer(py, &array_capsule, ARRAY.name)?;
        // SAFETY: the host promises memory for a schema and an array.
        unsafe {
            SCHEMA.take_out(py, &schema_capsule, schema)?;
            ARRAY.take_out(py, &array_capsule, array)
        }
    })
}

/// Takes the Arrow stream of a Python object, through its method `__arrow_c_stream__`. `requested`
/// is as for `emb_arrow_export_array`.
///
/// Ownership: `stream` receives what the caller ends by the release function in it; the content of
/// `requested` is moved out once the object is asked. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
/// EMB_EXCEPTION (AttributeError: the object has no such method). Threads: any. Since: 0.1.
///
/// # Safety
/// `requested` is NULL or points to an ArrowSchema, `stream` to memory for an ArrowArrayStream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_export_stream(
    object: emb_handle,
    requested: *mut c_void,
    stream: *mut c_void,
) -> emb_status {
    boundary::python(|py| {
        structure(stream, "stream")?;
        let object = self::object(py, object, "object")?;
        let capsule = export(py, &object, "__arrow_c_stream__", requested)?;
        // SAFETY: the host promises memory for a stream.
        unsafe { STREAM.take_out(py, &capsule, stream) }
    })
}

/// Gives an Arrow schema of the host to Python, as an object with the method `__arrow_c_schema__`,
/// for pyarrow, polars and other consumers; it can be consumed once.
///
/// Ownership: the content of `schema` is moved out; on failure nothing is. `object` receives a
/// handle that the caller releases. Errors: EMB_BAD_ARGUMENT (released already), EMB_NOT_RUNNING.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `schema` points to an ArrowSchema, `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_import_schema(
    schema: *mut c_void,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let object = out!(object)?;
        check_live(SCHEMA, schema, "schema")?;
        let class = class(py, "ArrowSchema")?;
        // SAFETY: the host promises a schema, and it was seen to be live.
        let schema = unsafe { SCHEMA.put_in_capsule(py, schema)? };
        let made = class.call(&[schema], None)?;
        object.set(handle(py, made)?);
        Ok(())
    })
}

/// Gives an Arrow array of the host to Python, as an object with the method `__arrow_c_array__`,
/// for pyarrow, polars and other consumers; it can be consumed once.
///
/// Ownership: the contents of `schema` and `array` are moved out; on failure nothing is. `object`
/// receives a handle that the caller releases. Errors: EMB_BAD_ARGUMENT (released already),
/// EMB_NOT_RUNNING. Threads: any. Since: 0.1.
///
/// # Safety
/// `schema` points to an ArrowSchema, `array` to an ArrowArray, `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_import_array(
    schema: *mut c_void,
    array: *mut c_void,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let object = out!(object)?;
        check_live(SCHEMA, schema, "schema")?;
        check_live(ARRAY, array, "array")?;
        let class = class(py, "ArrowArray")?;
        // SAFETY: the host promises a schema and an array, and they were seen to be live.
        let (schema, array) = unsafe {
            (
                SCHEMA.put_in_capsule(py, schema)?,
                ARRAY.put_in_capsule(py, array)?,
            )
        };
        let made = class.call(&[schema, array], None)?;
        object.set(handle(py, made)?);
        Ok(())
    })
}

/// Gives a stream of Arrow arrays of the host to Python, as an object with the method
/// `__arrow_c_stream__`, for pyarrow, polars and other consumers; it can be consumed once.
///
/// Ownership: the content of `stream` is moved out; on failure nothing is. `object` receives a
/// handle that the caller releases. Errors: EMB_BAD_ARGUMENT (released already), EMB_NOT_RUNNING.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `stream` points to an ArrowArrayStream, `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_import_stream(
    stream: *mut c_void,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let object = out!(object)?;
        check_live(STREAM, stream, "stream")?;
        let class = class(py, "ArrowStream")?;
        // SAFETY: the host promises a stream, and it was seen to be live.
        let stream = unsafe { STREAM.put_in_capsule(py, stream)? };
        let made = class.call(&[stream], None)?;
        object.set(handle(py, made)?);
        Ok(())
    })
}

/// Calls a method that exports Arrow data, with the schema that is asked for, if there is one.
fn export<'g>(
    py: Python<'g>,
    object: &Owned<'g>,
    method: &str,
    requested: *mut c_void,
) -> Outcome<Owned<'g>> {
    if requested.is_null() {
        return object.getattr(method)?.call(&[], None);
    }
    check_live(SCHEMA, requested, "requested")?;
    let method = object.getattr(method)?;
    // SAFETY: the host promises a schema, and it was seen to be live.
    let schema = unsafe { SCHEMA.put_in_capsule(py, requested)? };
    method.call(&[schema], None)
}

/// Checks a pointer to one of the standards' structures.
pub(super) fn structure(pointer: *mut c_void, what: &str) -> Outcome<()> {
    // SAFETY: only checked, not read: every structure begins with a word and is aligned to one.
    unsafe { boundary::read(pointer.cast::<u64>(), what) }.map(|_| ())
}

fn check_live(kind: Arrow, pointer: *mut c_void, what: &str) -> Outcome<()> {
    structure(pointer, what)?;
    // SAFETY: the host promises a structure of this kind.
    if unsafe { kind.is_live(pointer) } {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "{what} was released or moved already: its release function is NULL"
    )))
}

/// One of the classes of `exchange.py`.
pub(super) fn class<'g>(py: Python<'g>, name: &str) -> Outcome<Owned<'g>> {
    static NAMESPACE: OnceCell<emb_handle> = OnceCell::new();
    if NAMESPACE.get().is_none() {
        let namespace = py.dict()?;
        py.set_item(&namespace, &py.text("__name__")?, &py.text("emb")?)?;
        let hand_over = dlpack::hand_over(py)?;
        py.set_item(&namespace, &py.text("hand_over")?, &hand_over)?;
        source::run_own(py, include_str!("exchange.py"), &namespace)?;
        // Another thread may have been faster; its classes are as good.
        let _ = NAMESPACE.set(handle(py, namespace)?);
    }
    let namespace = object(py, NAMESPACE.get().copied().unwrap_or(0), "namespace")?;
    py.get_item(&namespace, &py.text(name)?)
}
