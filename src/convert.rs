//! Values of the host into Python objects, and handles: what goes in.

use std::ffi::{CString, c_char};
use std::ptr;

use crate::boundary;
use crate::failure::{Failure, Outcome, utf8};
use crate::handle::{TABLE, emb_handle};
use crate::lent;
use crate::python::gil::Python;
use crate::python::numbers;
use crate::python::numpy;
use crate::python::object::Owned;
use crate::status::EMB_BAD_HANDLE;
use crate::value::*;
use crate::watched;

/// How deep values may be nested; a value that contains itself ends here.
pub(crate) const DEEPEST: u32 = 200;

/// The object behind a handle, with a reference of one's own: another thread may release the
/// handle while the object is in use.
#[inline]
pub(crate) fn object<'g>(py: Python<'g>, handle: emb_handle, what: &str) -> Outcome<Owned<'g>> {
    match TABLE.get(handle) {
        // SAFETY: the table owns a reference, and the GIL is held.
        Some(object) => Ok(unsafe { py.share(object) }),
        None => shared_object(py, handle).ok_or_else(|| bad_handle(handle, what)),
    }
}

/// The same, where the handle is live and there is a GIL.
#[inline(always)]
pub(crate) fn usual_object(py: Python<'_>, handle: emb_handle) -> Option<Owned<'_>> {
    // SAFETY: the table owns a reference, and the GIL is held.
    TABLE.get(handle).map(|object| unsafe { py.share(object) })
}

/// The same where there is no GIL.
#[inline(never)]
fn shared_object(py: Python<'_>, handle: emb_handle) -> Option<Owned<'_>> {
    // SAFETY: the object lives while it is looked at.
    TABLE.look(handle, |object| unsafe { py.share(object) })
}

#[cold]
pub(crate) fn bad_handle(handle: emb_handle, what: &str) -> Failure {
    let why = if handle == 0 {
        "it is 0, which means none"
    } else {
        "it was released already, or libemb never gave it"
    };
    Failure::own(
        EMB_BAD_HANDLE,
        format!("{what} is not a live handle ({handle:#x}): {why}"),
    )
}

/// Gives an object to the host as a handle.
pub(crate) fn handle(py: Python<'_>, object: Owned<'_>) -> Outcome<emb_handle> {
    handle_in_line(py, object)
}

/// The same where every instruction counts.
#[inline(always)]
pub(crate) fn handle_in_line(py: Python<'_>, object: Owned<'_>) -> Outcome<emb_handle> {
    match TABLE.insert(&py.thread.slots, object.as_non_null()) {
        Ok(handle) => {
            std::mem::forget(object);
            Ok(handle)
        }
        Err(_) => Err(no_more_handles()),
    }
}

#[cold]
extern "C" fn no_more_handles() -> Failure {
    Failure::argument(format!(
        "the host holds {} objects, and there is no room for more: release some (emb_object_free)",
        TABLE.count()
    ))
}

/// A new Python object from a value of the host.
#[inline]
pub(crate) fn to_python<'g>(py: Python<'g>, value: &emb_value, what: &str) -> Outcome<Owned<'g>> {
    let mut failure = Failure::Python;
    to_object(py, value, what, &mut failure).ok_or(failure)
}

/// The same, with the failure apart: an object alone is a pointer, which takes one register.
/// `failure` is `Failure::Python` before.
#[inline(always)]
pub(crate) fn to_object<'g>(
    py: Python<'g>,
    value: &emb_value,
    what: &str,
    failure: &mut Failure,
) -> Option<Owned<'g>> {
    let api = py.api();
    // SAFETY: the kind says which member is set.
    unsafe {
        match value.kind {
            EMB_FLOAT => py.made((api.PyFloat_FromDouble)(value.r#as.real)),
            EMB_INT => py.made((api.PyLong_FromLongLong)(value.r#as.integer)),
            _ => no_number(py, value, what, failure),
        }
    }
}

/// Apart from the numbers, which are made where they are wanted, and before the rest, which takes
/// more to begin with.
#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn no_number<'g>(
    py: Python<'g>,
    value: &emb_value,
    what: &str,
    failure: &mut Failure,
) -> Option<Owned<'g>> {
    // SAFETY: the kind says which member is set.
    let outcome = boundary::contained(|| unsafe {
        match value.kind {
            EMB_OBJECT => object(py, value.r#as.object, what),
            EMB_TEXT => text(py, value, what),
            EMB_BOOL => Ok(py.bool(value.r#as.integer != 0)),
            EMB_NONE => Ok(py.none()),
            _ => build(py, value, what, 0),
        }
    });
    outcome.map_err(|why| *failure = why).ok()
}

fn build<'g>(py: Python<'g>, value: &emb_value, what: &str, depth: u32) -> Outcome<Owned<'g>> {
    let api = py.api();
    if depth > DEEPEST {
        return Err(too_deep(what));
    }
    let length = value.length as usize;
    // SAFETY: the kind says which member of the payload the host has set, and what it points to,
    // as the documentation of the kinds demands; each arm reads that member only.
    unsafe {
        match value.kind {
            EMB_NONE => Ok(py.none()),
            EMB_BOOL => Ok(py.bool(value.r#as.integer != 0)),
            EMB_INT => py.own((api.PyLong_FromLongLong)(value.r#as.integer)),
            EMB_UINT => py.own((api.PyLong_FromUnsignedLongLong)(value.r#as.uinteger)),
            EMB_FLOAT => py.own((api.PyFloat_FromDouble)(value.r#as.real)),
            EMB_TEXT => text(py, value, what),
            EMB_BYTES => {
                let bytes = boundary::bytes(value.r#as.bytes, length, what)?;
                py.own((api.PyBytes_FromStringAndSize)(
                    bytes.as_ptr().cast::<c_char>(),
                    length as isize,
                ))
            }
            EMB_BYTEARRAY => {
                let bytes = boundary::bytes(value.r#as.bytes, length, what)?;
                py.own((api.PyByteArray_FromStringAndSize)(
                    bytes.as_ptr().cast::<c_char>(),
                    length as isize,
                ))
            }
            EMB_OBJECT => object(py, value.r#as.object, what),
            EMB_ELLIPSIS => Ok(py.constant(api._Py_EllipsisObject)),
            EMB_NOT_IMPLEMENTED => Ok(py.constant(api._Py_NotImplementedStruct)),
            EMB_COMPLEX => {
                let parts = boundary::slice(value.r#as.reals, 2, what)?;
                py.complex([parts[0], parts[1]])
            }
            EMB_BIGINT => big_int(
                py,
                boundary::text(value.r#as.text, text_length(value), what)?,
                what,
            ),
            EMB_TUPLE | EMB_LIST | EMB_DICT | EMB_SLICE | EMB_SET | EMB_FROZENSET => {
                let count = if value.kind == EMB_DICT {
                    2 * length
                } else {
                    length
                };
                container(
                    py,
                    value.kind,
                    boundary::slice(value.r#as.items, count, what)?,
                    what,
                    depth,
                )
            }
            EMB_FLOATS => {
                let numbers = boundary::slice(value.r#as.reals, length, what)?;
                numbers::list_of_floats(py, numbers)
            }
            EMB_INTS => {
                let numbers = boundary::slice(value.r#as.integers, length, what)?;
                numbers::list_of_ints(py, numbers)
            }
            EMB_SCALAR => scalar(py, value, what),
            EMB_MEMORY => lent::array(py, value, what),
            EMB_WATCHED => {
                watched::container(py, value, what, |inside| build(py, inside, what, depth + 1))
            }
            kind => Err(Failure::argument(format!(
                "{what} has kind {kind}, which is none that Python can be given: see EMB_NONE (0) to EMB_INTS (25)"
            ))),
        }
    }
}

/// A str. Python looks whether it is UTF-8, so libemb does not, unless to say what was wrong.
#[inline]
fn text<'g>(py: Python<'g>, value: &emb_value, what: &str) -> Outcome<Owned<'g>> {
    // SAFETY: the kind says that the text is set, and the host vouches for what it points to.
    let text = unsafe { boundary::name(value.r#as.text, text_length(value), what) }?;
    let pointer = text.as_ptr().cast::<c_char>();
    // SAFETY: a pointer and the length of what it points to.
    let made = unsafe {
        py.own((py.api().PyUnicode_FromStringAndSize)(
            pointer,
            text.len() as isize,
        ))
    };
    made.or_else(|failure| {
        utf8(text, what).inspect_err(|_| py.clear_exception())?;
        Err(failure)
    })
}

/// The length of a value's text in the form in which functions take theirs.
#[inline]
fn text_length(value: &emb_value) -> i64 {
    match value.length {
        u32::MAX => boundary::EMB_NUL_TERMINATED,
        length => length.into(),
    }
}

#[cold]
fn too_deep(what: &str) -> Failure {
    Failure::argument(format!(
        "{what} is nested more than {DEEPEST} levels deep, or contains itself"
    ))
}

fn container<'g>(
    py: Python<'g>,
    kind: u32,
    items: &[emb_value],
    what: &str,
    depth: u32,
) -> Outcome<Owned<'g>> {
    if depth == DEEPEST {
        return Err(too_deep(what));
    }
    let mut objects = Vec::with_capacity(items.len());
    for item in items {
        objects.push(build(py, item, what, depth + 1)?);
    }
    match kind {
        EMB_TUPLE => py.tuple(objects.into_iter()),
        EMB_LIST => py.list(objects.into_iter()),
        EMB_SET => py.apply1(py.api().PySet_New, &py.tuple(objects.into_iter())?),
        EMB_FROZENSET => py.apply1(py.api().PyFrozenSet_New, &py.tuple(objects.into_iter())?),
        EMB_DICT => {
            let dict = py.dict()?;
            for pair in objects.chunks_exact(2) {
                py.set_item(&dict, &pair[0], &pair[1])?;
            }
            Ok(dict)
        }
        _ => match objects.as_slice() {
            [start, stop, step] => py.slice(start, stop, step),
            _ => Err(Failure::argument(format!(
                "{what} is an EMB_SLICE of {} values: it takes start, stop and step",
                items.len()
            ))),
        },
    }
}

fn scalar<'g>(py: Python<'g>, value: &emb_value, what: &str) -> Outcome<Owned<'g>> {
    let Some(numpy) = numpy::get(py)? else {
        return Err(Failure::argument(format!(
            "{what} is an EMB_SCALAR, which needs numpy: it is not installed"
        )));
    };
    match numpy.scalars.object(py, value.length, value.r#as) {
        Some(made) => made,
        None => Err(Failure::argument(format!(
            "{what} is an EMB_SCALAR of type {}, which is none of 0 (bool) to 12 (float64)",
            value.length
        ))),
    }
}

fn big_int<'g>(py: Python<'g>, text: &str, what: &str) -> Outcome<Owned<'g>> {
    let digits = text
        .strip_prefix('-')
        .unwrap_or(text)
        .strip_prefix("0x")
        .unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(Failure::argument(format!(
            "{what} is an EMB_BIGINT, but not a hexadecimal number such as \"-0x1f\""
        )));
    }
    let text =
        CString::new(text).map_err(|_| Failure::argument(format!("{what} contains a NUL byte")))?;
    // SAFETY: a NUL-terminated number.
    unsafe {
        py.own((py.api().PyLong_FromString)(
            text.as_ptr(),
            ptr::null_mut(),
            16,
        ))
    }
}
