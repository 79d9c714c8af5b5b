//! Where a list or a tuple has its items, so that a million of them are not a million calls.

use std::ptr;

use super::ffi::Object;
use super::symbols::Symbols;

/// How this Python lays out its lists and tuples.
pub(crate) struct Lists {
    /// Where in a list the pointer to its items stands; None where that is not known.
    items: Option<usize>,
    /// Where in a tuple its length stands, and behind that its items.
    of_tuple: Option<usize>,
}

impl Lists {
    /// Finds out, if it may: the GIL has to be held, now and where the items are used.
    pub(crate) fn new(api: &Symbols, type_offset: usize, in_place: bool) -> Self {
        let items = in_place.then(|| Self::items_offset(api, type_offset));
        let of_tuple = type_offset + size_of::<Object>();
        Lists {
            items: items.flatten(),
            of_tuple: (in_place && Self::is_of_tuple(api, of_tuple)).then_some(of_tuple),
        }
    }

    /// Whether tuples have their length there, and then their items. The GIL is held.
    fn is_of_tuple(api: &Symbols, at: usize) -> bool {
        let known = [api._Py_NoneStruct, api._Py_TrueStruct, api._Py_FalseStruct];
        // SAFETY: a new tuple that nobody else knows, which is larger than what is read of it. SetItem
        // takes a reference over.
        unsafe {
            let tuple = (api.PyTuple_New)(known.len() as isize);
            let as_expected = !tuple.is_null() && {
                for (i, item) in known.into_iter().enumerate() {
                    (api.Py_IncRef)(item);
                    (api.PyTuple_SetItem)(tuple, i as isize, item);
                }
                let length = tuple.byte_add(at).cast::<usize>();
                let items = length.add(1).cast::<Object>();
                *length == known.len() && (0..known.len()).all(|i| *items.add(i) == known[i])
            };
            (api.Py_DecRef)(tuple);
            as_expected
        }
    }

    /// Looks at a list whose items are known. The header of an object ends with the type at
    /// `type_offset`; a list goes on with its length and the pointer, or it is left alone. The GIL
    /// is held.
    fn items_offset(api: &Symbols, type_offset: usize) -> Option<usize> {
        let length = type_offset + size_of::<Object>();
        let items = length + size_of::<isize>();
        let known = [api._Py_NoneStruct, api._Py_TrueStruct, api._Py_FalseStruct];
        // SAFETY: a new list that nobody else knows, which is larger than what is read of it; the
        // pointer is followed where the length stands beside it. SetItem takes a reference over.
        let as_expected = unsafe {
            let list = (api.PyList_New)(known.len() as isize);
            let as_expected = !list.is_null() && {
                for (i, item) in known.into_iter().enumerate() {
                    (api.Py_IncRef)(item);
                    (api.PyList_SetItem)(list, i as isize, item);
                }
                let slots = *list.byte_add(items).cast::<*const Object>();
                *list.byte_add(length).cast::<usize>() == known.len()
                    && !slots.is_null()
                    && slots.is_aligned()
                    && (0..known.len()).all(|i| *slots.add(i) == known[i])
            };
            (api.Py_DecRef)(list);
            as_expected
        };
        as_expected.then_some(items)
    }

    pub(crate) fn are_in_place(&self) -> bool {
        self.items.is_some()
    }

    /// The items of a list, until any code of Python runs; null where they are not to be had.
    ///
    /// # Safety
    /// `list` is a live list, and the GIL is held.
    pub(crate) unsafe fn slots(&self, list: Object) -> *mut Object {
        match self.items {
            // SAFETY: the caller's promise, and what `new` has found.
            Some(items) => unsafe { *list.byte_add(items).cast() },
            None => ptr::null_mut(),
        }
    }

    /// The items of a tuple, which are its own; None where they are not to be had.
    ///
    /// # Safety
    /// `tuple` is a live tuple, and the GIL is held.
    #[inline]
    pub(crate) unsafe fn of_tuple<'a>(&self, tuple: Object) -> Option<&'a [Object]> {
        let at = self.of_tuple?;
        // SAFETY: the caller's promise, and what `new` has found.
        Some(unsafe {
            let length = tuple.byte_add(at).cast::<usize>();
            std::slice::from_raw_parts(length.add(1).cast::<Object>(), *length)
        })
    }
}
