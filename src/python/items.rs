//! The items of Python's containers and of anything else that is iterable.

use std::ptr::{self, NonNull};

use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::object::Owned;
use crate::failure::Outcome;

/// A list or tuple, read item by item without taking references. No code of Python may run before
/// the last item is read: it could change the list.
pub(crate) struct FastSequence<'g> {
    items: Owned<'g>,
    is_list: bool,
    length: usize,
    /// Where the items stand, or null.
    slots: *const Object,
}

impl FastSequence<'_> {
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// All of them where they stand, alive as long as nothing else runs; None where their place is not
    /// known.
    pub(crate) fn in_place(&self) -> Option<&[NonNull<PyObject>]> {
        // SAFETY: there are as many items, none of which is null, and a list has not changed.
        (!self.slots.is_null())
            .then(|| unsafe { std::slice::from_raw_parts(self.slots.cast(), self.length) })
    }

    /// An item, borrowed: alive as long as nothing else runs.
    #[inline]
    pub(crate) fn get(&self, py: Python<'_>, index: usize) -> Option<NonNull<PyObject>> {
        if !self.slots.is_null() && index < self.length {
            // SAFETY: there are as many items, and a list has not changed.
            return NonNull::new(unsafe { *self.slots.add(index) });
        }
        let api = py.api();
        let get = if self.is_list {
            api.PyList_GetItem
        } else {
            api.PyTuple_GetItem
        };
        // SAFETY: the function is the one for the object's type.
        NonNull::new(unsafe { get(self.items.as_ptr(), index as isize) })
    }
}

impl<'g> Python<'g> {
    /// A list or tuple as it is, any other iterable as a new list.
    pub(crate) fn fast_sequence(self, object: &Owned<'g>) -> Outcome<FastSequence<'g>> {
        let api = self.api();
        let message = c"the object is not iterable".as_ptr();
        // SAFETY: a live object and a static text.
        let mut items = unsafe { self.own((api.PySequence_Fast)(object.as_ptr(), message))? };
        let mut is_list = self.is_subtype(items.type_ptr(), api.PyList_Type);
        if is_list && self.runtime.free_threaded {
            // Nobody can change this one meanwhile.
            items = self.apply1(api.PyList_AsTuple, &items)?;
            is_list = false;
        }
        let (lists, object) = (&self.runtime.lists, items.as_ptr());
        let (slots, length) = if is_list {
            // SAFETY: a list.
            let (slots, length) = unsafe { (lists.slots(object), (api.PyList_Size)(object)) };
            (slots.cast_const(), length.max(0) as usize)
        } else {
            // SAFETY: a tuple.
            let slots = unsafe { lists.of_tuple(object) }.map_or(ptr::null(), <[_]>::as_ptr);
            (slots, self.tuple_len(Some(&items)))
        };
        Ok(FastSequence {
            items,
            is_list,
            length,
            slots,
        })
    }

    /// What has a length as it is. Of any other iterable what comes first, with one item more than
    /// `most` where there are as many: it may go on for ever.
    pub(crate) fn beginning(self, object: &Owned<'g>, most: usize) -> Outcome<Owned<'g>> {
        let (api, kind) = (self.api(), object.type_ptr());
        let is_usual = kind == api.PyList_Type || kind == api.PyTuple_Type;
        if is_usual || self.or_clear(self.length(object)).is_some() {
            return Ok(object.clone());
        }
        let enough =
            self.int(i64::try_from(most).map_or(i64::MAX, |most| most.saturating_add(1)))?;
        let slice = self.import("itertools")?.getattr("islice")?;
        slice.call(&[object.clone(), enough], None)
    }

    /// How many items there are of what `beginning` has given `count` of: in words, for a message.
    pub(crate) fn how_many(self, object: &Owned<'g>, count: usize) -> String {
        let length = self.length(object).unwrap_or_else(|_| {
            self.clear_exception();
            -1
        });
        match usize::try_from(length) {
            Ok(length) if length >= count => format!("there are {length} items"),
            _ => format!("there are {count} items or more"),
        }
    }

    /// The items of an iterable; the keys and values of a dict, in turn.
    pub(crate) fn contents(self, object: &Owned<'g>) -> Outcome<Vec<Owned<'g>>> {
        if !self.is_subtype(object.type_ptr(), self.api().PyDict_Type) {
            return self.items(object);
        }
        let pairs = self.items(&object.getattr("items")?.call(&[], None)?)?;
        let pairs = pairs.iter().map(|pair| self.items(pair));
        Ok(pairs.collect::<Outcome<Vec<_>>>()?.concat())
    }

    /// The items of an iterable.
    pub(crate) fn items(self, object: &Owned<'g>) -> Outcome<Vec<Owned<'g>>> {
        let sequence = self.fast_sequence(object)?;
        let items = (0..sequence.length).filter_map(|i| sequence.get(self, i));
        // SAFETY: the sequence keeps its items alive.
        Ok(items.map(|item| unsafe { self.share(item) }).collect())
    }
}
