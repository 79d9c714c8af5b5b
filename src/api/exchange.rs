//! Tensors and tables that change hands without a copy: DLPack and the Arrow C data interface.
//!
//! The structures are those of the two standards, by pointer; their headers are not needed here.

use std::ffi::c_void;

use once_cell::sync::OnceCell;

use crate::boundary;
use crate::convert::{handle, object};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::capsule::{self, ARRAY, Arrow, SCHEMA, STREAM, Tensor, UNVERSIONED, VERSIONED};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::status::emb_status;

/// Takes the memory of a Python object as a DLPack tensor. Where the object can give a
/// DLManagedTensorVersioned, it is one, and `versioned` is 1: its flags tell whether it may be
/// written and whether it is a copy. Otherwise it is a DLManagedTensor, and `versioned` is 0.
///
/// Ownership: `tensor` receives a structure that is the caller's, who ends it by its deleter.
/// Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: no DLPack; BufferError:
/// not in this form). Threads: any. Since: 0.1.
///
/// # Safety
/// `tensor` points to a pointer, `versioned` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_dlpack_export(
    object: emb_handle,
    tensor: *mut *mut c_void,
    versioned: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (tensor, versioned) = (out!(tensor)?, out!(versioned)?);
        let object = self::object(py, object, "object")?;
        let capsule = dlpack_of(py, &object)?;
        let is_versioned = capsule::is(py, &capsule, VERSIONED.name);
        let form = if is_versioned { VERSIONED } else { UNVERSIONED };
        tensor.set(form.take_out(py, &capsule)?);
        versioned.set(is_versioned.into());
        Ok(())
    })
}

/// `object.__dlpack__()`, of the newest form that it knows.
fn dlpack_of<'g>(py: Python<'g>, object: &Owned<'g>) -> Outcome<Owned<'g>> {
    let dlpack = object.getattr("__dlpack__")?;
    let version = py.tuple([py.int(1)?, py.int(0)?].into_iter())?;
    let keywords = py.runtime.keywords.get(py, b"max_version")?.into_object(py);
    match dlpack.call(&[version], Some(&keywords)) {
        // Exporters from before DLPack 1.0 do not know the argument.
        Err(Failure::Python) if py.exception_is(py.api().PyExc_TypeError) => {
            py.clear_exception();
            dlpack.call(&[], None)
        }
        outcome => outcome,
    }
}

/// Gives a DLPack tensor of the host to Python: a DLManagedTensorVersioned (`versioned` is 1) or a
/// DLManagedTensor (0). The object is for `numpy.from_dlpack`, `torch.from_dlpack` and other
/// consumers; it can be consumed once.
///
/// Ownership: the tensor is libemb's from now on; its deleter is called once, by whoever has it
/// last, on any thread. On failure it stays the caller's. `object` receives a handle that the
/// caller releases. Errors: EMB_BAD_ARGUMENT, EMB_NOT_RUNNING. Threads: any. Since: 0.1.
///
/// # Safety
/// `tensor` points to a structure of that form, `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_dlpack_import(
    tensor: *mut c_void,
    versioned: i32,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let object = out!(object)?;
        let form: Tensor = match versioned {
            0 => UNVERSIONED,
            1 => VERSIONED,
            _ => {
                return Err(Failure::argument(format!(
                    "versioned is {versioned}, which is neither 0 nor 1"
                )));
            }
        };
        structure(tensor, "tensor")?;
        let class = class(py, "DLPack")?;
        // SAFETY: the host promises a tensor of this form.
        let device = unsafe { form.device(tensor) };
        let device = [py.int(device[0].into())?, py.int(device[1].into())?];
        let device = py.tuple(device.into_iter())?;
        let is_versioned = py.bool(versioned == 1);
        // SAFETY: as above; from here on the capsule owns the tensor.
        let capsule = unsafe { form.put_in_capsule(py, tensor)? };
        let made = class.call(&[capsule, device, is_versioned], None)?;
        object.set(handle(py, made)?);
        Ok(())
    })
}

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

/// Takes the Arrow array of a Python object, through its method `__arrow_c_array__`.
///
/// Ownership: `schema` and `array` receive what the caller ends by the release function in it.
/// Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: the object has no such
/// method). Threads: any. Since: 0.1.
///
/// # Safety
/// `schema` points to memory for an ArrowSchema, `array` for an ArrowArray.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_export_array(
    object: emb_handle,
    schema: *mut c_void,
    array: *mut c_void,
) -> emb_status {
    boundary::python(|py| {
        structure(schema, "schema")?;
        structure(array, "array")?;
        let object = self::object(py, object, "object")?;
        let pair = object.getattr("__arrow_c_array__")?.call(&[], None)?;
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

/// Takes the Arrow stream of a Python object, through its method `__arrow_c_stream__`.
///
/// Ownership: `stream` receives what the caller ends by the release function in it. Errors:
/// EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (AttributeError: the object has no such method).
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `stream` points to memory for an ArrowArrayStream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_arrow_export_stream(
    object: emb_handle,
    stream: *mut c_void,
) -> emb_status {
    boundary::python(|py| {
        structure(stream, "stream")?;
        let object = self::object(py, object, "object")?;
        let capsule = object.getattr("__arrow_c_stream__")?.call(&[], None)?;
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

/// Checks a pointer to one of the standards' structures.
fn structure(pointer: *mut c_void, what: &str) -> Outcome<()> {
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
fn class<'g>(py: Python<'g>, name: &str) -> Outcome<Owned<'g>> {
    static NAMESPACE: OnceCell<emb_handle> = OnceCell::new();
    if NAMESPACE.get().is_none() {
        let namespace = py.dict()?;
        py.set_item(&namespace, &py.text("__name__")?, &py.text("emb")?)?;
        let exec = py.import("builtins")?.getattr("exec")?;
        exec.call(
            &[py.text(include_str!("exchange.py"))?, namespace.clone()],
            None,
        )?;
        // Another thread may have been faster; its classes are as good.
        let _ = NAMESPACE.set(handle(py, namespace)?);
    }
    let namespace = object(py, NAMESPACE.get().copied().unwrap_or(0), "namespace")?;
    py.get_item(&namespace, &py.text(name)?)
}
