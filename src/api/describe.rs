//! What an object is: its type, its attributes, its text in a format.

use std::ffi::c_char;

use crate::answer::to_value;
use crate::boundary;
use crate::convert::{self, to_python};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::raise;
use crate::status::emb_status;
use crate::value::{EMB_RESULT_AUTO, emb_value};

/// `emb_object_text`: as `str()` writes it.
pub const EMB_TEXT_STR: u32 = 0;
/// `emb_object_text`: as `repr()` writes it.
pub const EMB_TEXT_REPR: u32 = 1;
/// `emb_object_text`: the qualified name of its type, with the module unless that is builtins.
pub const EMB_TEXT_TYPE: u32 = 2;
/// `emb_object_text`: its documentation, cleaned as `inspect.getdoc()` does; empty if it has none.
pub const EMB_TEXT_DOC: u32 = 3;
/// `emb_object_text`: the signature of a callable, such as "(a, *, b=1)".
pub const EMB_TEXT_SIGNATURE: u32 = 4;

/// A text about an object; `form` is one of the EMB_TEXT_ numbers STR, REPR, TYPE, DOC, SIGNATURE.
///
/// Ownership: `text` receives EMB_TEXT that points into Python's memory (see emb_value), or
/// EMB_OBJECT where UTF-8 cannot hold the text (lone surrogates). Errors: EMB_BAD_HANDLE,
/// EMB_BAD_ARGUMENT, EMB_EXCEPTION (ValueError or TypeError: it has no signature). Threads: any.
/// Since: 0.1.
///
/// # Safety
/// `text` points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_text(
    object: emb_handle,
    form: u32,
    text: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let text = out!(text)?;
        let object = convert::object(py, object, "object")?;
        let written = match form {
            EMB_TEXT_STR => py.str(&object)?,
            EMB_TEXT_REPR => py.repr(&object)?,
            EMB_TEXT_TYPE => py.text(&raise::class_name(&object)?)?,
            EMB_TEXT_DOC => documentation(py, object)?,
            EMB_TEXT_SIGNATURE => {
                let signature = py.import("inspect")?.getattr("signature")?;
                py.str(&signature.call(&[object], None)?)?
            }
            _ => {
                return Err(Failure::argument(format!(
                    "form is {form}, which is none of the forms from EMB_TEXT_STR to \
                     EMB_TEXT_SIGNATURE"
                )));
            }
        };
        text.set(to_value(py, py.plain(written)?, EMB_RESULT_AUTO)?);
        Ok(())
    })
}

fn documentation<'g>(py: Python<'g>, object: Owned<'g>) -> Outcome<Owned<'g>> {
    let text = py
        .import("inspect")?
        .getattr("getdoc")?
        .call(&[object], None)?;
    if text.as_ptr() == py.api()._Py_NoneStruct {
        return py.text("");
    }
    Ok(text)
}

/// An object as `format(object, specification)` writes it.
///
/// Ownership: `text` as in emb_object_text. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION
/// (ValueError or TypeError: not a specification for this type). Threads: any. Since: 0.1.
///
/// # Safety
/// `specification` points to `specification_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `text`
/// to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_format(
    object: emb_handle,
    specification: *const c_char,
    specification_length: i64,
    text: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let specification = text!(specification, specification_length)?;
        let text = out!(text)?;
        let object = convert::object(py, object, "object")?;
        let written = py.apply2(py.api().PyObject_Format, &object, &py.text(specification)?)?;
        text.set(to_value(py, py.plain(written)?, EMB_RESULT_AUTO)?);
        Ok(())
    })
}

/// Whether an object has an attribute: 0 or 1.
///
/// Ownership: a number. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION (what the attribute
/// raises, unless it is AttributeError). Threads: any. Since: 0.1.
///
/// # Safety
/// `name` points to `name_length` bytes of UTF-8 (or EMB_NUL_TERMINATED), `found` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_hasattr(
    object: emb_handle,
    name: *const c_char,
    name_length: i64,
    found: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (name, found) = (name!(name, name_length)?, out!(found)?);
        let value = convert::object(py, object, "object")?.getattr(name);
        found.set(py.unless_attribute_error(value)?.is_some().into());
        Ok(())
    })
}

/// The names of an object's attributes, as `dir()` lists them.
///
/// Ownership: `result` (NULL: discard) receives a tuple of str as `flags` says: with
/// EMB_RESULT_DEEP an EMB_TUPLE of EMB_TEXT. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
/// EMB_EXCEPTION. Threads: any. Since: 0.1.
///
/// # Safety
/// `result` is NULL or points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_dir(
    object: emb_handle,
    flags: u32,
    result: *mut emb_value,
) -> emb_status {
    boundary::python(|py| {
        let answer = answer!(result, flags)?;
        let object = convert::object(py, object, "object")?;
        let dir = py.import("builtins")?.getattr("dir")?;
        let names = dir.call(&[object], None)?;
        answer.give(py, py.constant(py.api().PyTuple_Type).call(&[names], None)?)
    })
}

/// Whether an object is an instance of a class, or of one in a tuple of classes: 0 or 1.
///
/// Ownership: `class` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION
/// (TypeError: not a class). Threads: any. Since: 0.1.
///
/// # Safety
/// `class` points to an emb_value, `is_one` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_isinstance(
    object: emb_handle,
    class: *const emb_value,
    is_one: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (class, is_one) = (to_python(py, read!(class)?, "class")?, out!(is_one)?);
        let object = convert::object(py, object, "object")?;
        is_one.set(py.is_instance(&object, &class)?.into());
        Ok(())
    })
}

/// Whether a class derives from another, or from one in a tuple of classes: 0 or 1.
///
/// Ownership: `base` is only read. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT, EMB_EXCEPTION
/// (TypeError: not a class). Threads: any. Since: 0.1.
///
/// # Safety
/// `base` points to an emb_value, `derives` to an int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_issubclass(
    class: emb_handle,
    base: *const emb_value,
    derives: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (base, derives) = (to_python(py, read!(base)?, "base")?, out!(derives)?);
        let class = convert::object(py, class, "class")?;
        derives.set(py.is_subclass(&class, &base)?.into());
        Ok(())
    })
}
