//! Names as interned Python strings, found again without making them anew.
//!
//! Attribute and keyword names come from the host as bytes, the same few over and over. The table
//! keeps the str (or, for a list of keywords, the tuple of str) that each stands for. It only
//! grows, up to a fixed size; reading it needs no lock. Names beyond that are made each time.

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
}

/// What a name becomes.
pub(crate) enum Kind {
    /// An interned str.
    Name,
    /// A tuple of interned str, from comma-separated names.
    Keywords,
}

impl Kind {
    /// What the functions of the ABI call it.
    fn argument(&self) -> &'static str {
        match self {
            Kind::Name => "name",
            Kind::Keywords => "keywords",
        }
    }
}

/// A table of one kind.
pub(crate) struct Names {
    kind: Kind,
    slots: Box<[AtomicPtr<Entry>]>,
}

impl Names {
    pub(crate) fn new(kind: Kind) -> Self {
        Names {
            kind,
            slots: (0..SLOTS)
                .map(|_| AtomicPtr::new(ptr::null_mut()))
                .collect(),
        }
    }

    /// The object that `text` stands for.
    #[inline]
    pub(crate) fn get<'g>(&self, py: Python<'g>, text: &[u8]) -> Outcome<Owned<'g>> {
        let start = hash(text);
        for probe in 0..PROBES {
            let entry = self.slots[(start + probe) % SLOTS].load(Acquire);
            if entry.is_null() {
                break;
            }
            // SAFETY: entries are never freed or changed once they are in the table.
            let entry = unsafe { &*entry };
            if entry.text.as_bytes() == text {
                // SAFETY: the entry owns a reference, for good.
                return Ok(unsafe { py.share(entry.object) });
            }
        }
        self.make(py, text, start)
    }

    #[cold]
    fn make<'g>(&self, py: Python<'g>, text: &[u8], start: usize) -> Outcome<Owned<'g>> {
        let text = utf8(text, self.kind.argument())?;
        let object = match self.kind {
            Kind::Name => intern(py, text)?,
            Kind::Keywords => keyword_names(py, text)?,
        };
        if text.len() <= LONGEST {
            self.keep(py, text, &object, start);
        }
        Ok(object)
    }

    fn keep(&self, py: Python<'_>, text: &str, object: &Owned<'_>, start: usize) {
        let entry = Box::into_raw(Box::new(Entry {
            text: text.into(),
            object: object.clone().into_raw(),
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

/// The tuple for a call. Python does not check it: a name given twice would silently lose a value.
fn keyword_names<'g>(py: Python<'g>, text: &str) -> Outcome<Owned<'g>> {
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
    let names = names.into_iter().map(|name| intern(py, name));
    py.tuple(names.collect::<Outcome<Vec<_>>>()?.into_iter())
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
