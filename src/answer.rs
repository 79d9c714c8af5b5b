//! Python objects into values for the host: results, and the arguments of host functions.

use std::ptr::NonNull;

use smallvec::SmallVec;

use crate::boundary::Out;
use crate::convert::{DEEPEST, handle};
use crate::failure::{Failure, Outcome};
use crate::handle::{TABLE, emb_handle};
use crate::python::deferred;
use crate::python::ffi::PyObject;
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::results::Kept;
use crate::value::*;

/// Ends a handle that did not reach the host.
fn release(handle: emb_handle) {
    deferred::doom(handle);
}

/// Where a result goes and in which form, checked before anything is done for it.
pub(crate) struct Answer {
    out: Option<Out<emb_value>>,
    flags: u32,
}

impl Answer {
    #[inline]
    pub(crate) fn new(out: Option<Out<emb_value>>, flags: u32) -> Outcome<Self> {
        if flags > EMB_RESULT_DEEP {
            return Err(unknown_flags(flags));
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

#[cold]
fn unknown_flags(flags: u32) -> Failure {
    Failure::argument(format!(
        "flags is {flags}, which is none of EMB_RESULT_AUTO, EMB_RESULT_OBJECT and EMB_RESULT_DEEP"
    ))
}

/// A result as the host asked for it.
#[inline]
pub(crate) fn to_value(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if flags == EMB_RESULT_OBJECT {
        return Ok(emb_value::object(handle(py, object)?));
    }
    match scalar(py, object.as_non_null()) {
        Some(scalar) => Ok(scalar),
        None => kept(py, object, flags),
    }
}

/// What fits a value by itself: None, bool, float, and int of 64 bits.
#[inline]
fn scalar(py: Python<'_>, object: NonNull<PyObject>) -> Option<emb_value> {
    let api = py.api();
    let (pointer, class) = (object.as_ptr(), py.runtime.type_of(object));
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
    if let Some(value) = pointing(py, &object)? {
        py.thread.results.keep(py, object, None);
        return Ok(value);
    }
    if flags != EMB_RESULT_DEEP {
        return Ok(emb_value::object(handle(py, object)?));
    }
    let mut kept = Kept::default();
    match unpacked(py, &object, flags, &mut kept)? {
        Some(value) => {
            py.thread.results.keep(py, object, Some(kept));
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
    if let Some(scalar) = scalar(py, object.as_non_null()) {
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
        py.thread.results.keep(py, owner, Some(kept));
    }
    Ok(values)
}

/// The arguments of a host function: values that live as long as this. Filled where it stands.
pub(crate) struct Arguments {
    values: SmallVec<[emb_value; 8]>,
    /// The handles that were given, and the places of their values.
    given: SmallVec<[(usize, emb_handle); 4]>,
    /// Memory that unpacked values point into; None where all arguments are plain.
    kept: Option<Kept>,
}

impl Arguments {
    #[inline]
    pub(crate) fn new() -> Self {
        Arguments {
            values: SmallVec::new(),
            given: SmallVec::new(),
            kept: None,
        }
    }

    /// Makes values of objects that their owner keeps alive for as long as the values live.
    #[inline]
    pub(crate) fn fill(
        &mut self,
        py: Python<'_>,
        objects: &[NonNull<PyObject>],
        flags: u32,
    ) -> Outcome<()> {
        self.values.reserve(objects.len());
        for object in objects {
            if flags != EMB_RESULT_OBJECT
                && let Some(value) = scalar(py, *object)
            {
                self.values.push(value);
            } else {
                self.add(py, *object, flags)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, py: Python<'_>, object: NonNull<PyObject>, flags: u32) -> Outcome<()> {
        // SAFETY: the caller of the host function keeps its arguments alive.
        let object = unsafe { py.share(object) };
        let kept = self.kept.get_or_insert_default();
        let value = argument(py, object, flags, kept).inspect_err(|_| self.end(py))?;
        if let Some(handle) = value.handle() {
            self.given.push((self.values.len(), handle));
        }
        self.values.push(value);
        Ok(())
    }
}

fn argument(py: Python<'_>, object: Owned<'_>, flags: u32, kept: &mut Kept) -> Outcome<emb_value> {
    if flags != EMB_RESULT_OBJECT {
        let value = scalar(py, object.as_non_null());
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
    #[inline]
    pub(crate) fn end(&mut self, py: Python<'_>) {
        if self.kept.is_some() {
            self.free(py);
        }
    }

    fn free(&mut self, py: Python<'_>) {
        // Not `release`: the GIL is held, and a queue would only grow while Python calls on.
        let free = |handle| {
            let removed = TABLE.remove(&mut py.thread.slots.borrow_mut(), handle);
            if let Some(object) = removed {
                deferred::drop_reference(py.runtime, object);
            }
        };
        for (place, handle) in self.given.drain(..) {
            if self.values[place].kind == EMB_OBJECT {
                free(handle);
            }
        }
        let kept = self.kept.take();
        kept.iter().flat_map(Kept::left_handles).for_each(free);
    }
}
