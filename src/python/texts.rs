//! Where a str of ASCII has its text, so that reading it is no call.

use std::ffi::{CStr, c_char};

use super::ffi::Object;
use super::symbols::Symbols;

/// How this Python lays out a str of ASCII that nobody else shares.
pub(crate) struct Texts(Option<Places>);

/// Where in such a str its parts stand.
struct Places {
    length: usize,
    /// A byte that says what kind of str it is, and which it is for these. It belongs to a number of
    /// which Python leaves the rest as it happens to be.
    kind: usize,
    ascii: u8,
    text: usize,
}

/// As many that no byte of their hashes is the same in all of them.
const ASCII: [&CStr; 8] = [
    c"text",
    c"texts",
    c"textual",
    c"texture",
    c"in text",
    c"of texts",
    c"a text",
    c"another text",
];
const OTHERS: [&CStr; 3] = [c"t\u{e9}xt", c"t\u{20ac}xt", c"t\u{1f40d}xt"];

impl Texts {
    /// Finds out where the GIL is held, which it is not where a Python runs already.
    pub(crate) fn new(api: &Symbols, type_offset: usize, has_gil: bool) -> Self {
        let length = type_offset + size_of::<Object>();
        Texts(has_gil.then(|| Places::measured(api, length)).flatten())
    }

    pub(crate) fn are_in_place(&self) -> bool {
        self.0.is_some()
    }

    /// The text and its length; None where Python has to be asked.
    ///
    /// # Safety
    /// `object` is an exact str, and the GIL is held.
    #[inline(always)]
    pub(crate) unsafe fn in_place(&self, object: Object) -> Option<(*const c_char, usize)> {
        let places = self.0.as_ref()?;
        // SAFETY: the caller's promise, and what `measured` has found.
        unsafe {
            let is_ascii = *object.byte_add(places.kind).cast::<u8>() == places.ascii;
            is_ascii.then(|| {
                let text = object.byte_add(places.text).cast_const().cast();
                (text, *object.byte_add(places.length).cast::<usize>())
            })
        }
    }
}

/// A new str that nobody else knows, while it is looked at.
struct Made<'a>(&'a Symbols, Object);

impl<'a> Made<'a> {
    fn new(api: &'a Symbols, text: &CStr) -> Option<Self> {
        let length = text.count_bytes() as isize;
        // SAFETY: a text of this length.
        let made = unsafe { (api.PyUnicode_FromStringAndSize)(text.as_ptr(), length) };
        (!made.is_null()).then_some(Made(api, made))
    }

    /// A byte of it.
    ///
    /// # Safety
    /// It has one there.
    unsafe fn byte(&self, place: usize) -> u8 {
        // SAFETY: the caller's promise.
        unsafe { *self.1.byte_add(place).cast() }
    }

    /// Where its text stands, and how long it is.
    fn text(&self) -> (usize, usize) {
        let mut length = 0;
        // SAFETY: a live str.
        let text = unsafe { (self.0.PyUnicode_AsUTF8AndSize)(self.1, &mut length) };
        let place = text.addr().wrapping_sub(self.1.addr());
        (place, length as usize)
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // SAFETY: the only reference.
        unsafe { (self.0.Py_DecRef)(self.1) }
    }
}

impl Places {
    /// Looks at texts that are known: for the byte that is the same in all those of ASCII, and in no
    /// other.
    fn measured(api: &Symbols, length: usize) -> Option<Self> {
        const MOST: usize = 128;
        let make = |texts: &[&CStr]| -> Option<Vec<Made<'_>>> {
            texts.iter().map(|text| Made::new(api, text)).collect()
        };
        let (ascii, others) = (make(&ASCII)?, make(&OTHERS)?);
        let (text, _) = ascii[0].text();
        // Behind the length there is at least one word more.
        let behind = length + size_of::<usize>();
        if !(behind..MOST).contains(&text) {
            return None;
        }
        let as_expected = ascii.iter().zip(ASCII).all(|(made, expected)| {
            let count = expected.count_bytes();
            // SAFETY: that is where Python says that the text stands; a length stands in every str.
            made.text() == (text, count)
                && unsafe {
                    *made.1.byte_add(length).cast::<usize>() == count
                        && (0..count).all(|i| made.byte(text + i) == expected.to_bytes()[i])
                }
        });
        for made in &ascii {
            // SAFETY: a live str, which knows its hash from now on.
            unsafe { (api.PyObject_Hash)(made.1) };
        }
        // The first such byte: behind it there may be anything.
        let kind = (behind..text).find(|place| {
            // SAFETY: a str of ASCII has its text behind this, and others are larger.
            let is = |made: &Made<'_>| unsafe { made.byte(*place) == ascii[0].byte(*place) };
            ascii.iter().all(is) && !others.iter().any(is)
        })?;
        as_expected.then(|| Places {
            length,
            kind,
            // SAFETY: as above.
            ascii: unsafe { ascii[0].byte(kind) },
            text,
        })
    }
}
