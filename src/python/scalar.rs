//! numpy's scalars as plain numbers, so that those that come one by one need no handles.

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};

use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::numpy::{self, Met};
use super::object::Owned;
use crate::failure::Outcome;
use crate::value::emb_payload;

type AsCtype = unsafe extern "C" fn(scalar: Object, value: *mut c_void);
type DescrFromType = unsafe extern "C" fn(number: c_int) -> Object; // new
type New = unsafe extern "C" fn(data: *mut c_void, descr: Object, base: Object) -> Object; // new

// Places in numpy's table.
const DESCR_FROM_TYPE: usize = 45;
const NEW: usize = 60;
const AS_CTYPE: usize = 62;
/// The classes from bool to float64, by the number of their type.
const CLASSES: [usize; 13] = [8, 20, 25, 21, 26, 22, 27, 23, 28, 24, 29, 30, 31];

const BOOL: usize = 0;
const FLOAT: usize = 11;
const DOUBLE: usize = 12;

/// Bytes of each type; the types 7 and 8 are C's long.
const SIZES: [usize; 13] = [
    1,
    1,
    1,
    2,
    2,
    4,
    4,
    size_of::<std::ffi::c_long>(),
    size_of::<std::ffi::c_long>(),
    8,
    8,
    4,
    8,
];

/// The classes of the latest objects that were none of these, each at a place that follows from its
/// address: most objects are of few classes, and need no comparison with all of them.
static OTHERS: [AtomicPtr<PyObject>; 16] = [const { AtomicPtr::new(ptr::null_mut()) }; 16];

/// What there has been no longer counts: at its address may now be one of numpy's.
pub(super) fn forget_others() {
    OTHERS
        .iter()
        .for_each(|other| other.store(ptr::null_mut(), Relaxed));
}

/// The number of its type and the value of an object that is exactly one of numpy's scalars.
#[inline]
pub(crate) fn of(py: Python<'_>, object: NonNull<PyObject>) -> Option<(u32, emb_payload)> {
    let class = py.runtime.type_of(object);
    let other = &OTHERS[(class.addr() >> 5 ^ class.addr() >> 9) % OTHERS.len()];
    if other.load(Relaxed) == class {
        return None;
    }
    let (found, is_certain) = match numpy::met(py) {
        Met::Known(numpy) => (numpy.scalars.value(py, object), true),
        Met::NotYet => (None, false),
        Met::Absent => (None, true),
    };
    if found.is_none() && is_certain {
        other.store(class, Relaxed);
    }
    found
}

/// What numpy has for its scalars.
pub(crate) struct Scalars {
    classes: [Object; 13],
    descr_from_type: DescrFromType,
    new: New,
    as_ctype: AsCtype,
}

impl Scalars {
    /// # Safety
    /// `table` is numpy's table, of an ABI in which the places above are right.
    pub(crate) unsafe fn new(table: *const *mut c_void) -> Self {
        // SAFETY: the caller's promise.
        unsafe {
            Scalars {
                classes: CLASSES.map(|place| (*table.add(place)).cast()),
                descr_from_type: std::mem::transmute::<*mut c_void, DescrFromType>(
                    *table.add(DESCR_FROM_TYPE),
                ),
                new: std::mem::transmute::<*mut c_void, New>(*table.add(NEW)),
                as_ctype: std::mem::transmute::<*mut c_void, AsCtype>(*table.add(AS_CTYPE)),
            }
        }
    }

    /// What `of` gives.
    #[inline]
    fn value(&self, py: Python<'_>, object: NonNull<PyObject>) -> Option<(u32, emb_payload)> {
        let class = py.runtime.type_of(object);
        if class == self.classes[DOUBLE] {
            // SAFETY: float64 derives from float.
            let real = unsafe { (py.api().PyFloat_AsDouble)(object.as_ptr()) };
            return Some((DOUBLE as u32, emb_payload { real }));
        }
        let number = self.classes.iter().position(|one| *one == class)?;
        let mut bytes = [0u8; 8];
        // SAFETY: writes as many bytes as the type has, at most eight.
        unsafe { (self.as_ctype)(object.as_ptr(), bytes.as_mut_ptr().cast()) };
        Some((number as u32, widened(number, bytes)))
    }

    /// A new scalar; None for a number of a type that is not among them.
    pub(crate) fn object<'g>(
        &self,
        py: Python<'g>,
        number: u32,
        value: emb_payload,
    ) -> Option<Outcome<Owned<'g>>> {
        if number as usize >= CLASSES.len() {
            return None;
        }
        let mut bytes = narrowed(number as usize, value);
        // SAFETY: a type that numpy has, and as many bytes as it reads, at most eight.
        Some(unsafe {
            py.own((self.descr_from_type)(number as c_int))
                .and_then(|descr| {
                    py.own((self.new)(
                        bytes.as_mut_ptr().cast(),
                        descr.as_ptr(),
                        ptr::null_mut(),
                    ))
                })
        })
    }
}

/// The payload for the bytes of a scalar: integers get longer, keeping their sign.
fn widened(number: usize, bytes: [u8; 8]) -> emb_payload {
    if number == FLOAT {
        let [a, b, c, d, ..] = bytes;
        return emb_payload {
            real: f32::from_ne_bytes([a, b, c, d]).into(),
        };
    }
    let unused = 64 - 8 * SIZES[number] as u32;
    let word = u64::from_le_bytes(bytes) << unused;
    if number == BOOL || number.is_multiple_of(2) {
        emb_payload {
            uinteger: word >> unused,
        }
    } else {
        emb_payload {
            integer: word as i64 >> unused,
        }
    }
}

fn narrowed(number: usize, value: emb_payload) -> [u8; 8] {
    // SAFETY: any eight bytes are each of these; the type says which one the host has set.
    unsafe {
        match number {
            BOOL => u64::from(value.uinteger != 0).to_le_bytes(),
            FLOAT => {
                let [a, b, c, d] = (value.real as f32).to_ne_bytes();
                [a, b, c, d, 0, 0, 0, 0]
            }
            DOUBLE => value.real.to_ne_bytes(),
            _ => value.uinteger.to_le_bytes(),
        }
    }
}
