//! What a DLPack tensor of the host has to be, before it is given to Python: its consumers believe it.

use std::ffi::c_void;

use super::tensor::{DLTensor, Form, HOST_DEVICES, ManagedVersioned, VERSION};
use crate::failure::{Failure, Outcome};

/// As many as numpy and the buffer protocol have.
const MOST_DIMENSIONS: i32 = 64;

impl Form {
    /// # Safety
    /// `tensor` is one of this form.
    pub(crate) unsafe fn check(self, tensor: *const c_void) -> Outcome<()> {
        if self == Form::Versioned {
            // SAFETY: the caller's promise; the version comes first in every version.
            let [major, minor] = unsafe { (*tensor.cast::<ManagedVersioned>()).version };
            if major > VERSION[0] {
                return Err(wrong(&format!(
                    "is of DLPack {major}.{minor}, which may be laid out otherwise: give one of DLPack {}",
                    VERSION[0]
                )));
            }
        }
        // SAFETY: the caller's promise.
        unsafe { self.tensor(tensor) }.check()
    }
}

fn wrong(what: &str) -> Failure {
    Failure::argument(format!("tensor {what}"))
}

impl DLTensor {
    fn check(&self) -> Outcome<()> {
        if !(0..=MOST_DIMENSIONS).contains(&self.ndim) {
            return Err(wrong(&format!(
                "has {} dimensions: there can be 0 to {MOST_DIMENSIONS}",
                self.ndim
            )));
        }
        if self.ndim > 0 && self.shape.is_null() {
            return Err(wrong("has a shape that is NULL"));
        }
        if self.bits == 0 || self.lanes == 0 {
            return Err(wrong("has elements of 0 bits, or of 0 lanes"));
        }
        let (shape, _) = self.layout();
        if let Some(i) = shape.iter().position(|length| *length < 0) {
            return Err(wrong(&format!(
                "has shape[{i}] = {}: a length cannot be negative",
                shape[i]
            )));
        }
        let bytes = if shape.contains(&0) {
            Some(0)
        } else {
            let each = self.itemsize() as i64;
            shape.iter().try_fold(each, |all, n| all.checked_mul(*n))
        };
        match bytes {
            None => Err(wrong("has a shape that is larger than the address space")),
            Some(1..) if self.data.is_null() && HOST_DEVICES.contains(&self.device[0]) => {
                Err(wrong("has elements, but its data is NULL"))
            }
            Some(_) => Ok(()),
        }
    }
}
