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
use crate::python::numpy;
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
        if flags > EMB_RESULT_SCALARS {
            return Err(unknown_flags(flags));
        }
        Ok(Answer { out, flags })
    }

    /// Gives the host its result, unless it discards it.
    #[inline]
    pub(crate) fn give(self, py: Python<'_>, object: Owned<'_>) -> Outcome<()> {
        let Some(out) = self.out else {
            return Ok(());
        };
        if self.flags != EMB_RESULT_OBJECT {
            let number = number(py, object.as_non_null());
            if number.kind != Number::NONE {
                out.set(number.into());
                return Ok(());
            }
        }
        give_other(py, object, self.flags, out)
    }
}

/// Gives what is no number: of text, the pointer and the length go straight to where they belong.
fn give_other(py: Python<'_>, object: Owned<'_>, flags: u32, out: Out<emb_value>) -> Outcome<()> {
    if flags != EMB_RESULT_OBJECT
        && object.type_ptr() == py.api().PyUnicode_Type
        && let Some((text, length)) = py.utf8(&object)
        && let Some(length) = fitting(length)
    {
        py.thread.results.keep(py, object);
        out.set(emb_value::text(text, length));
        return Ok(());
    }
    out.set(to_value(py, object, flags)?);
    Ok(())
}

#[cold]
fn unknown_flags(flags: u32) -> Failure {
    Failure::argument(format!(
        "flags is {flags}, which is none of EMB_RESULT_AUTO, EMB_RESULT_OBJECT, EMB_RESULT_DEEP, \
         EMB_RESULT_PLAIN and EMB_RESULT_SCALARS"
    ))
}

/// A result as the host asked for it.
#[inline]
pub(crate) fn to_value(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if flags == EMB_RESULT_OBJECT {
        return as_object(py, object);
    }
    match scalar(py, object.as_non_null(), flags) {
        Some(scalar) => Ok(scalar),
        None => kept(py, object, flags),
    }
}

/// An object by its handle, with the number of its class.
#[inline]
fn as_object(py: Python<'_>, object: Owned<'_>) -> Outcome<emb_value> {
    // The low bits of an address say nothing; cut off is what the length has no room for.
    let class = (object.type_ptr() as usize >> 4) as u32;
    Ok(emb_value::object(handle(py, object)?, class))
}

/// An exact float, int of 64 bits or None, in two registers: through memory, numbers would be read
/// again before they have been written.
#[derive(Clone, Copy)]
struct Number {
    kind: u32,
    bits: u64,
}

impl Number {
    /// The kind of what is none of these.
    const NONE: u32 = u32::MAX;

    const fn new(kind: u32, bits: u64) -> Self {
        Number { kind, bits }
    }
}

impl From<Number> for emb_value {
    #[inline]
    fn from(Number { kind, bits }: Number) -> Self {
        emb_value {
            kind,
            length: 0,
            r#as: emb_payload { uinteger: bits },
        }
    }
}

#[inline]
fn number(py: Python<'_>, object: NonNull<PyObject>) -> Number {
    let api = py.api();
    let (pointer, class) = (object.as_ptr(), py.runtime.type_of(object));
    if class == api.PyFloat_Type {
        // SAFETY: an exact float.
        let real = unsafe { (api.PyFloat_AsDouble)(pointer) };
        return Number::new(EMB_FLOAT, real.to_bits());
    }
    if class == api.PyLong_Type {
        let mut overflow = 0;
        // SAFETY: an exact int.
        let integer = unsafe { (api.PyLong_AsLongLongAndOverflow)(pointer, &mut overflow) };
        let kind = if overflow == 0 { EMB_INT } else { Number::NONE };
        return Number::new(kind, integer as u64);
    }
    if pointer == api._Py_NoneStruct {
        return Number::new(EMB_NONE, 0);
    }
    Number::new(Number::NONE, 0)
}

/// What fits a value by itself: None, bool, float, int of 64 bits, and numpy's scalars if asked for.
#[inline]
fn scalar(py: Python<'_>, object: NonNull<PyObject>, flags: u32) -> Option<emb_value> {
    let api = py.api();
    let pointer = object.as_ptr();
    let number = number(py, object);
    if number.kind != Number::NONE {
        return Some(number.into());
    }
    if pointer == api._Py_TrueStruct || pointer == api._Py_FalseStruct {
        return Some(emb_value::integer(
            EMB_BOOL,
            (pointer == api._Py_TrueStruct).into(),
        ));
    }
    if flags == EMB_RESULT_SCALARS {
        let (number, value) = numpy::loaded(py)?.scalars.value(py, object)?;
        return Some(emb_value::scalar(number, value));
    }
    None
}

/// Text, bytes and (if asked for) tuples, complex numbers and large ints: the object is kept so
/// that the value can point into it. Everything else becomes a handle.
fn kept(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if let Some(value) = pointing(py, &object, flags)? {
        py.thread.results.keep(py, object);
        return Ok(value);
    }
    if flags < EMB_RESULT_DEEP {
        return as_object(py, object);
    }
    let mut kept = Kept::default();
    match unpacked(py, &object, flags, &mut kept)? {
        Some(value) => {
            // Unless it is a number, which points to nothing.
            if !kept.is_empty() {
                py.thread.results.keep_with(py, object, kept);
            }
            Ok(value)
        }
        None => as_object(py, object),
    }
}

/// A value that points into the object or into what is `kept` beside it, if its kind allows that.
fn unpacked(
    py: Python<'_>,
    object: &Owned<'_>,
    flags: u32,
    kept: &mut Kept,
) -> Outcome<Option<emb_value>> {
    let value = pointing(py, object, flags)?;
    if value.is_some() || flags < EMB_RESULT_DEEP {
        return Ok(value);
    }
    deep(py, object, flags, kept, 0).inspect_err(|_| kept.left_handles().for_each(release))
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
fn fitting(length: usize) -> Option<u32> {
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
        for item in py.tuple_items(object) {
            match deep_item(py, item, flags, kept, depth + 1) {
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
    object: Owned<'_>,
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
    as_object(py, object)
}

/// Several results at once. What they point into is kept as one; numbers point into nothing.
pub(crate) fn values<'g>(
    py: Python<'g>,
    objects: Vec<Owned<'g>>,
    flags: u32,
) -> Outcome<Vec<emb_value>> {
    let mut kept = Kept::default();
    let mut only_numbers = true;
    let mut values: Vec<emb_value> = Vec::with_capacity(objects.len());
    for object in &objects {
        if flags != EMB_RESULT_OBJECT {
            let number = number(py, object.as_non_null());
            if number.kind != Number::NONE {
                values.push(number.into());
                continue;
            }
            only_numbers = false;
        }
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
    if flags != EMB_RESULT_OBJECT && !only_numbers {
        let owner = py.tuple(objects.into_iter())?;
        py.thread.results.keep_with(py, owner, kept);
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
            let number = number(py, *object);
            if number.kind != Number::NONE && flags != EMB_RESULT_OBJECT {
                self.values.push(number.into());
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
        let value = scalar(py, object.as_non_null(), flags);
        if let Some(value) =
            value.map_or_else(|| unpacked(py, &object, flags, kept), |v| Ok(Some(v)))?
        {
            return Ok(value);
        }
    }
    as_object(py, object)
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
            if let Some(Some(object)) = removed {
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
