//! Texts of the host and the Python objects that they stand for, found again without making them
//! anew.
//!
//! Attribute names, lists of keywords and dtypes come from the host as bytes, the same few over and
//! over. A table keeps what each stands for. It only grows, up to a fixed size; reading it needs no
//! lock. Texts beyond that are made into objects each time.
//!
//! A text mostly comes again from where it was: a constant of the program, or a name that a binding
//! keeps. So it is looked for by its address first, which takes nothing of what is there: while the
//! processor compares the text with what was found, it goes on with the object.

use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering::*};

use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome, utf8};

const SLOTS: usize = 4096;
const ADDRESSES: usize = 1024;
const PROBES: usize = 8;
const LONGEST: usize = 128;

struct Entry {
    key: Key,
    text: Box<str>,
    object: NonNull<PyObject>,
    number: usize,
}

impl Entry {
    #[inline(always)]
    fn is_for(&self, text: &[u8], key: &Key) -> bool {
        self.key == *key && (key.is_whole() || self.text.as_bytes() == text)
    }

    #[inline]
    fn meaning<'g>(&self) -> Meaning<'g> {
        Meaning {
            object: self.object,
            own: None,
            number: self.number,
        }
    }
}

/// What a text stands for. Found in a table, it is the table's, for good: no reference is counted.
pub(crate) struct Meaning<'g> {
    object: NonNull<PyObject>,
    #[expect(dead_code, reason = "held for its drop")]
    own: Option<Owned<'g>>,
    /// Something about the object that is worth knowing without asking it.
    pub number: usize,
}

impl<'g> Meaning<'g> {
    pub(crate) fn new(object: Owned<'g>, number: usize) -> Self {
        Meaning {
            object: object.as_non_null(),
            own: Some(object),
            number,
        }
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> Object {
        self.object.as_ptr()
    }

    /// The object, which lives as long as this.
    #[inline]
    pub(crate) fn as_non_null(&self) -> NonNull<PyObject> {
        self.object
    }

    #[inline]
    pub(crate) fn object(&self, py: Python<'g>) -> Owned<'g> {
        // SAFETY: the table owns a reference, or this does.
        unsafe { py.share(self.object) }
    }
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
    slots: Box<[AtomicPtr<Entry>; SLOTS]>,
    /// Some of the same entries: what was found last for a text at such an address.
    latest: Box<[AtomicPtr<Entry>; ADDRESSES]>,
}

impl Names {
    pub(crate) fn new(argument: &'static str, make: Make) -> Self {
        Names {
            argument,
            make,
            slots: Box::new([const { AtomicPtr::new(ptr::null_mut()) }; SLOTS]),
            latest: Box::new([const { AtomicPtr::new(ptr::null_mut()) }; ADDRESSES]),
        }
    }

    /// What `text` stands for.
    #[inline(always)]
    pub(crate) fn get<'g>(&self, py: Python<'g>, text: &[u8]) -> Outcome<Meaning<'g>> {
        match self.entry(text) {
            Some(entry) => Ok(entry.meaning()),
            None => self.make(py, text, Key::of(text)),
        }
    }

    /// What `text` stands for, if it has been met before: the object, which is the table's for good,
    /// and its number.
    #[inline(always)]
    pub(crate) fn known(&self, text: &[u8]) -> Option<(NonNull<PyObject>, usize)> {
        self.entry(text).map(|entry| (entry.object, entry.number))
    }

    /// The entry for a text.
    #[inline(always)]
    fn entry(&self, text: &[u8]) -> Option<&Entry> {
        let address = text.as_ptr().addr();
        let latest = &self.latest[(address ^ address >> 10) % ADDRESSES];
        match Self::at(latest, text, &Key::of(text)) {
            Some(entry) => Some(entry),
            None => self.search(text, latest),
        }
    }

    /// The entry for a text that does not stand at its address, where it stands then.
    #[inline(never)]
    fn search(&self, text: &[u8], latest: &AtomicPtr<Entry>) -> Option<&Entry> {
        let key = Key::of(text);
        let mut places = (0..PROBES).map(|probe| &self.slots[key.slot(probe)]);
        let found = places.find_map(|slot| Self::at(slot, text, &key))?;
        latest.store(ptr::from_ref(found).cast_mut(), Release);
        Some(found)
    }

    /// The entry for a text, if it stands there.
    #[inline(always)]
    fn at<'a>(place: &'a AtomicPtr<Entry>, text: &[u8], key: &Key) -> Option<&'a Entry> {
        // SAFETY: entries are never freed or changed once they are in the table.
        let entry = unsafe { place.load(Acquire).as_ref() }?;
        entry.is_for(text, key).then_some(entry)
    }

    #[cold]
    fn make<'g>(&self, py: Python<'g>, text: &[u8], key: Key) -> Outcome<Meaning<'g>> {
        let text = utf8(text, self.argument)?;
        let meaning = (self.make)(py, text)?;
        if text.len() <= LONGEST {
            self.keep(py, text, &meaning, key);
        }
        Ok(meaning)
    }

    fn keep(&self, py: Python<'_>, text: &str, meaning: &Meaning<'_>, key: Key) {
        let entry = Box::into_raw(Box::new(Entry {
            key,
            text: text.into(),
            // SAFETY: `meaning` keeps the object alive.
            object: unsafe { py.share(meaning.object) }.into_raw(),
            number: meaning.number,
        }));
        for probe in 0..PROBES {
            let slot = &self.slots[key.slot(probe)];
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
    Ok(Meaning::new(intern(py, text)?, 0))
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
    Ok(Meaning::new(object, number))
}

fn intern<'g>(py: Python<'g>, name: &str) -> Outcome<Owned<'g>> {
    let mut object = py.text(name)?.into_raw().as_ptr();
    // SAFETY: takes over one reference and gives one back, perhaps to another object.
    unsafe {
        (py.api().PyUnicode_InternInPlace)(&mut object);
        py.own(object)
    }
}

/// A text's length, beginning and end: of a short one the whole of it, so that most texts are
/// compared in a few registers.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    length: usize,
    first: u64,
    last: u64,
}

impl Key {
    #[inline(always)]
    fn of(text: &[u8]) -> Self {
        let (first, last) = Self::ends(text);
        Key {
            length: text.len(),
            first,
            last,
        }
    }

    /// The first and the last eight bytes, or four, which may overlap; or up to three that are all.
    #[inline(always)]
    fn ends(text: &[u8]) -> (u64, u64) {
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        }
        if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            let [first, last] = [first, last].map(|four| u32::from_le_bytes(*four));
            return (first.into(), last.into());
        }
        match *text {
            [first, ..] => {
                let [middle, last] = [text[text.len() / 2], text[text.len() - 1]];
                (first.into(), u64::from(middle) << 8 | u64::from(last))
            }
            [] => (0, 0),
        }
    }

    /// Whether texts with this key are the same.
    #[inline]
    fn is_whole(&self) -> bool {
        self.length <= 16
    }

    /// Where to look, at each try; it only matters for speed.
    #[inline]
    fn slot(&self, probe: usize) -> usize {
        const MIX: u64 = 0x517c_c1b7_2722_0a95;
        let mixed = (self.first ^ self.last.rotate_left(23) ^ self.length as u64).wrapping_mul(MIX);
        ((mixed >> 40) as usize + probe) % SLOTS
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn short_texts_have_the_same_key_only_if_they_are_the_same() {
        for length in 0..=16_usize {
            let text: Vec<u8> = (0..length as u8).map(|i| b'a' + i).collect();
            assert!(Key::of(&text) == Key::of(&text.clone()));
            assert!(Key::of(&text).is_whole());
            for i in 0..length {
                let mut other = text.clone();
                other[i] = b'#';
                assert!(
                    Key::of(&text) != Key::of(&other),
                    "{length} bytes, byte {i}"
                );
            }
            assert!(Key::of(&text) != Key::of(&[&text[..], b"\0"].concat()));
        }
    }
}
