//! Which types are told when a buffer of theirs is released. Those that are not (numpy's arrays, bytes,
//! arrays of ctypes ...) keep their memory in place for as long as they live, so that releasing a buffer
//! is giving up the reference in it, and nothing else.

use std::ffi::{c_int, c_void};
use std::ptr;

use super::ffi::*;
use super::symbols::Symbols;

/// How this Python lays out its types.
pub(crate) struct Exports {
    /// Where in a type the pointer to the two functions of the buffer protocol stands; None where that
    /// is not known.
    functions: Option<usize>,
}

/// The functions: one fills a buffer, the other is told when that is released.
type Functions = [*mut c_void; 2];

/// A type object is at least as large.
const SMALLEST: usize = 400;
/// One made by a specification has what its pointers lead to behind it.
const REACH: usize = 1024;

impl Exports {
    /// Finds out where the GIL is held, which it is not where a Python runs already. Python 3.8 has no
    /// way to say these functions in a specification.
    pub(crate) fn new(api: &Symbols, version: (u8, u8), in_place: bool) -> Self {
        let may = in_place && version >= (3, 9);
        let functions = may.then(|| place_of_functions(api)).flatten();
        let found = Exports { functions };
        // SAFETY: live types.
        let is_as_known =
            unsafe { !found.tells(api.PyBytes_Type) && found.tells(api.PyMemoryView_Type) };
        if is_as_known {
            found
        } else {
            Exports { functions: None }
        }
    }

    pub(crate) fn are_in_place(&self) -> bool {
        self.functions.is_some()
    }

    /// Whether objects of a type are told, or may be.
    ///
    /// # Safety
    /// `class` is a live type, and the GIL is held.
    #[inline(always)]
    pub(crate) unsafe fn tells(&self, class: Object) -> bool {
        let Some(place) = self.functions else {
            return true;
        };
        // SAFETY: the caller's promise, and what `new` has found.
        unsafe {
            let functions = *class.byte_add(place).cast::<*const Functions>();
            functions.is_null() || !(*functions)[1].is_null()
        }
    }
}

/// Looks into a new type whose functions are known.
fn place_of_functions(api: &Symbols) -> Option<usize> {
    let known: Functions = [get as *mut c_void, release as *mut c_void];
    let mut slots = [
        PyTypeSlot::new(PY_BF_GETBUFFER, known[0]),
        PyTypeSlot::new(PY_BF_RELEASEBUFFER, known[1]),
        PyTypeSlot::new(0, ptr::null_mut()),
    ];
    let mut spec = PyTypeSpec {
        name: c"emb.Exporter".as_ptr(),
        basicsize: 0, // that of `object`
        itemsize: 0,
        flags: PY_TPFLAGS_DEFAULT,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: a complete specification, and a new type that nobody else knows. It is read where it is
    // sure to have something; of its pointers only those are followed that lead to its own end.
    unsafe {
        let class = (api.PyType_FromSpec)(&mut spec);
        if class.is_null() {
            (api.PyErr_Clear)();
            return None;
        }
        let own = class.addr()..class.addr() + REACH;
        let leads_there = |place: &usize| {
            let functions = *class.byte_add(*place).cast::<*const Functions>();
            own.contains(&functions.addr()) && functions.is_aligned() && *functions == known
        };
        let found = (0..SMALLEST).step_by(size_of::<Object>()).find(leads_there);
        (api.Py_DecRef)(class);
        found
    }
}

/// Marks: there is never an instance of the type.
unsafe extern "C" fn get(_: Object, _: *mut PyBuffer, _: c_int) -> c_int {
    -1
}

unsafe extern "C" fn release(_: Object, _: *mut PyBuffer) {}
