//! Where a list or a tuple has its items, so that a million of them are not a million calls.

use std::ffi::c_int;
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
        let length = type_offset + size_of::<Object>();
        let list =
            in_place && Self::has_items(api, api.PyList_New, api.PyList_SetItem, length, true);
        let tuple =
            in_place && Self::has_items(api, api.PyTuple_New, api.PyTuple_SetItem, length, false);
        Lists {
            items: list.then_some(length + size_of::<usize>()),
            of_tuple: tuple.then_some(length),
        }
    }

    /// Looks at a container whose items are known. The header of an object ends with the type; a list
    /// goes on with its length and a pointer to its items, a tuple with its length and its items, or it
    /// is left alone. The GIL is held.
    fn has_items(
        api: &Symbols,
        new: unsafe extern "C" fn(isize) -> Object,
        set_item: unsafe extern "C" fn(Object, isize, Object) -> c_int,
        length: usize,
        by_pointer: bool,
    ) -> bool {
        let known = [api._Py_NoneStruct, api._Py_TrueStruct, api._Py_FalseStruct];
        // SAFETY: a new container that nobody else knows, which is larger than what is read of it; the
        // pointer is followed where the length stands beside it. `set_item` takes a reference over.
        unsafe {
            let container = new(known.len() as isize);
            let as_expected = !container.is_null() && {
                for (i, item) in known.into_iter().enumerate() {
                    (api.Py_IncRef)(item);
                    set_item(container, i as isize, item);
                }
                let length = container.byte_add(length).cast::<usize>();
                let behind = length.add(1).cast::<Object>().cast_const();
                let items = if by_pointer { *behind.cast() } else { behind };
                *length == known.len()
                    && !items.is_null()
                    && items.is_aligned()
                    && (0..known.len()).all(|i| *items.add(i) == known[i])
            };
            (api.Py_DecRef)(container);
            as_expected
        }
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
