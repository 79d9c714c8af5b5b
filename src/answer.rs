//! Python objects into values for the host: results, and the arguments of host functions.

use crate::boundary::{self, Out};
use crate::convert::handle;
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::arguments::Taken;
use crate::python::deferred;
use crate::python::gil::Python;
use crate::python::numpy;
use crate::python::object::Owned;
use crate::results::Kept;
use crate::value::*;

use deep::{kept, unpacked};
use number::{Number, number, scalar};

mod arguments;
mod deep;
mod number;

pub(crate) use arguments::{Arguments, Numbers};

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
        if flags > EMB_RESULT_SHARED {
            return Err(unknown_flags(flags));
        }
        Ok(Answer { out, flags })
    }

    /// For `boundary::usually`.
    #[inline(always)]
    pub(crate) fn usual(out: Option<Out<emb_value>>, flags: u32) -> Option<Self> {
        (flags <= EMB_RESULT_SHARED).then_some(Answer { out, flags })
    }

    /// Gives the host its result, unless it discards it.
    #[inline]
    pub(crate) fn give(self, py: Python<'_>, object: Owned<'_>) -> Outcome<()> {
        self.give_usually(py, Ok(object), Taken::default())
    }

    /// The same for `boundary::usually`, with what has been made, and what it has taken. That ends on
    /// each way, so that the usual one is straight.
    #[inline(always)]
    pub(crate) fn give_usually(
        self,
        py: Python<'_>,
        made: Outcome<Owned<'_>>,
        taken: Taken<'_, '_>,
    ) -> Outcome<()> {
        let object = made?;
        let Some(out) = self.out else {
            object.end();
            taken.end();
            return Ok(());
        };
        if self.flags != EMB_RESULT_OBJECT {
            let number = number(py, object.as_non_null());
            if number.kind != Number::NONE {
                out.set(number.into());
                object.end();
                taken.end();
                return Ok(());
            }
        }
        let outcome = give_other(py, object, self.flags, out);
        taken.end();
        outcome
    }

    /// The same where text is likely.
    #[inline(always)]
    pub(crate) fn give_text_usually(
        self,
        py: Python<'_>,
        made: Outcome<Owned<'_>>,
        taken: Taken<'_, '_>,
    ) -> Outcome<()> {
        let object = made?;
        match (short_text(py, &object, self.flags), self.out) {
            (Some(text), Some(out)) => {
                out.set(text);
                object.end();
                taken.end();
                Ok(())
            }
            (_, out) => {
                let flags = self.flags;
                Answer { out, flags }.give_usually(py, Ok(object), taken)
            }
        }
    }

    /// Gives the function of a method, by its handle, unless it is the one that the host knows.
    pub(crate) fn give_function(
        self,
        py: Python<'_>,
        function: Owned<'_>,
        known: Option<Owned<'_>>,
    ) -> Outcome<()> {
        let Some(out) = self.out else {
            return Ok(());
        };
        let is_known = known.is_some_and(|known| known.as_ptr() == function.as_ptr());
        let function = if is_known { 0 } else { handle(py, function)? };
        out.set(emb_value::function(function));
        Ok(())
    }
}

/// A copy of what is a short str.
#[inline(always)]
fn short_text(py: Python<'_>, object: &Owned<'_>, flags: u32) -> Option<emb_value> {
    if flags == EMB_RESULT_OBJECT || object.type_ptr() != py.api().PyUnicode_Type {
        return None;
    }
    let (text, length) = py.utf8_of_exact(object)?;
    // SAFETY: a text of Python's, which ends with a NUL byte.
    let copy = unsafe { py.thread.results.keep_short(py, (text, length)) }?;
    Some(emb_value::text(copy, length as u32))
}

/// Gives what is no number.
#[inline(never)]
#[expect(improper_ctypes_definitions, reason = "so that it does not unwind")]
extern "C" fn give_other(
    py: Python<'_>,
    object: Owned<'_>,
    flags: u32,
    out: Out<emb_value>,
) -> Outcome<()> {
    boundary::contained(|| {
        out.set(match short_text(py, &object, flags) {
            Some(text) => text,
            None if numpy::is_array(&object) => as_object(py, object, flags, 1)?,
            None => to_value(py, object, flags)?,
        });
        Ok(())
    })
}

#[cold]
fn unknown_flags(flags: u32) -> Failure {
    Failure::argument(format!(
        "flags is {flags}, which is none of EMB_RESULT_AUTO, EMB_RESULT_OBJECT, EMB_RESULT_DEEP, \
         EMB_RESULT_PLAIN, EMB_RESULT_SCALARS and EMB_RESULT_SHARED"
    ))
}

/// A result as the host asked for it.
#[inline]
pub(crate) fn to_value(py: Python<'_>, object: Owned<'_>, flags: u32) -> Outcome<emb_value> {
    if flags == EMB_RESULT_OBJECT {
        return as_object(py, object, flags, 1);
    }
    // Of tuples it is known, and there are many.
    let is_tuple = object.type_ptr() == py.api().PyTuple_Type;
    if !is_tuple && let Some(scalar) = scalar(py, object.as_non_null(), flags) {
        return Ok(scalar);
    }
    kept(py, object, flags)
}

/// An object by its handle, with the number of its class. `ours` of the references to it are those of
/// this operation: each handle that the host has of it is another.
#[inline]
fn as_object(py: Python<'_>, object: Owned<'_>, flags: u32, ours: u32) -> Outcome<emb_value> {
    let is_shared =
        flags == EMB_RESULT_SHARED && py.runtime.counts.references(&object) != Some(ours);
    let kind = if is_shared { EMB_SHARED } else { EMB_OBJECT };
    // The low bits of an address say nothing; cut off is what the length has no room for.
    let class = (object.type_ptr() as usize >> 4) as u32;
    Ok(emb_value::object(kind, handle(py, object)?, class))
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
        match argument(py, object.clone(), flags, 2, &mut kept) {
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

fn argument(
    py: Python<'_>,
    object: Owned<'_>,
    flags: u32,
    ours: u32,
    kept: &mut Kept,
) -> Outcome<emb_value> {
    if flags != EMB_RESULT_OBJECT {
        let value = scalar(py, object.as_non_null(), flags);
        if let Some(value) =
            value.map_or_else(|| unpacked(py, &object, flags, kept), |v| Ok(Some(v)))?
        {
            return Ok(value);
        }
    }
    as_object(py, object, flags, ours)
}
