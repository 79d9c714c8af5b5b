//! The token that an operation has while its thread holds the GIL.

use std::marker::PhantomData;
use std::ptr::NonNull;

use super::ffi::{Object, PyObject};
use super::object::Owned;
use super::runtime::Runtime;
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::thread::Thread;

/// Proof that the calling thread holds the GIL of the running Python.
#[derive(Clone, Copy)]
pub(crate) struct Python<'g> {
    pub runtime: &'static Runtime,
    pub thread: &'g Thread,
    not_send: PhantomData<*mut ()>,
}

impl<'g> Python<'g> {
    /// The C API.
    #[inline]
    pub(crate) fn api(self) -> &'static Symbols {
        &self.runtime.api
    }

    /// Takes over a new reference; NULL means that an exception is set.
    ///
    /// # Safety
    /// `object` is NULL with an exception set, or a reference that the caller owns.
    #[inline]
    pub(crate) unsafe fn own(self, object: Object) -> Outcome<Owned<'g>> {
        match NonNull::new(object) {
            // SAFETY: the caller owns the reference.
            Some(object) => Ok(unsafe { Owned::new(self, object) }),
            None => Err(raised()),
        }
    }

    /// Takes over a new reference; None is for NULL, which means that an exception is set.
    ///
    /// # Safety
    /// As for `own`.
    #[inline(always)]
    pub(crate) unsafe fn made(self, object: Object) -> Option<Owned<'g>> {
        // SAFETY: the caller owns the reference.
        NonNull::new(object).map(|object| unsafe { Owned::new(self, object) })
    }

    /// Drops a reference that the calling thread's record owned; null is fine.
    pub(crate) fn drop_object(self, object: Object) {
        // SAFETY: the record gives it up.
        drop(unsafe { self.own(object) });
    }

    /// A reference of one's own to an object that somebody else keeps alive for now.
    ///
    /// # Safety
    /// `object` is a live object.
    #[inline]
    pub(crate) unsafe fn share(self, object: NonNull<PyObject>) -> Owned<'g> {
        // SAFETY: the object lives, and the GIL is held.
        unsafe {
            self.runtime.counts.increase(object.as_ptr());
            Owned::new(self, object)
        }
    }
}

/// Out of line, so that the usual way is straight.
#[cold]
#[inline(never)]
fn raised() -> Failure {
    Failure::Python
}

impl Python<'_> {
    /// The token for a thread that is known to hold the GIL.
    pub(crate) fn assume<'t>(runtime: &'static Runtime, thread: &'t Thread) -> Python<'t> {
        Python {
            runtime,
            thread,
            not_send: PhantomData,
        }
    }
}
