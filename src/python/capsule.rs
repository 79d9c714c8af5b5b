//! Structures in capsules: how Arrow data changes hands without a copy.
//!
//! Whoever takes such a structure out of its capsule owns it, and ends it by calling the function
//! in it. A capsule whose structure nobody took does that itself.

use std::ffi::{CStr, c_void};
use std::ptr;

use super::alone::Alone;
use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use super::runtime;
use crate::failure::{Failure, Outcome};

/// A structure of the Arrow C data interface; its layout never changes.
#[derive(Clone, Copy)]
pub(crate) struct Arrow {
    /// The capsule's name.
    pub name: &'static CStr,
    /// Bytes.
    size: usize,
    /// Where its `release` stands; null once it was moved or released.
    release: usize,
}

pub(crate) const SCHEMA: Arrow = Arrow {
    name: c"arrow_schema",
    size: 72,
    release: 56,
};
pub(crate) const ARRAY: Arrow = Arrow {
    name: c"arrow_array",
    size: 80,
    release: 64,
};
pub(crate) const STREAM: Arrow = Arrow {
    name: c"arrow_array_stream",
    size: 40,
    release: 24,
};

/// The largest of them, in words.
type Storage = [u64; 10];
type End = unsafe extern "C" fn(*mut c_void);

impl Arrow {
    /// Whether there is something in a structure.
    ///
    /// # Safety
    /// `structure` points to one of this kind.
    pub(crate) unsafe fn is_live(&self, structure: *const c_void) -> bool {
        // SAFETY: the caller's promise; the release function is a pointer at this place.
        unsafe {
            !structure
                .byte_add(self.release)
                .cast::<*const c_void>()
                .read()
                .is_null()
        }
    }

    /// Moves a structure: the source is marked as released, as the interface demands.
    ///
    /// # Safety
    /// Both point to memory for one of this kind; the source holds one.
    unsafe fn move_to(&self, source: *mut c_void, target: *mut c_void) {
        // SAFETY: the caller's promise.
        unsafe {
            ptr::copy_nonoverlapping(source.cast::<u8>(), target.cast::<u8>(), self.size);
            source
                .byte_add(self.release)
                .cast::<*const c_void>()
                .write(ptr::null());
        }
    }

    /// A capsule that owns what the host's structure holds, which is moved out of it.
    ///
    /// # Safety
    /// `structure` points to a live one of this kind.
    pub(crate) unsafe fn put_in_capsule<'g>(
        &self,
        py: Python<'g>,
        structure: *mut c_void,
    ) -> Outcome<Owned<'g>> {
        let storage: *mut Storage = Box::into_raw(Box::new([0; 10]));
        // SAFETY: the storage is large enough for every kind; the capsule frees it. On failure it
        // is freed here, and the host keeps its structure.
        unsafe {
            let capsule = (py.api().PyCapsule_New)(storage.cast(), self.name.as_ptr(), end_arrow);
            if capsule.is_null() {
                drop(Box::from_raw(storage));
                return Err(Failure::Python);
            }
            self.move_to(structure, storage.cast());
            py.own(capsule)
        }
    }

    /// Moves what a capsule holds into the host's structure.
    ///
    /// # Safety
    /// `structure` points to memory for one of this kind.
    pub(crate) unsafe fn take_out(
        &self,
        py: Python<'_>,
        capsule: &Owned<'_>,
        structure: *mut c_void,
    ) -> Outcome<()> {
        let held = pointer(py, capsule, self.name)?;
        let _alone = TAKING.enter(py.runtime);
        // SAFETY: a capsule of this name holds one of this kind.
        unsafe {
            if !self.is_live(held) {
                return Err(Failure::argument(
                    "the object gave Arrow data that was taken already",
                ));
            }
            self.move_to(held, structure);
        }
        Ok(())
    }
}

/// What is in a capsule is taken once, though two threads may want it.
pub(crate) static TAKING: Alone = Alone::new();

/// What a capsule of this name points to; an exception for any other object.
pub(crate) fn pointer(py: Python<'_>, capsule: &Owned<'_>, name: &CStr) -> Outcome<*mut c_void> {
    // SAFETY: a live object; the function checks that it is a capsule of this name.
    let held = unsafe { (py.api().PyCapsule_GetPointer)(capsule.as_ptr(), name.as_ptr()) };
    if held.is_null() {
        Err(Failure::Python)
    } else {
        Ok(held)
    }
}

/// Whether an object is a capsule of this name.
pub(crate) fn is(py: Python<'_>, object: &Owned<'_>, name: &CStr) -> bool {
    // SAFETY: a live object and a name.
    unsafe { (py.api().PyCapsule_IsValid)(object.as_ptr(), name.as_ptr()) != 0 }
}

/// The capsule of an Arrow structure goes: the structure is released if it is still there.
unsafe extern "C" fn end_arrow(capsule: Object) {
    let Some(runtime) = runtime::loaded() else {
        return;
    };
    for kind in [SCHEMA, ARRAY, STREAM] {
        // SAFETY: `put_in_capsule` made the capsule, of one of these names, around storage of ours.
        unsafe {
            if (runtime.api.PyCapsule_IsValid)(capsule, kind.name.as_ptr()) == 0 {
                continue;
            }
            let held = (runtime.api.PyCapsule_GetPointer)(capsule, kind.name.as_ptr());
            if kind.is_live(held) {
                held.byte_add(kind.release).cast::<End>().read()(held);
            }
            drop(Box::from_raw(held.cast::<Storage>()));
        }
    }
}
