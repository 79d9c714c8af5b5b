//! What a value points to: text, bytes, and what is unpacked for those that ask for it.

use super::number::{Number, number_alone, scalar};
use super::{as_object, release};
use crate::convert::DEEPEST;
use crate::failure::Outcome;
use crate::handle::{TABLE, emb_handle};
use crate::python::deferred;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::results::{FEW, Kept};
use crate::value::*;

/// Text, bytes and (if asked for) tuples, complex numbers and large ints: the object is kept so
/// that the value can point into it. Everything else becomes a handle.
pub(super) fn kept(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if object.type_ptr() == py.api().PyTuple_Type && flags >= EMB_RESULT_DEEP {
        let mut items = [emb_value::NONE; FEW];
        if let Some(count) = few(py, &object, flags, &mut items)? {
            return Ok(py.thread.results.keep_few(py, object, &items[..count]));
        }
    }
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

/// How many items a tuple has, as the usual one has them: few, of which none is unpacked itself. None for
/// others, of which nothing is left then.
fn few(
    py: Python<'_>,
    tuple: &Owned<'_>,
    flags: u32,
    items: &mut [emb_value; FEW],
) -> Outcome<Option<usize>> {
    let count = py.tuple_len(Some(tuple));
    if count > FEW || flags == EMB_RESULT_PLAIN {
        return Ok(None);
    }
    let ours = ours_in(py, tuple);
    for (at, item) in py.tuple_items(tuple).enumerate() {
        let flat = flat(py, item, ours, flags);
        let Ok(Some(value)) = flat else {
            let made = items.iter().filter_map(emb_value::handle);
            made.for_each(|handle| take_back(py, handle));
            return flat.map(|_| None);
        };
        items[at] = value;
    }
    Ok(Some(count))
}

/// Ends a handle at once: references are counted soon.
fn take_back(py: Python<'_>, handle: emb_handle) {
    if let Some(Some(object)) = TABLE.remove(&py.thread.slots, handle) {
        deferred::drop_reference(py.runtime, object);
    }
}

/// An item that is not unpacked itself; None for others. As in `deep_item`, but numbers come first, and
/// straight: by way of `scalar` each takes 6 ns more.
fn flat(py: Python<'_>, item: Owned<'_>, ours: u32, flags: u32) -> Outcome<Option<emb_value>> {
    let number = number_alone(py, item.as_non_null());
    if number.kind != Number::NONE {
        return Ok(Some(number.into()));
    }
    if let Some(text) = pointing(py, &item, flags)? {
        return Ok(Some(text));
    }
    if is_deep(py, &item) {
        return Ok(None);
    }
    match scalar(py, item.as_non_null(), flags) {
        Some(scalar) => Ok(Some(scalar)),
        None => as_object(py, item, flags, ours).map(Some),
    }
}

/// How many of the references to an item are this operation's: of what is only in a tuple that nobody
/// else has, that has the other one.
fn ours_in(py: Python<'_>, tuple: &Owned<'_>) -> u32 {
    let is_ours = py.runtime.counts.references(tuple) == Some(1);
    if is_ours { 2 } else { 1 }
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
        let ours = ours_in(py, object);
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
