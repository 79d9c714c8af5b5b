//! Values into Python objects, and objects into values.

use std::ffi::{CString, c_char};
use std::ptr::{self, NonNull};

use smallvec::SmallVec;

use crate::boundary::{self, Out};
use crate::failure::{Failure, Outcome};
use crate::handle::{TABLE, emb_handle};
use crate::python::deferred;
use crate::python::ffi::PyObject;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::results::Kept;
use crate::status::EMB_BAD_HANDLE;
use crate::value::*;

/// How deep values may be nested; a value that contains itself ends here.
const DEEPEST: u32 = 200;

/// The object behind a handle, with a reference of one's own: another thread may release the
/// handle while the object is in use.
#[inline]
pub(crate) fn object<'g>(py: Python<'g>, handle: emb_handle, what: &str) -> Outcome<Owned<'g>> {
    match TABLE.get(handle) {
        // SAFETY: the table owns a reference, and the GIL is held.
        Some(object) => Ok(unsafe { py.share(object) }),
        None => Err(bad_handle(handle, what)),
    }
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
#[inline]
pub(crate) fn handle(py: Python<'_>, object: Owned<'_>) -> Outcome<emb_handle> {
    let pointer = object.as_non_null();
    let handle = TABLE.insert(&mut py.thread.slots.borrow_mut(), pointer);
    let handle = handle.map_err(|_| {
        Failure::argument("2^28 objects are held by the host: release some (emb_object_free)")
    })?;
    std::mem::forget(object);
    Ok(handle)
}

/// Ends a handle that did not reach the host.
fn release(handle: emb_handle) {
    deferred::doom(handle);
}

/// A new Python object from a value of the host.
#[inline]
pub(crate) fn to_python<'g>(py: Python<'g>, value: &emb_value, what: &str) -> Outcome<Owned<'g>> {
    build(py, value, what, 0)
}

fn build<'g>(py: Python<'g>, value: &emb_value, what: &str, depth: u32) -> Outcome<Owned<'g>> {
    let api = py.api();
    let length = value.length as usize;
    // SAFETY: the kind says which member of the payload the host has set, and what it points to,
    // as the documentation of the kinds demands; each arm reads that member only.
    unsafe {
        match value.kind {
            EMB_NONE => Ok(py.none()),
            EMB_BOOL => Ok(py.constant(if value.r#as.integer != 0 {
                api._Py_TrueStruct
            } else {
                api._Py_FalseStruct
            })),
            EMB_INT => py.own((api.PyLong_FromLongLong)(value.r#as.integer)),
            EMB_UINT => py.own((api.PyLong_FromUnsignedLongLong)(value.r#as.uinteger)),
            EMB_FLOAT => py.own((api.PyFloat_FromDouble)(value.r#as.real)),
            EMB_TEXT => py.text(boundary::text(value.r#as.text, length as i64, what)?),
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
            EMB_COMPLEX => {
                let parts = boundary::slice(value.r#as.reals, 2, what)?;
                py.own((api.PyComplex_FromDoubles)(parts[0], parts[1]))
            }
            EMB_BIGINT => big_int(
                py,
                boundary::text(value.r#as.text, length as i64, what)?,
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
            kind => Err(Failure::argument(format!(
                "{what} has kind {kind}, which is none of EMB_NONE (0) to EMB_BYTEARRAY (17)"
            ))),
        }
    }
}

fn container<'g>(
    py: Python<'g>,
    kind: u32,
    items: &[emb_value],
    what: &str,
    depth: u32,
) -> Outcome<Owned<'g>> {
    if depth == DEEPEST {
        return Err(Failure::argument(format!(
            "{what} is nested more than {DEEPEST} levels deep, or contains itself"
        )));
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

/// Where a result goes and in which form, checked before anything is done for it.
pub(crate) struct Answer {
    out: Option<Out<emb_value>>,
    flags: u32,
}

impl Answer {
    pub(crate) fn new(out: Option<Out<emb_value>>, flags: u32) -> Outcome<Self> {
        if flags > EMB_RESULT_DEEP {
            return Err(Failure::argument(format!(
                "flags is {flags}, which is none of EMB_RESULT_AUTO, EMB_RESULT_OBJECT and \
                 EMB_RESULT_DEEP"
            )));
        }
        Ok(Answer { out, flags })
    }

    /// Gives the host its result, unless it discards it.
    #[inline]
    pub(crate) fn give(self, py: Python<'_>, object: Owned<'_>) -> Outcome<()> {
        if let Some(out) = self.out {
            out.set(to_value(py, object, self.flags)?);
        }
        Ok(())
    }
}

/// A result as the host asked for it.
#[inline]
pub(crate) fn to_value(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if flags == EMB_RESULT_OBJECT {
        return Ok(emb_value::object(handle(py, object)?));
    }
    match scalar(py, &object) {
        Some(scalar) => Ok(scalar),
        None => kept(py, object, flags),
    }
}

/// What fits a value by itself: None, bool, float, and int of 64 bits.
#[inline]
fn scalar(py: Python<'_>, object: &Owned<'_>) -> Option<emb_value> {
    let api = py.api();
    let (pointer, class) = (object.as_ptr(), object.type_ptr());
    if class == api.PyFloat_Type {
        // SAFETY: an exact float.
        return Some(emb_value::real(unsafe { (api.PyFloat_AsDouble)(pointer) }));
    }
    if class == api.PyLong_Type {
        let mut overflow = 0;
        // SAFETY: an exact int.
        let integer = unsafe { (api.PyLong_AsLongLongAndOverflow)(pointer, &mut overflow) };
        return (overflow == 0).then(|| emb_value::integer(EMB_INT, integer));
    }
    if pointer == api._Py_NoneStruct {
        return Some(emb_value::NONE);
    }
    if pointer == api._Py_TrueStruct || pointer == api._Py_FalseStruct {
        return Some(emb_value::integer(
            EMB_BOOL,
            (pointer == api._Py_TrueStruct).into(),
        ));
    }
    None
}

/// Text, bytes and (if asked for) tuples, complex numbers and large ints: the object is kept so
/// that the value can point into it. Everything else becomes a handle.
fn kept(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    let mut kept = Kept::default();
    match unpacked(py, &object, flags, &mut kept)? {
        Some(value) => {
            py.thread.results.keep(py, object, kept);
            Ok(value)
        }
        None => Ok(emb_value::object(handle(py, object)?)),
    }
}

/// A value that points into the object or into what is `kept` beside it, if its kind allows that.
fn unpacked(
    py: Python<'_>,
    object: &Owned<'_>,
    flags: u32,
    kept: &mut Kept,
) -> Outcome<Option<emb_value>> {
    let value = pointing(py, object)?;
    if value.is_some() || flags != EMB_RESULT_DEEP {
        return Ok(value);
    }
    deep(py, object, kept, 0).inspect_err(|_| kept.left_handles().for_each(release))
}

/// A value that points into an exact str or bytes. None for other objects, and for text that
/// UTF-8 cannot hold (lone surrogates): the host gets the object instead.
fn pointing(py: Python<'_>, object: &Owned<'_>) -> Outcome<Option<emb_value>> {
    let api = py.api();
    let class = object.type_ptr();
    if class == api.PyUnicode_Type {
        let Some((text, length)) = py.utf8(object) else {
            return Ok(None);
        };
        return Ok(u32::try_from(length)
            .ok()
            .map(|length| emb_value::text(text, length)));
    }
    if class == api.PyBytes_Type {
        let (bytes, length) = py.bytes_of(object)?;
        return Ok(u32::try_from(length)
            .ok()
            .map(|length| emb_value::bytes(bytes, length)));
    }
    Ok(None)
}

/// The kinds that only EMB_RESULT_DEEP unpacks.
fn deep(
    py: Python<'_>,
    object: &Owned<'_>,
    kept: &mut Kept,
    depth: u32,
) -> Outcome<Option<emb_value>> {
    let api = py.api();
    let class = object.type_ptr();
    if class == api.PyTuple_Type && depth < DEEPEST {
        let mut items = Vec::with_capacity(py.tuple_len(Some(object)));
        for item in py.tuple_items(object) {
            match deep_item(py, item, kept, depth + 1) {
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
fn deep_item(py: Python<'_>, object: Owned<'_>, kept: &mut Kept, depth: u32) -> Outcome<emb_value> {
    if let Some(scalar) = scalar(py, &object) {
        return Ok(scalar);
    }
    if let Some(value) = pointing(py, &object)? {
        return Ok(value);
    }
    if let Some(value) = deep(py, &object, kept, depth)? {
        return Ok(value);
    }
    Ok(emb_value::object(handle(py, object)?))
}

/// Several results at once. What they point into is kept as one.
pub(crate) fn values<'g>(
    py: Python<'g>,
    objects: Vec<Owned<'g>>,
    flags: u32,
) -> Outcome<Vec<emb_value>> {
    let mut kept = Kept::default();
    let mut values: Vec<emb_value> = Vec::with_capacity(objects.len());
    for object in &objects {
        match argument(py, object.clone(), flags, &mut kept) {
            Ok(value) => values.push(value),
            Err(failure) => {
                values
                    .iter()
                    .filter_map(emb_value::handle)
                    .for_each(release);
                kept.left_handles().for_each(release);
                return Err(failure);
            }
        }
    }
    if flags != EMB_RESULT_OBJECT {
        let owner = py.tuple(objects.into_iter())?;
        py.thread.results.keep(py, owner, kept);
    }
    Ok(values)
}

/// The arguments of a host function: values that live as long as this.
pub(crate) struct Arguments {
    values: SmallVec<[emb_value; 8]>,
    /// The handles that were given, by their place; 0 where the value needs none.
    given: SmallVec<[emb_handle; 8]>,
    /// Memory that unpacked values point into.
    kept: Kept,
}

/// Makes values of objects that their owner keeps alive for as long as the values live.
pub(crate) fn arguments(
    py: Python<'_>,
    objects: &[NonNull<PyObject>],
    flags: u32,
) -> Outcome<Arguments> {
    let mut arguments = Arguments {
        values: SmallVec::with_capacity(objects.len()),
        given: SmallVec::with_capacity(objects.len()),
        kept: Kept::default(),
    };
    for object in objects {
        // SAFETY: the caller of the host function keeps its arguments alive.
        let object = unsafe { py.share(*object) };
        let value = argument(py, object, flags, &mut arguments.kept);
        let value = value.inspect_err(|_| arguments.end(py))?;
        arguments.given.push(value.handle().unwrap_or(0));
        arguments.values.push(value);
    }
    Ok(arguments)
}

fn argument(py: Python<'_>, object: Owned<'_>, flags: u32, kept: &mut Kept) -> Outcome<emb_value> {
    if flags != EMB_RESULT_OBJECT {
        let value = scalar(py, &object);
        if let Some(value) =
            value.map_or_else(|| unpacked(py, &object, flags, kept), |v| Ok(Some(v)))?
        {
            return Ok(value);
        }
    }
    Ok(emb_value::object(handle(py, object)?))
}

impl Arguments {
    pub(crate) fn as_mut_ptr(&mut self) -> *mut emb_value {
        self.values.as_mut_ptr()
    }

    /// Releases every handle that the host has not taken: it takes one by changing the kind.
    pub(crate) fn end(&mut self, py: Python<'_>) {
        // Not `release`: the GIL is held, and a queue would only grow while Python calls on.
        let free = |handle| {
            let removed = TABLE.remove(&mut py.thread.slots.borrow_mut(), handle);
            if let Some(object) = removed {
                deferred::drop_reference(py.runtime, object);
            }
        };
        for (value, given) in self.values.iter().zip(self.given.drain(..)) {
            if given != 0 && value.kind == EMB_OBJECT {
                free(given);
            }
        }
        self.kept.left_handles().for_each(free);
    }
}
