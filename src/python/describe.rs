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
use super::symbols::{Symbols, Unary};

/// What the host is told of an exception.
pub(crate) struct Description {
    /// Ends with a NUL byte.
    pub class_name: &'static str,
    /// An owned reference to the str that the text belongs to.
    pub owner: Object,
    pub text: *const c_char,
    pub length: usize,
    /// Whether there is no more to the exception: no attributes, notes, cause or context.
    pub is_plain: bool,
}

const CLASSES: usize = 12;

/// The classes, and where an exception has what is read.
pub(crate) struct Describable {
    classes: [(Object, &'static str); CLASSES],
    offsets: Option<Offsets>,
}

/// Where in an exception its `args` and its `__dict__` stand; the latter is null before it is needed.
#[derive(Clone, Copy)]
struct Offsets {
    arguments: usize,
    dict: usize,
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
            offsets: in_place.then(|| offsets(api)).flatten(),
        }
    }

    pub(crate) fn is_in_place(&self) -> bool {
        self.offsets.is_some()
    }

    pub(crate) fn describe(&self, py: Python<'_>, exception: &Owned<'_>) -> Option<Description> {
        let class = exception.type_ptr();
        let (_, class_name) = self.classes.iter().find(|(known, _)| *known == class)?;
        let (api, offsets) = (py.api(), self.offsets?);
        // SAFETY: an exception of one of the classes, whose arguments are a tuple or, while it is
        // being taken apart, null.
        let message = unsafe {
            let arguments = word(exception.as_ptr(), offsets.arguments);
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
            is_plain: is_plain(py, exception, offsets),
        })
    }
}

fn is_plain(py: Python<'_>, exception: &Owned<'_>, offsets: Offsets) -> bool {
    let api = py.api();
    // SAFETY: an exception of a class that has these offsets.
    let dict = unsafe { word(exception.as_ptr(), offsets.dict) };
    // SAFETY: an exception; what is given is ours, or null where there is none.
    let is_alone = |get: Unary| unsafe { py.own(get(exception.as_ptr())).is_err() };
    dict.is_null() && is_alone(api.PyException_GetContext) && is_alone(api.PyException_GetCause)
}

/// # Safety
/// There is a word in the object at this offset.
unsafe fn word(object: Object, offset: usize) -> Object {
    // SAFETY: the caller says so.
    unsafe { *object.byte_add(offset).cast::<Object>() }
}

/// Both are looked for in an exception that is given arguments and an attribute.
fn offsets(api: &Symbols) -> Option<Offsets> {
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
        let words = || WORDS.map(|at| at * size_of::<Object>());
        let empty: Vec<usize> = words()
            .filter(|offset| word(exception, *offset).is_null())
            .collect();
        let (name, other) = (text(c"args"), text(c"other"));
        let mut kept = ptr::null_mut();
        if !name.is_null() && !other.is_null() {
            kept = (api.PyObject_GetAttr)(exception, name);
            (api.PyObject_SetAttr)(exception, other, name);
        }
        let arguments = words().find(|offset| word(exception, *offset) == kept);
        let dict = empty
            .into_iter()
            .find(|offset| !word(exception, *offset).is_null());
        let is_known = !kept.is_null();
        for object in [kept, name, other, exception] {
            (api.Py_DecRef)(object);
        }
        let (arguments, dict) = arguments.zip(dict).filter(|_| is_known)?;
        Some(Offsets { arguments, dict })
    }
}
