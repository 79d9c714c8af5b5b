//! Texts of the host and the Python objects that they stand for, found again without making them
//! anew.
//!
//! Attribute names, lists of keywords and dtypes come from the host as bytes, the same few over and
//! over. A table keeps what each stands for. It only grows, up to a fixed size; reading it needs no
//! lock. Texts beyond that are made into objects each time.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering::*};

use super::ffi::PyObject;
use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome, utf8};

const SLOTS: usize = 4096;
const PROBES: usize = 8;
const LONGEST: usize = 128;

struct Entry {
    text: Box<str>,
    object: NonNull<PyObject>,
    number: usize,
}

/// What a text stands for.
pub(crate) struct Meaning<'g> {
    pub object: Owned<'g>,
    /// Something about the object that is worth knowing without asking it.
    pub number: usize,
}

/// Makes the object for a text.
///
/// cbindgen:ignore
type Make = for<'g> fn(Python<'g>, &str) -> Outcome<Meaning<'g>>;

/// A table of one kind of text.
pub(crate) struct Names {
    /// What the functions of the ABI call the text.
    argument: &'static str,
    make: Make,
    slots: Box<[AtomicPtr<Entry>]>,
}

impl Names {
    pub(crate) fn new(argument: &'static str, make: Make) -> Self {
        let empty = || AtomicPtr::new(ptr::null_mut());
        Names {
            argument,
            make,
            slots: std::iter::repeat_with(empty).take(SLOTS).collect(),
        }
    }

    /// What `text` stands for.
    #[inline]
    pub(crate) fn get<'g>(&self, py: Python<'g>, text: &[u8]) -> Outcome<Meaning<'g>> {
        let start = hash(text);
        for probe in 0..PROBES {
            let entry = self.slots[(start + probe) % SLOTS].load(Acquire);
            if entry.is_null() {
                break;
            }
            // SAFETY: entries are never freed or changed once they are in the table.
            let entry = unsafe { &*entry };
            if entry.text.as_bytes() == text {
                return Ok(Meaning {
                    // SAFETY: the entry owns a reference, for good.
                    object: unsafe { py.share(entry.object) },
                    number: entry.number,
                });
            }
        }
        self.make(py, text, start)
    }

    #[cold]
    fn make<'g>(&self, py: Python<'g>, text: &[u8], start: usize) -> Outcome<Meaning<'g>> {
        let text = utf8(text, self.argument)?;
        let meaning = (self.make)(py, text)?;
        if text.len() <= LONGEST {
            self.keep(py, text, &meaning, start);
        }
        Ok(meaning)
    }

    fn keep(&self, py: Python<'_>, text: &str, meaning: &Meaning<'_>, start: usize) {
        let entry = Box::into_raw(Box::new(Entry {
            text: text.into(),
            object: meaning.object.clone().into_raw(),
            number: meaning.number,
        }));
        for probe in 0..PROBES {
            let slot = &self.slots[(start + probe) % SLOTS];
            if slot
                .compare_exchange(ptr::null_mut(), entry, AcqRel, Acquire)
                .is_ok()
            {
                return;
            }
        }
        // SAFETY: no slot took the entry, so it and its reference are still this function's own.
        unsafe { drop(Owned::new(py, Box::from_raw(entry).object)) };
    }
}

/// An attribute's name: an interned str.
pub(crate) fn attribute<'g>(py: Python<'g>, text: &str) -> Outcome<Meaning<'g>> {
    let object = intern(py, text)?;
    Ok(Meaning { object, number: 0 })
}

/// Keywords: the tuple for a call, and how many they are. Python does not check it: a name given
/// twice would silently lose a value.
pub(crate) fn keywords<'g>(py: Python<'g>, text: &str) -> Outcome<Meaning<'g>> {
    let names: Vec<&str> = text.split(',').collect();
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() || names[..i].contains(name) {
            let wrong = if name.is_empty() {
                "an empty name"
            } else {
                "a name twice"
            };
            return Err(Failure::argument(format!(
                "keywords is {text:?}, which has {wrong}: it takes the names, separated by commas"
            )));
        }
    }
    let number = names.len();
    let names = names.into_iter().map(|name| intern(py, name));
    let object = py.tuple(names.collect::<Outcome<Vec<_>>>()?.into_iter())?;
    Ok(Meaning { object, number })
}

fn intern<'g>(py: Python<'g>, name: &str) -> Outcome<Owned<'g>> {
    let mut object = py.text(name)?.into_raw().as_ptr();
    // SAFETY: takes over one reference and gives one back, perhaps to another object.
    unsafe {
        (py.api().PyUnicode_InternInPlace)(&mut object);
        py.own(object)
    }
}

/// A fast hash of short texts; where it puts them only matters for speed.
#[inline]
fn hash(text: &[u8]) -> usize {
    let mut state = text.len() as u64;
    let mut mix =
        |word: u64| state = (state.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let mut chunks = text.chunks_exact(8);
    for chunk in &mut chunks {
        mix(chunk
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)));
    }
    mix(chunks
        .remainder()
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte)));
    (state >> 32) as usize
}
