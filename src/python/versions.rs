//! Where a dict has the number of its version, which is another one after each change of what is in it:
//! so a host knows, without a call, that a variable of a module is still what it was. CPython has it up
//! to 3.13.

use std::ptr;

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use super::symbols::Symbols;
use crate::failure::Outcome;

/// Words behind the type in a dict's header that may be it.
const WORDS: usize = 3;

/// How this Python lays out its dicts.
pub(crate) struct Versions {
    /// Where in a dict the number stands; None where that is not known.
    place: Option<usize>,
}

impl Versions {
    /// Finds out, if it may: the GIL has to be held.
    pub(crate) fn new(api: &Symbols, type_offset: usize, in_place: bool) -> Self {
        let place = in_place.then(|| Self::place(api, type_offset)).flatten();
        Versions { place }
    }

    /// Looks for the word that changes whatever is done to a dict (the number of its items does not
    /// where a value takes the place of another, nor does the pointer to them), and else never.
    fn place(api: &Symbols, type_offset: usize) -> Option<usize> {
        let first = type_offset + size_of::<Object>();
        let (key, other) = (api._Py_NoneStruct, api._Py_TrueStruct);
        // SAFETY: a new dict that nobody else knows, larger than what is read of it; live objects.
        unsafe {
            let dict = (api.PyDict_New)();
            if dict.is_null() {
                (api.PyErr_Clear)();
                return None;
            }
            let words = || dict.byte_add(first).cast::<[u64; WORDS]>().read();
            let set = |key, value| (api.PyDict_SetItem)(dict, key, value) == 0;
            let mut seen = [words(); 6];
            let mut done = set(key, key);
            seen[1] = words();
            done &= set(key, other);
            seen[2] = words();
            done &= set(other, other);
            seen[3] = words();
            done &= (api.PyDict_DelItem)(dict, key) == 0;
            seen[4] = words();
            done &= (api.PyDict_Contains)(dict, other) == 1;
            seen[5] = words();
            (api.Py_DecRef)(dict);
            let is_it = |i: &usize| {
                (0..4).all(|n| seen[n][*i] < seen[n + 1][*i]) && seen[4][*i] == seen[5][*i]
            };
            (0..WORDS)
                .find(is_it)
                .filter(|_| done)
                .map(|i| first + i * size_of::<u64>())
        }
    }

    pub(crate) fn are_in_place(&self) -> bool {
        self.place.is_some()
    }
}

impl<'g> Python<'g> {
    /// Where the number stands that is another one as soon as an attribute of a module may be; null where
    /// there is none: for what is no variable of a plain module, any code may be run.
    pub(crate) fn version_of(self, object: &Owned<'g>, name: &[u8]) -> Outcome<*const u64> {
        let api = self.api();
        // Of such a name there may be something that comes before the variables.
        let may = object.type_ptr() == api.PyModule_Type && !name.starts_with(b"__");
        let name = self.runtime.names.get(self, name)?;
        let Some(place) = self.runtime.versions.place.filter(|_| may) else {
            return Ok(ptr::null());
        };
        // SAFETY: a live module, whose dict is the same as long as it lives, and a str.
        unsafe {
            let dict = (api.PyModule_GetDict)(object.as_ptr());
            match (api.PyDict_Contains)(dict, name.as_ptr()) {
                1 => Ok(dict.byte_add(place).cast()),
                found => self.done(found).map(|()| ptr::null()),
            }
        }
    }
}
