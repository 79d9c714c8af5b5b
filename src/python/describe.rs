//! Exceptions that can be described at once: those of common classes whose message is a str.
//!
//! The class says what it is called, and `str()` of the exception is its only argument, so nothing
//! of Python has to be asked and no code of anybody runs. All others are described when the host
//! wants to know.

use std::ffi::{CStr, c_char};
use std::ptr;

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use super::symbols::Symbols;

/// What the host is told of an exception.
pub(crate) struct Description {
    /// Ends with a NUL byte.
    pub class_name: &'static str,
    /// An owned reference to the str that the text belongs to.
    pub owner: Object,
    pub text: *const c_char,
    pub length: usize,
}

const CLASSES: usize = 12;

/// The classes, and where an exception has its arguments.
pub(crate) struct Describable {
    classes: [(Object, &'static str); CLASSES],
    arguments: Option<usize>,
}

// SAFETY: addresses of classes that live as long as Python, which are only compared.
unsafe impl Send for Describable {}
// SAFETY: as above.
unsafe impl Sync for Describable {}

impl Describable {
    /// Where it may not read in place it describes nothing. The GIL has to be held, now, to make an
    /// exception that shows how, and where arguments are read.
    pub(crate) fn new(api: &Symbols, in_place: bool) -> Self {
        let classes = [
            (api.PyExc_ValueError, "ValueError\0"),
            (api.PyExc_TypeError, "TypeError\0"),
            (api.PyExc_RuntimeError, "RuntimeError\0"),
            (api.PyExc_AttributeError, "AttributeError\0"),
            (api.PyExc_IndexError, "IndexError\0"),
            (api.PyExc_ZeroDivisionError, "ZeroDivisionError\0"),
            (api.PyExc_NotImplementedError, "NotImplementedError\0"),
            (api.PyExc_AssertionError, "AssertionError\0"),
            (api.PyExc_OverflowError, "OverflowError\0"),
            (api.PyExc_ArithmeticError, "ArithmeticError\0"),
            (api.PyExc_LookupError, "LookupError\0"),
            (api.PyExc_Exception, "Exception\0"),
        ];
        Describable {
            // SAFETY: each symbol is the address of a variable that holds a class.
            classes: classes.map(|(class, name)| (unsafe { *class.cast::<Object>() }, name)),
            arguments: in_place.then(|| arguments_offset(api)).flatten(),
        }
    }

    pub(crate) fn is_in_place(&self) -> bool {
        self.arguments.is_some()
    }

    pub(crate) fn describe(&self, py: Python<'_>, exception: &Owned<'_>) -> Option<Description> {
        let class = exception.type_ptr();
        let (_, class_name) = self.classes.iter().find(|(known, _)| *known == class)?;
        let api = py.api();
        // SAFETY: an exception of one of the classes, whose arguments are a tuple or, while it is
        // being taken apart, null.
        let message = unsafe {
            let arguments = *exception
                .as_ptr()
                .byte_add(self.arguments?)
                .cast::<Object>();
            if arguments.is_null() || (api.PyTuple_Size)(arguments) != 1 {
                return None;
            }
            py.share(ptr::NonNull::new((api.PyTuple_GetItem)(arguments, 0))?)
        };
        if message.type_ptr() != api.PyUnicode_Type {
            return None;
        }
        let (text, length) = py.utf8(&message)?;
        Some(Description {
            class_name,
            owner: message.into_raw().as_ptr(),
            text,
            length,
        })
    }
}

/// Where in an exception its `args` stand: looked for in one that says which they are.
fn arguments_offset(api: &Symbols) -> Option<usize> {
    // An exception has a header, a dict, arguments and several more pointers.
    const WORDS: std::ops::Range<usize> = 2..8;
    // SAFETY: a tuple of no items is filled; the call makes an exception that nobody else knows,
    // which is larger than the words that are read. Whatever could not be made is null, and ends it.
    unsafe {
        let arguments = (api.PyTuple_New)(1);
        if arguments.is_null() {
            return None;
        }
        let text = |text: &CStr| {
            (api.PyUnicode_FromStringAndSize)(text.as_ptr(), text.count_bytes() as isize)
        };
        (api.PyTuple_SetItem)(arguments, 0, text(c"a"));
        let class = *api.PyExc_ValueError.cast::<Object>();
        let exception = (api.PyObject_Call)(class, arguments, ptr::null_mut());
        (api.Py_DecRef)(arguments);
        if exception.is_null() {
            return None;
        }
        let name = text(c"args");
        let kept = if name.is_null() {
            ptr::null_mut()
        } else {
            (api.PyObject_GetAttr)(exception, name)
        };
        let found = WORDS
            .map(|word| word * size_of::<Object>())
            .filter(|_| !kept.is_null())
            .find(|offset| *exception.byte_add(*offset).cast::<Object>() == kept);
        for object in [kept, name, exception] {
            (api.Py_DecRef)(object);
        }
        found
    }
}
