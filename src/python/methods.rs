//! Methods of classes written in C, looked for once.
//!
//! Such a class does not change, and where its objects have no attributes of their own either, a name
//! means the same method for all of them. What it means is kept, so that a call neither asks the class
//! nor counts a reference to the method. The GIL is held wherever this is used.

use std::ffi::c_ulong;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};

use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::symbols::Symbols;

const PLACES: usize = 1024;
/// One of so many methods that are not here is looked into: where two share a place, neither takes it
/// from the other each time.
const SELDOM: u32 = 8;

const PY_TPFLAGS_HEAPTYPE: c_ulong = 1 << 9;

/// What a name means in a class. Under the GIL the parts belong together.
struct Method {
    class: AtomicPtr<PyObject>,
    name: AtomicPtr<PyObject>,
    /// Null where it may come to mean something else.
    function: AtomicPtr<PyObject>,
}

/// All that are known.
pub(crate) struct Methods {
    /// Where in a class the function stands that reads attributes; None where that is not known.
    getattro: Option<usize>,
    places: Box<[Method; PLACES]>,
    misses: AtomicU32,
}

impl Methods {
    /// None yet; and none ever, where nothing is read in place: then no GIL may guard them.
    pub(crate) fn new(api: &Symbols, getattro: Option<usize>) -> Self {
        let is_of_use = api.PyObject_Vectorcall.is_some();
        let place = || Method {
            class: AtomicPtr::new(ptr::null_mut()),
            name: AtomicPtr::new(ptr::null_mut()),
            function: AtomicPtr::new(ptr::null_mut()),
        };
        Methods {
            getattro: getattro.filter(|_| is_of_use),
            places: Box::new([(); PLACES].map(|()| place())),
            misses: AtomicU32::new(0),
        }
    }

    pub(crate) fn are_found(&self) -> bool {
        self.getattro.is_some()
    }

    /// The function behind a method of the objects of a class, which lives for good; None where the
    /// object has to be asked. `name` is one of the table of names.
    #[inline(always)]
    pub(crate) fn get(&self, py: Python<'_>, class: Object, name: Object) -> Option<Object> {
        let place = self.place(class, name);
        if place.class.load(Relaxed) == class && place.name.load(Relaxed) == name {
            let function = place.function.load(Relaxed);
            return (!function.is_null()).then_some(function);
        }
        self.look(py, class, name)
    }

    #[inline(always)]
    fn place(&self, class: Object, name: Object) -> &Method {
        &self.places[(class.addr() >> 4 ^ name.addr() >> 5) % PLACES]
    }

    #[cold]
    #[inline(never)]
    fn look(&self, py: Python<'_>, class: Object, name: Object) -> Option<Object> {
        let misses = self.misses.load(Relaxed);
        self.misses.store(misses.wrapping_add(1), Relaxed);
        let getattro = self.getattro.filter(|_| misses.is_multiple_of(SELDOM))?;
        let function = py.lasting_method(class, name, getattro);
        let place = self.place(class, name);
        place.class.store(class, Relaxed);
        place.name.store(name, Relaxed);
        // The one that stood there stays as it is: its class never ends.
        place
            .function
            .store(function.unwrap_or(ptr::null_mut()), Relaxed);
        function
    }
}

impl Python<'_> {
    /// What a name means in a class, if that is a method for good.
    fn lasting_method(self, class: Object, name: Object, getattro: usize) -> Option<Object> {
        let api = self.api();
        // SAFETY: a live class, a str, and no code but that of classes written in C; the GIL is held.
        unsafe {
            let is_plain = (api.PyType_GetFlags)(class) & PY_TPFLAGS_HEAPTYPE == 0
                && self.runtime.type_of(NonNull::new(class)?) == api.PyType_Type
                && *class.byte_add(getattro).cast::<Object>()
                    == api.PyObject_GenericGetAttr as Object;
            if !is_plain {
                return None;
            }
            let class = self.constant(class);
            let function = (api.PyObject_GetAttr)(class.as_ptr(), name);
            let function = self.or_clear(self.own(function))?;
            let dict_offset = class.getattr("__dictoffset__");
            let dict_offset = self.or_clear(dict_offset.and_then(|offset| self.to_i64(&offset)))?;
            let is_lasting = function.type_ptr() == api.PyMethodDescr_Type && dict_offset == 0;
            is_lasting.then(|| function.into_raw().as_ptr())
        }
    }
}
