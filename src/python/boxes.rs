//! Where a float and an int have their number, so that reading it is no call.

use std::ffi::{c_int, c_longlong};

use super::ffi::Object;
use super::symbols::Symbols;

/// How this Python lays out its numbers.
pub(crate) struct Boxes {
    /// Where in a float its double stands; None where that is not known.
    real: Option<usize>,
    digits: Option<Digits>,
    as_double: unsafe extern "C" fn(Object) -> f64,
    as_long_long: unsafe extern "C" fn(Object, *mut c_int) -> c_longlong,
}

/// How an int of one digit looks: a word that says how many digits there are, and the sign; then
/// the digit. What the word is differs between versions, but not between ints of one digit and sign.
struct Digits {
    /// Where in an int the word stands.
    word: usize,
    zero: usize,
    positive: usize,
    negative: usize,
}

impl Boxes {
    /// Finds out where the GIL is held, which it is not where a Python runs already.
    pub(crate) fn new(api: &Symbols, type_offset: usize, has_gil: bool) -> Self {
        // Numbers go on behind the header, which ends with the type, or they are left alone.
        let body = type_offset + size_of::<Object>();
        Boxes {
            real: has_gil.then_some(body).filter(|at| is_double(api, *at)),
            digits: has_gil.then(|| Digits::measured(api, body)).flatten(),
            as_double: api.PyFloat_AsDouble,
            as_long_long: api.PyLong_AsLongLongAndOverflow,
        }
    }

    /// Floats, and ints of one digit.
    pub(crate) fn are_in_place(&self) -> (bool, bool) {
        (self.real.is_some(), self.digits.is_some())
    }

    /// # Safety
    /// `float` is an exact float, and the GIL is held.
    #[inline]
    pub(crate) unsafe fn double(&self, float: Object) -> f64 {
        match self.real {
            // SAFETY: the caller's promise, and what `new` has found.
            Some(at) => unsafe { *float.byte_add(at).cast() },
            // SAFETY: the caller's promise.
            None => unsafe { (self.as_double)(float) },
        }
    }

    /// None where 64 bits do not hold it.
    ///
    /// # Safety
    /// `int` is an exact int, and the GIL is held.
    #[inline]
    pub(crate) unsafe fn integer(&self, int: Object) -> Option<i64> {
        // SAFETY: the caller's promise, and what `new` has found.
        if let Some(small) = unsafe { self.digits.as_ref().and_then(|digits| digits.read(int)) } {
            return Some(small);
        }
        let mut overflow = 0;
        // SAFETY: the caller's promise.
        let integer = unsafe { (self.as_long_long)(int, &mut overflow) };
        (overflow == 0).then_some(integer)
    }
}

/// Whether floats have their double there.
fn is_double(api: &Symbols, at: usize) -> bool {
    [0.5, -1.25e300].into_iter().all(|number: f64| {
        // SAFETY: a new float that nobody else knows, which has a double behind its header.
        unsafe {
            let float = (api.PyFloat_FromDouble)(number);
            let found = !float.is_null() && *float.byte_add(at).cast::<f64>() == number;
            (api.Py_DecRef)(float);
            found
        }
    })
}

impl Digits {
    /// Looks at ints whose value is known: of one digit, up to the largest, and of more.
    fn measured(api: &Symbols, word: usize) -> Option<Self> {
        const DIGITS: [i64; 3] = [1 << 12, 123_456_789, (1 << 30) - 1];
        let look = |number: i64| {
            // SAFETY: an int of CPython has at least a word and a digit behind its header.
            unsafe {
                let int = (api.PyLong_FromLongLong)(number);
                let seen = (!int.is_null()).then(|| (word_of(int, word), digit_of(int, word)));
                (api.Py_DecRef)(int);
                seen
            }
        };
        let (positive, _) = look(DIGITS[0])?;
        let (negative, _) = look(-DIGITS[0])?;
        let (zero, _) = look(0)?;
        let as_expected = DIGITS.into_iter().all(|number| {
            look(number) == Some((positive, number)) && look(-number) == Some((negative, number))
        });
        let words = [positive, negative, zero];
        let apart = positive != negative && !words[..2].contains(&zero);
        let longer = [1 << 30, 1 << 60, -1 << 30]
            .map(look)
            .into_iter()
            .all(|seen| seen.is_some_and(|(word, _)| !words.contains(&word)));
        (as_expected && apart && longer).then_some(Digits {
            word,
            zero,
            positive,
            negative,
        })
    }

    /// None for an int of several digits.
    ///
    /// # Safety
    /// `int` is an exact int, and the GIL is held.
    #[inline]
    unsafe fn read(&self, int: Object) -> Option<i64> {
        // SAFETY: the caller's promise, and what `measured` has found.
        unsafe {
            let word = word_of(int, self.word);
            if word == self.positive {
                Some(digit_of(int, self.word))
            } else if word == self.negative {
                Some(-digit_of(int, self.word))
            } else {
                (word == self.zero).then_some(0)
            }
        }
    }
}

/// # Safety
/// `int` has a word at `place`.
#[inline]
unsafe fn word_of(int: Object, place: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe { *int.byte_add(place).cast() }
}

/// # Safety
/// `int` has a word at `place`, and a digit behind it.
#[inline]
unsafe fn digit_of(int: Object, place: usize) -> i64 {
    // SAFETY: the caller's promise.
    unsafe { *int.byte_add(place + size_of::<usize>()).cast::<u32>() }.into()
}
