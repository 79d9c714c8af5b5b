//! What a value points to: text, bytes, and what is unpacked for those that ask for it.

use super::number::scalar;
use super::{as_object, release};
use crate::convert::DEEPEST;
use crate::failure::Outcome;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::results::Kept;
use crate::value::*;

/// Text, bytes and (if asked for) tuples, complex numbers and large ints: the object is kept so
/// that the value can point into it. Everything else becomes a handle.
pub(super) fn kept(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if let Some(value) = pointing(py, &object, flags)? {
        py.thread.results.keep(py, object);
        return Ok(value);
    }
    if flags < EMB_RESULT_DEEP || flags != EMB_RESULT_PLAIN && !is_deep(py, &object) {
        return as_object(py, object, flags, 1);
    }
    let mut kept = Kept::default();
    match deep_or_nothing(py, &object, flags, &mut kept)? {
        Some(value) => {
            // Unless it is a number, which points to nothing.
            if !kept.is_empty() {
                py.thread.results.keep_memory(py, object, kept);
            }
            Ok(value)
        }
        None => as_object(py, object, flags, 1),
    }
}

/// A value that points into the object or into what is `kept` beside it, if its kind allows that.
pub(super) fn unpacked(
    py: Python<'_>,
    object: &Owned<'_>,
    flags: u32,
    kept: &mut Kept,
) -> Outcome<Option<emb_value>> {
    let value = pointing(py, object, flags)?;
    if value.is_some() || flags < EMB_RESULT_DEEP {
        return Ok(value);
    }
    deep_or_nothing(py, object, flags, kept)
}

/// What `deep` gives, of which nothing is left where it fails.
fn deep_or_nothing(
    py: Python<'_>,
    object: &Owned<'_>,
    flags: u32,
    kept: &mut Kept,
) -> Outcome<Option<emb_value>> {
    deep(py, object, flags, kept, 0).inspect_err(|_| kept.left_handles().for_each(release))
}

/// Whether it is one of the kinds that EMB_RESULT_DEEP unpacks.
fn is_deep(py: Python<'_>, object: &Owned<'_>) -> bool {
    let (api, class) = (py.api(), object.type_ptr());
    [api.PyTuple_Type, api.PyLong_Type, api.PyComplex_Type].contains(&class)
}

/// A value that points into a str or bytes, which must be exact unless all plain values are wanted.
/// None for other objects, and for text that UTF-8 cannot hold (lone surrogates): the host gets the
/// object instead.
fn pointing(py: Python<'_>, object: &Owned<'_>, flags: u32) -> Outcome<Option<emb_value>> {
    let api = py.api();
    let class = object.type_ptr();
    let is_one = |base| class == base || flags == EMB_RESULT_PLAIN && py.is_subtype(class, base);
    if is_one(api.PyUnicode_Type) {
        let Some((text, length)) = py.utf8(object) else {
            return Ok(None);
        };
        return Ok(fitting(length).map(|length| emb_value::text(text, length)));
    }
    if is_one(api.PyBytes_Type) {
        let (bytes, length) = py.bytes_of(object)?;
        return Ok(fitting(length).map(|length| emb_value::bytes(bytes, length)));
    }
    Ok(None)
}

/// The largest of the lengths has another meaning: EMB_NUL_TERMINATED.
pub(super) fn fitting(length: usize) -> Option<u32> {
    u32::try_from(length)
        .ok()
        .filter(|&length| length != u32::MAX)
}

/// The kinds that EMB_RESULT_DEEP and the forms beyond it unpack.
fn deep(
    py: Python<'_>,
    object: &Owned<'_>,
    flags: u32,
    kept: &mut Kept,
    depth: u32,
) -> Outcome<Option<emb_value>> {
    if flags == EMB_RESULT_PLAIN {
        let plain = py.plain(object.clone())?;
        if plain.as_ptr() != object.as_ptr() {
            return match scalar(py, plain.as_non_null(), EMB_RESULT_PLAIN) {
                Some(scalar) => Ok(Some(scalar)),
                None => deep(py, &plain, EMB_RESULT_DEEP, kept, depth),
            };
        }
    }
    let api = py.api();
    let class = object.type_ptr();
    if class == api.PyTuple_Type && depth < DEEPEST {
        let mut items = Vec::with_capacity(py.tuple_len(Some(object)));
        // Of what is only in a tuple that nobody else has, it has the other reference.
        let is_ours = py.runtime.counts.references(object) == Some(1);
        let ours = if is_ours { 2 } else { 1 };
        for item in py.tuple_items(object) {
            match deep_item(py, (item, ours), flags, kept, depth + 1) {
                Ok(item) => items.push(item),
                Err(failure) => {
                    items.iter().filter_map(emb_value::handle).for_each(release);
                    return Err(failure);
                }
            }
        }
        return Ok(Some(kept.tuple(items)));
    }
    if class == api.PyLong_Type {
        let text = py.hexadecimal(object)?;
        return Ok(Some(kept.big_int(text)));
    }
    if class == api.PyComplex_Type {
        // SAFETY: an exact complex.
        let parts = unsafe {
            [
                (api.PyComplex_RealAsDouble)(object.as_ptr()),
                (api.PyComplex_ImagAsDouble)(object.as_ptr()),
            ]
        };
        return Ok(Some(kept.complex(parts)));
    }
    Ok(None)
}

/// An item of a tuple. Text in it needs no keeping of its own: the tuple holds it.
fn deep_item(
    py: Python<'_>,
    (object, ours): (Owned<'_>, u32),
    flags: u32,
    kept: &mut Kept,
    depth: u32,
) -> Outcome<emb_value> {
    if let Some(scalar) = scalar(py, object.as_non_null(), flags) {
        return Ok(scalar);
    }
    if let Some(value) = pointing(py, &object, flags)? {
        return Ok(value);
    }
    if let Some(value) = deep(py, &object, flags, kept, depth)? {
        return Ok(value);
    }
    as_object(py, object, flags, ours)
}
