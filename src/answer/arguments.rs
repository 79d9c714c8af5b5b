//! The arguments of host functions.

use std::mem::MaybeUninit;
use std::ptr::NonNull;

use smallvec::SmallVec;

use super::argument;
use super::number::{Number, number, number_alone};
use crate::failure::Outcome;
use crate::handle::{TABLE, emb_handle};
use crate::python::deferred;
use crate::python::ffi::PyObject;
use crate::python::gil::Python;
use crate::results::Kept;
use crate::value::*;

/// The arguments of a host function: values that live as long as this. Filled where it stands.
pub(crate) struct Arguments {
    few: [MaybeUninit<emb_value>; FEW],
    /// Instead, where they are more.
    many: Vec<emb_value>,
    /// None where all of them are plain.
    given: Option<Given>,
}

const FEW: usize = 8;

/// The arguments of a host function if they are few, and None or numbers.
pub(crate) struct Numbers([MaybeUninit<emb_value>; FEW]);

impl Numbers {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Numbers([const { MaybeUninit::uninit() }; FEW])
    }

    /// Makes values of them; false where there are others among them, or more.
    #[inline(always)]
    pub(crate) fn fill(&mut self, py: Python<'_>, objects: &[NonNull<PyObject>]) -> bool {
        if objects.len() > FEW {
            return false;
        }
        let put = |(value, object): (&mut MaybeUninit<emb_value>, &NonNull<PyObject>)| {
            let number = number(py, *object);
            value.write(number.into());
            number.kind != Number::NONE
        };
        // One is usual, and a loop takes more to begin with.
        if let [object] = objects {
            return put((&mut self.0[0], object));
        }
        self.0.iter_mut().zip(objects).all(put)
    }

    #[inline(always)]
    pub(crate) fn as_mut_ptr(&mut self) -> *mut emb_value {
        self.0.as_mut_ptr().cast()
    }
}

/// What belongs to arguments that are not plain.
#[derive(Default)]
struct Given {
    /// The handles that were given, and the places of their values.
    handles: SmallVec<[(usize, emb_handle); 4]>,
    /// Memory that unpacked values point into.
    kept: Kept,
}

impl Arguments {
    #[inline]
    pub(crate) fn new() -> Self {
        Arguments {
            few: [const { MaybeUninit::uninit() }; FEW],
            many: Vec::new(),
            given: None,
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
        if objects.len() > FEW {
            self.many = vec![emb_value::NONE; objects.len()];
        }
        for (place, object) in objects.iter().enumerate() {
            let number = number_alone(py, *object);
            let value = if number.kind != Number::NONE && flags != EMB_RESULT_OBJECT {
                number.into()
            } else {
                self.other(py, *object, flags, place)?
            };
            // SAFETY: there is room for as many values as objects.
            unsafe { self.as_mut_ptr().add(place).write(value) };
        }
        Ok(())
    }

    fn other(
        &mut self,
        py: Python<'_>,
        object: NonNull<PyObject>,
        flags: u32,
        place: usize,
    ) -> Outcome<emb_value> {
        // SAFETY: the caller of the host function keeps its arguments alive.
        let object = unsafe { py.share(object) };
        let given = self.given.get_or_insert_default();
        let value = argument(py, object, flags, 1, &mut given.kept);
        if let Some(handle) = value.as_ref().ok().and_then(emb_value::handle) {
            given.handles.push((place, handle));
        }
        value.inspect_err(|_| self.end(py))
    }

    #[inline]
    pub(crate) fn as_mut_ptr(&mut self) -> *mut emb_value {
        if self.many.is_empty() {
            self.few.as_mut_ptr().cast()
        } else {
            self.many.as_mut_ptr()
        }
    }

    /// Releases every handle that the host has not taken: it takes one by changing the kind.
    #[inline]
    pub(crate) fn end(&mut self, py: Python<'_>) {
        if let Some(given) = self.given.take() {
            self.free(py, given);
        }
    }

    fn free(&mut self, py: Python<'_>, given: Given) {
        // Not `release`: the GIL is held, and a queue would only grow while Python calls on.
        let free = |handle| {
            let removed = TABLE.remove(&py.thread.slots, handle);
            if let Some(Some(object)) = removed {
                deferred::drop_reference(py.runtime, object);
            }
        };
        let values = self.as_mut_ptr();
        for (place, handle) in given.handles {
            // SAFETY: `fill` has written the value.
            if unsafe { (*values.add(place)).handle() } == Some(handle) {
                free(handle);
            }
        }
        given.kept.left_handles().for_each(free);
    }
}
