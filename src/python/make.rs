//! Python objects made from plain values, and these read back.

use std::ffi::{CStr, c_char, c_int};
use std::ptr::{self, NonNull};

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};

impl<'g> Python<'g> {
    /// The outcome of a C function that returns -1 with an exception set.
    #[inline]
    pub(crate) fn done(self, status: i32) -> Outcome<()> {
        if status < 0 {
            Err(Failure::Python)
        } else {
            Ok(())
        }
    }

    pub(crate) fn none(self) -> Owned<'g> {
        self.constant(self.api()._Py_NoneStruct)
    }

    /// One of CPython's immortal objects.
    pub(crate) fn constant(self, object: Object) -> Owned<'g> {
        // SAFETY: the symbol table's data are live objects for as long as Python is loaded, never null.
        unsafe { self.share(NonNull::new_unchecked(object)) }
    }

    pub(crate) fn text(self, text: &str) -> Outcome<Owned<'g>> {
        // SAFETY: a pointer and the length of what it points to.
        unsafe {
            self.own((self.api().PyUnicode_FromStringAndSize)(
                text.as_ptr().cast(),
                text.len() as isize,
            ))
        }
    }

    pub(crate) fn bool(self, value: bool) -> Owned<'g> {
        let api = self.api();
        self.constant(if value {
            api._Py_TrueStruct
        } else {
            api._Py_FalseStruct
        })
    }

    pub(crate) fn int(self, value: i64) -> Outcome<Owned<'g>> {
        // SAFETY: takes a plain number.
        unsafe { self.own((self.api().PyLong_FromLongLong)(value)) }
    }

    /// An int's value; an exception where it does not fit 64 bits.
    pub(crate) fn to_i64(self, int: &Owned<'g>) -> Outcome<i64> {
        let mut overflow = 0;
        // SAFETY: a live object.
        let value =
            unsafe { (self.api().PyLong_AsLongLongAndOverflow)(int.as_ptr(), &mut overflow) };
        if overflow != 0 || value == -1 && self.exception_is_set() {
            return Err(Failure::argument("an int of Python does not fit 64 bits"));
        }
        Ok(value)
    }

    pub(crate) fn float(self, value: f64) -> Outcome<Owned<'g>> {
        // SAFETY: takes a plain number.
        unsafe { self.own((self.api().PyFloat_FromDouble)(value)) }
    }

    /// The double that an object gives: that of a float itself, else by its `__float__`.
    pub(crate) fn to_f64(self, object: &Owned<'g>) -> Outcome<f64> {
        // SAFETY: a live object.
        let value = unsafe { (self.api().PyFloat_AsDouble)(object.as_ptr()) };
        if value == -1.0 && self.exception_is_set() {
            return Err(Failure::Python);
        }
        Ok(value)
    }

    pub(crate) fn complex(self, [real, imaginary]: [f64; 2]) -> Outcome<Owned<'g>> {
        // SAFETY: takes plain numbers.
        unsafe { self.own((self.api().PyComplex_FromDoubles)(real, imaginary)) }
    }

    pub(crate) fn exception_is_set(self) -> bool {
        // SAFETY: the GIL is held.
        !unsafe { (self.api().PyErr_Occurred)() }.is_null()
    }

    pub(crate) fn dict(self) -> Outcome<Owned<'g>> {
        // SAFETY: no arguments.
        unsafe { self.own((self.api().PyDict_New)()) }
    }

    pub(crate) fn tuple(
        self,
        items: impl ExactSizeIterator<Item = Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: the functions of tuples.
        unsafe { self.filled(self.api().PyTuple_New, self.api().PyTuple_SetItem, items) }
    }

    pub(crate) fn list(
        self,
        items: impl ExactSizeIterator<Item = Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: the functions of lists.
        unsafe { self.filled(self.api().PyList_New, self.api().PyList_SetItem, items) }
    }

    /// A new container with these items.
    ///
    /// # Safety
    /// `new` makes one of some size, in which `set_item` puts an item and takes the reference over.
    #[inline(always)]
    unsafe fn filled(
        self,
        new: unsafe extern "C" fn(isize) -> Object,
        set_item: unsafe extern "C" fn(Object, isize, Object) -> c_int,
        items: impl ExactSizeIterator<Item = Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: the caller's promise; it is filled before anyone sees it.
        unsafe {
            let made = self.own(new(items.len() as isize))?;
            for (i, item) in items.enumerate() {
                self.done(set_item(
                    made.as_ptr(),
                    i as isize,
                    item.into_raw().as_ptr(),
                ))?;
            }
            Ok(made)
        }
    }

    pub(crate) fn slice(
        self,
        start: &Owned<'g>,
        stop: &Owned<'g>,
        step: &Owned<'g>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: live objects.
        unsafe {
            self.own((self.api().PySlice_New)(
                start.as_ptr(),
                stop.as_ptr(),
                step.as_ptr(),
            ))
        }
    }

    /// `dict[key] = value`, of an exact dict.
    pub(crate) fn set_item(
        self,
        dict: &Owned<'g>,
        key: &Owned<'g>,
        value: &Owned<'g>,
    ) -> Outcome<()> {
        // SAFETY: live objects; the first is a dict.
        self.done(unsafe {
            (self.api().PyDict_SetItem)(dict.as_ptr(), key.as_ptr(), value.as_ptr())
        })
    }

    /// The items of an exact tuple.
    pub(crate) fn tuple_items(self, tuple: &Owned<'g>) -> impl Iterator<Item = Owned<'g>> {
        // SAFETY: callers pass live tuples only.
        let items = unsafe { self.runtime.lists.of_tuple(tuple.as_ptr()) };
        (0..self.tuple_len(Some(tuple))).filter_map(move |i| {
            let item = match items {
                Some(items) => items[i],
                // SAFETY: a tuple, and an index within it; the item is borrowed from the tuple.
                None => unsafe { (self.api().PyTuple_GetItem)(tuple.as_ptr(), i as isize) },
            };
            // SAFETY: the tuple keeps the item alive.
            NonNull::new(item).map(|item| unsafe { self.share(item) })
        })
    }

    /// The contents of a bytes object, alive as long as the object.
    pub(crate) fn bytes_of(self, bytes: &Owned<'g>) -> Outcome<(*const u8, usize)> {
        let (mut pointer, mut length) = (ptr::null_mut(), 0);
        // SAFETY: a live bytes object and two variables to fill.
        self.done(unsafe {
            (self.api().PyBytes_AsStringAndSize)(bytes.as_ptr(), &mut pointer, &mut length)
        })?;
        Ok((pointer.cast(), length as usize))
    }

    /// An int as `hex()` writes it: of any size, in linear time.
    pub(crate) fn hexadecimal(self, int: &Owned<'g>) -> Outcome<String> {
        let format = self.text("#x")?;
        int.getattr("__format__")?.call(&[format], None)?.to_text()
    }

    pub(crate) fn tuple_len(self, tuple: Option<&Owned<'g>>) -> usize {
        let Some(tuple) = tuple else { return 0 };
        // SAFETY: callers pass live tuples only.
        match unsafe { self.runtime.lists.of_tuple(tuple.as_ptr()) } {
            Some(items) => items.len(),
            // SAFETY: as above.
            None => unsafe { (self.api().PyTuple_Size)(tuple.as_ptr()) }.max(0) as usize,
        }
    }

    /// The UTF-8 of a str, alive as long as the str; None where it holds lone surrogates.
    #[inline]
    pub(crate) fn utf8(self, text: &Owned<'g>) -> Option<(*const c_char, usize)> {
        if text.type_ptr() == self.api().PyUnicode_Type {
            return self.utf8_of_exact(text);
        }
        self.utf8_by_call(text)
    }

    /// The same of a str that is no instance of a subclass.
    #[inline(always)]
    pub(crate) fn utf8_of_exact(self, text: &Owned<'g>) -> Option<(*const c_char, usize)> {
        // SAFETY: callers pass such a str only.
        let ascii = unsafe { self.runtime.texts.in_place(text.as_ptr()) };
        ascii.or_else(|| self.utf8_by_call(text))
    }

    #[inline(never)]
    fn utf8_by_call(self, text: &Owned<'g>) -> Option<(*const c_char, usize)> {
        let mut length = 0;
        // SAFETY: a live str.
        let pointer = unsafe { (self.api().PyUnicode_AsUTF8AndSize)(text.as_ptr(), &mut length) };
        if pointer.is_null() {
            self.clear_exception();
            return None;
        }
        Some((pointer, length as usize))
    }

    /// A module, through the import hooks; the last one of a dotted name.
    pub(crate) fn import(self, name: &str) -> Outcome<Owned<'g>> {
        // PyImport_Import would take `__import__` from the frame that runs: the code that has called the
        // host may have been given other builtins, or none.
        let import = self.added_module(c"builtins")?.getattr("__import__")?;
        // With something to import from it, it is the last module that is given.
        let from_it = self.tuple([self.text("__doc__")?].into_iter())?;
        let arguments = [self.text(name)?, self.none(), self.none(), from_it];
        import.call(&arguments, None)
    }

    /// The namespace of `__main__`.
    pub(crate) fn main_namespace(self) -> Outcome<Owned<'g>> {
        self.namespace(c"__main__")
    }

    /// The namespace of a module that is there.
    pub(crate) fn namespace(self, module: &CStr) -> Outcome<Owned<'g>> {
        let module = self.added_module(module)?;
        // SAFETY: the module, which this owns or the module table keeps for as long as the GIL is
        // held, keeps its namespace.
        unsafe {
            let dict = (self.api().PyModule_GetDict)(module.as_ptr());
            Ok(self.share(NonNull::new(dict).ok_or(Failure::Python)?))
        }
    }

    /// A module that is there; else an empty one is made.
    fn added_module(self, name: &CStr) -> Outcome<Owned<'g>> {
        // SAFETY: a name; a module that is not given is in the table of modules.
        unsafe {
            match self.api().PyImport_AddModuleRef {
                Some(add) => self.own(add(name.as_ptr())),
                None => {
                    let module = (self.api().PyImport_AddModule)(name.as_ptr());
                    Ok(self.share(NonNull::new(module).ok_or(Failure::Python)?))
                }
            }
        }
    }

    pub(crate) fn is_subtype(self, kind: Object, base: Object) -> bool {
        // SAFETY: two types.
        unsafe { (self.api().PyType_IsSubtype)(kind, base) != 0 }
    }

    pub(crate) fn clear_exception(self) {
        // SAFETY: the GIL is held.
        unsafe { (self.api().PyErr_Clear)() }
    }
}
