//! An owned reference, and the operations on objects that the rest of the crate needs.

use std::ptr::{self, NonNull};

use smallvec::SmallVec;

use super::ffi::{Object, PyObject, VECTORCALL_ARGUMENTS_OFFSET};
use super::gil::Python;
use super::symbols::{Binary, Ternary, Unary};
use crate::failure::{Failure, Outcome};

/// A reference that is released when it goes out of scope. Bound to the GIL: it cannot outlive
/// the operation, nor travel to another thread.
pub(crate) struct Owned<'g> {
    py: Python<'g>,
    object: NonNull<PyObject>,
}

impl<'g> Owned<'g> {
    /// # Safety
    /// The caller owns the reference and gives it up.
    #[inline]
    pub(crate) unsafe fn new(py: Python<'g>, object: NonNull<PyObject>) -> Self {
        Owned { py, object }
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> Object {
        self.object.as_ptr()
    }

    #[inline]
    pub(crate) fn as_non_null(&self) -> NonNull<PyObject> {
        self.object
    }

    /// Gives the reference to the caller.
    #[inline]
    pub(crate) fn into_raw(self) -> NonNull<PyObject> {
        let object = self.object;
        std::mem::forget(self);
        object
    }

    /// The object's type, borrowed from the object.
    #[inline]
    pub(crate) fn type_ptr(&self) -> Object {
        self.py.runtime.type_of(self.object)
    }

    pub(crate) fn getattr(&self, name: &str) -> Outcome<Owned<'g>> {
        let name = self.py.runtime.names.get(self.py, name)?;
        // SAFETY: two live objects.
        unsafe { self.py.own((self.py.api().PyObject_GetAttr)(self.as_ptr(), name.as_ptr())) }
    }

    pub(crate) fn setattr(&self, name: &str, value: Option<&Owned<'g>>) -> Outcome<()> {
        let name = self.py.runtime.names.get(self.py, name)?;
        let value = value.map_or(ptr::null_mut(), Owned::as_ptr);
        // SAFETY: live objects; a null value deletes the attribute.
        self.py.done(unsafe { (self.py.api().PyObject_SetAttr)(self.as_ptr(), name.as_ptr(), value) })
    }

    /// Calls the object. `args` holds the positional arguments, then one for each name in
    /// `keywords`, a tuple of str.
    pub(crate) fn call(&self, args: &[Owned<'g>], keywords: Option<&Owned<'g>>) -> Outcome<Owned<'g>> {
        match self.py.api().PyObject_Vectorcall {
            Some(vectorcall) => {
                let mut pointers: SmallVec<[Object; 12]> = SmallVec::with_capacity(args.len() + 1);
                pointers.push(ptr::null_mut());
                pointers.extend(args.iter().map(Owned::as_ptr));
                let named = self.py.tuple_len(keywords);
                let count = (args.len() - named) | VECTORCALL_ARGUMENTS_OFFSET;
                let keywords = keywords.map_or(ptr::null_mut(), Owned::as_ptr);
                // SAFETY: live objects; the slot before the first argument is free to be written.
                unsafe { self.py.own(vectorcall(self.as_ptr(), pointers.as_ptr().add(1), count, keywords)) }
            }
            None => self.call_by_tuple(args, keywords),
        }
    }

    /// The way of Python 3.8 and 3.9, which do not export vectorcall.
    fn call_by_tuple(&self, args: &[Owned<'g>], keywords: Option<&Owned<'g>>) -> Outcome<Owned<'g>> {
        let py = self.py;
        let positional = args.len() - py.tuple_len(keywords);
        let tuple = py.tuple(args[..positional].iter().map(Owned::clone))?;
        let dict = match keywords {
            Some(names) => {
                let dict = py.dict()?;
                for (i, value) in args[positional..].iter().enumerate() {
                    // SAFETY: `names` is a tuple with one name for each of these values; the item is borrowed.
                    let name = unsafe { (py.api().PyTuple_GetItem)(names.as_ptr(), i as isize) };
                    // SAFETY: live objects.
                    py.done(unsafe { (py.api().PyDict_SetItem)(dict.as_ptr(), name, value.as_ptr()) })?;
                }
                Some(dict)
            }
            None => None,
        };
        let dict = dict.as_ref().map_or(ptr::null_mut(), Owned::as_ptr);
        // SAFETY: live objects of the right types.
        unsafe { py.own((py.api().PyObject_Call)(self.as_ptr(), tuple.as_ptr(), dict)) }
    }

    /// `str(self)`, as Rust text; lone surrogates become the replacement character.
    pub(crate) fn to_text(&self) -> Outcome<String> {
        // SAFETY: a live object.
        let text = unsafe { self.py.own((self.py.api().PyObject_Str)(self.as_ptr()))? };
        if let Some((pointer, length)) = self.py.utf8(&text) {
            // SAFETY: CPython's own UTF-8, alive as long as `text`.
            let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length) };
            return Ok(String::from_utf8_lossy(bytes).into_owned());
        }
        let codec = [self.py.text("utf-8")?, self.py.text("backslashreplace")?];
        let bytes = text.getattr("encode")?.call(&codec, None)?;
        bytes.getattr("decode")?.call(&[], None)?.to_text()
    }
}

impl Clone for Owned<'_> {
    fn clone(&self) -> Self {
        // SAFETY: `self` keeps the object alive.
        unsafe { self.py.share(self.object) }
    }
}

impl Drop for Owned<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: this is the reference's owner, and its lifetime says that the GIL is held.
        unsafe { (self.py.api().Py_DecRef)(self.object.as_ptr()) }
    }
}

impl<'g> Python<'g> {
    /// The outcome of a C function that returns -1 with an exception set.
    #[inline]
    pub(crate) fn done(self, status: i32) -> Outcome<()> {
        if status < 0 { Err(Failure::Python) } else { Ok(()) }
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
        unsafe { self.own((self.api().PyUnicode_FromStringAndSize)(text.as_ptr().cast(), text.len() as isize)) }
    }

    pub(crate) fn int(self, value: i64) -> Outcome<Owned<'g>> {
        // SAFETY: takes a plain number.
        unsafe { self.own((self.api().PyLong_FromLongLong)(value)) }
    }

    /// An int's value; an exception where it does not fit 64 bits.
    pub(crate) fn to_i64(self, int: &Owned<'g>) -> Outcome<i64> {
        let mut overflow = 0;
        // SAFETY: a live object.
        let value = unsafe { (self.api().PyLong_AsLongLongAndOverflow)(int.as_ptr(), &mut overflow) };
        if overflow != 0 || value == -1 && self.exception_is_set() {
            return Err(Failure::argument("an int of Python does not fit 64 bits"));
        }
        Ok(value)
    }

    pub(crate) fn exception_is_set(self) -> bool {
        // SAFETY: the GIL is held.
        !unsafe { (self.api().PyErr_Occurred)() }.is_null()
    }

    pub(crate) fn dict(self) -> Outcome<Owned<'g>> {
        // SAFETY: no arguments.
        unsafe { self.own((self.api().PyDict_New)()) }
    }

    pub(crate) fn tuple(self, items: impl ExactSizeIterator<Item = Owned<'g>>) -> Outcome<Owned<'g>> {
        // SAFETY: a new tuple of this size, filled before anyone sees it; SetItem takes each reference over.
        unsafe {
            let tuple = self.own((self.api().PyTuple_New)(items.len() as isize))?;
            for (i, item) in items.enumerate() {
                self.done((self.api().PyTuple_SetItem)(tuple.as_ptr(), i as isize, item.into_raw().as_ptr()))?;
            }
            Ok(tuple)
        }
    }

    pub(crate) fn list(self, items: impl ExactSizeIterator<Item = Owned<'g>>) -> Outcome<Owned<'g>> {
        // SAFETY: as for a tuple.
        unsafe {
            let list = self.own((self.api().PyList_New)(items.len() as isize))?;
            for (i, item) in items.enumerate() {
                self.done((self.api().PyList_SetItem)(list.as_ptr(), i as isize, item.into_raw().as_ptr()))?;
            }
            Ok(list)
        }
    }

    pub(crate) fn slice(self, start: &Owned<'g>, stop: &Owned<'g>, step: &Owned<'g>) -> Outcome<Owned<'g>> {
        // SAFETY: live objects.
        unsafe { self.own((self.api().PySlice_New)(start.as_ptr(), stop.as_ptr(), step.as_ptr())) }
    }

    /// `dict[key] = value`, of an exact dict.
    pub(crate) fn set_item(self, dict: &Owned<'g>, key: &Owned<'g>, value: &Owned<'g>) -> Outcome<()> {
        // SAFETY: live objects; the first is a dict.
        self.done(unsafe { (self.api().PyDict_SetItem)(dict.as_ptr(), key.as_ptr(), value.as_ptr()) })
    }

    /// The items of an exact tuple.
    pub(crate) fn tuple_items(self, tuple: &Owned<'g>) -> impl Iterator<Item = Owned<'g>> {
        (0..self.tuple_len(Some(tuple))).filter_map(move |i| {
            // SAFETY: a tuple, and an index within it; the item is borrowed from the tuple.
            let item = unsafe { (self.api().PyTuple_GetItem)(tuple.as_ptr(), i as isize) };
            // SAFETY: the tuple keeps the item alive.
            NonNull::new(item).map(|item| unsafe { self.share(item) })
        })
    }

    /// The contents of a bytes object, alive as long as the object.
    pub(crate) fn bytes_of(self, bytes: &Owned<'g>) -> Outcome<(*const u8, usize)> {
        let (mut pointer, mut length) = (ptr::null_mut(), 0);
        // SAFETY: a live bytes object and two variables to fill.
        self.done(unsafe { (self.api().PyBytes_AsStringAndSize)(bytes.as_ptr(), &mut pointer, &mut length) })?;
        Ok((pointer.cast(), length as usize))
    }

    /// An int as `hex()` writes it: of any size, in linear time.
    pub(crate) fn hexadecimal(self, int: &Owned<'g>) -> Outcome<String> {
        let format = self.text("#x")?;
        int.getattr("__format__")?.call(&[format], None)?.to_text()
    }

    pub(crate) fn tuple_of_ints(self, values: &[i64]) -> Outcome<Owned<'g>> {
        let items = values.iter().map(|value| self.int(*value)).collect::<Outcome<Vec<_>>>()?;
        self.tuple(items.into_iter())
    }

    pub(crate) fn tuple_len(self, tuple: Option<&Owned<'g>>) -> usize {
        // SAFETY: callers pass tuples only.
        tuple.map_or(0, |tuple| unsafe { (self.api().PyTuple_Size)(tuple.as_ptr()) }.max(0) as usize)
    }

    /// The UTF-8 of a str, alive as long as the str; None where it holds lone surrogates.
    pub(crate) fn utf8(self, text: &Owned<'g>) -> Option<(*const std::ffi::c_char, usize)> {
        let mut length = 0;
        // SAFETY: a live str.
        let pointer = unsafe { (self.api().PyUnicode_AsUTF8AndSize)(text.as_ptr(), &mut length) };
        if pointer.is_null() {
            self.clear_exception();
            return None;
        }
        Some((pointer, length as usize))
    }

    pub(crate) fn import(self, name: &str) -> Outcome<Owned<'g>> {
        let name = self.text(name)?;
        // SAFETY: a live str.
        unsafe { self.own((self.api().PyImport_Import)(name.as_ptr())) }
    }

    /// The namespace of `__main__`.
    pub(crate) fn main_namespace(self) -> Outcome<Owned<'g>> {
        // SAFETY: both results are borrowed from the module table, which outlives this operation.
        unsafe {
            let main = (self.api().PyImport_AddModule)(c"__main__".as_ptr());
            let main = NonNull::new(main).ok_or(Failure::Python)?;
            let dict = (self.api().PyModule_GetDict)(main.as_ptr());
            Ok(self.share(NonNull::new(dict).ok_or(Failure::Python)?))
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

/// Operations with the object's own protocols.
impl<'g> Python<'g> {
    pub(crate) fn apply1(self, function: Unary, operand: &Owned<'g>) -> Outcome<Owned<'g>> {
        // SAFETY: a function of one live object that gives a new reference.
        unsafe { self.own(function(operand.as_ptr())) }
    }

    pub(crate) fn apply2(self, function: Binary, left: &Owned<'g>, right: &Owned<'g>) -> Outcome<Owned<'g>> {
        // SAFETY: a function of two live objects that gives a new reference.
        unsafe { self.own(function(left.as_ptr(), right.as_ptr())) }
    }

    pub(crate) fn power(self, function: Ternary, left: &Owned<'g>, right: &Owned<'g>) -> Outcome<Owned<'g>> {
        // SAFETY: live objects; None stands for "no modulus".
        unsafe { self.own(function(left.as_ptr(), right.as_ptr(), self.api()._Py_NoneStruct)) }
    }

    /// `operator` counts from `<` as CPython does: <, <=, ==, !=, >, >=.
    pub(crate) fn compare(self, left: &Owned<'g>, right: &Owned<'g>, operator: u32) -> Outcome<Owned<'g>> {
        // SAFETY: live objects, and an operator from 0 to 5.
        unsafe { self.own((self.api().PyObject_RichCompare)(left.as_ptr(), right.as_ptr(), operator as i32)) }
    }

    pub(crate) fn str(self, object: &Owned<'g>) -> Outcome<Owned<'g>> {
        self.apply1(self.api().PyObject_Str, object)
    }

    pub(crate) fn repr(self, object: &Owned<'g>) -> Outcome<Owned<'g>> {
        self.apply1(self.api().PyObject_Repr, object)
    }

    pub(crate) fn iter(self, object: &Owned<'g>) -> Outcome<Owned<'g>> {
        self.apply1(self.api().PyObject_GetIter, object)
    }

    pub(crate) fn get_item(self, object: &Owned<'g>, key: &Owned<'g>) -> Outcome<Owned<'g>> {
        self.apply2(self.api().PyObject_GetItem, object, key)
    }

    pub(crate) fn assign_item(self, object: &Owned<'g>, key: &Owned<'g>, value: &Owned<'g>) -> Outcome<()> {
        // SAFETY: live objects.
        self.done(unsafe { (self.api().PyObject_SetItem)(object.as_ptr(), key.as_ptr(), value.as_ptr()) })
    }

    pub(crate) fn delete_item(self, object: &Owned<'g>, key: &Owned<'g>) -> Outcome<()> {
        // SAFETY: live objects.
        self.done(unsafe { (self.api().PyObject_DelItem)(object.as_ptr(), key.as_ptr()) })
    }

    pub(crate) fn contains(self, object: &Owned<'g>, item: &Owned<'g>) -> Outcome<bool> {
        // SAFETY: live objects.
        self.number(unsafe { (self.api().PySequence_Contains)(object.as_ptr(), item.as_ptr()) as i64 }).map(|found| found != 0)
    }

    pub(crate) fn truth(self, object: &Owned<'g>) -> Outcome<bool> {
        // SAFETY: a live object.
        self.number(unsafe { (self.api().PyObject_IsTrue)(object.as_ptr()) as i64 }).map(|truth| truth != 0)
    }

    pub(crate) fn length(self, object: &Owned<'g>) -> Outcome<i64> {
        // SAFETY: a live object.
        self.number(unsafe { (self.api().PyObject_Size)(object.as_ptr()) as i64 })
    }

    pub(crate) fn hash(self, object: &Owned<'g>) -> Outcome<i64> {
        // SAFETY: a live object.
        self.number(unsafe { (self.api().PyObject_Hash)(object.as_ptr()) as i64 })
    }

    /// A number for which -1 means that an exception is set.
    fn number(self, number: i64) -> Outcome<i64> {
        if number == -1 { Err(Failure::Python) } else { Ok(number) }
    }

    /// The next item, or None at the end.
    pub(crate) fn next(self, iterator: &Owned<'g>) -> Outcome<Option<Owned<'g>>> {
        let api = self.api();
        // SAFETY: live objects; PyIter_Next is only for objects that pass PyIter_Check.
        let item = unsafe {
            if (api.PyIter_Check)(iterator.as_ptr()) == 0 {
                (api.PyErr_SetString)(*api.PyExc_TypeError.cast::<Object>(), c"the object is not an iterator: make one with emb_object_iter".as_ptr());
                return Err(Failure::Python);
            }
            (api.PyIter_Next)(iterator.as_ptr())
        };
        if item.is_null() && !self.exception_is_set() {
            return Ok(None);
        }
        // SAFETY: NULL with an exception set, or a new reference.
        unsafe { self.own(item) }.map(Some)
    }

    /// An instance of a subclass of int, float, str or bytes as a plain one; others as they are.
    pub(crate) fn plain(self, object: Owned<'g>) -> Outcome<Owned<'g>> {
        let api = self.api();
        let class = object.type_ptr();
        let base = [api.PyLong_Type, api.PyFloat_Type, api.PyUnicode_Type, api.PyBytes_Type].into_iter();
        let Some(base) = base.into_iter().find(|base| class != *base && self.is_subtype(class, *base)) else { return Ok(object) };
        if object.as_ptr() == api._Py_TrueStruct || object.as_ptr() == api._Py_FalseStruct {
            return Ok(object);
        }
        // The base's own conversion: the subclass may have overridden the special methods.
        let base_type = self.constant(base);
        if base == api.PyLong_Type {
            base_type.getattr("__int__")?.call(&[object], None)
        } else if base == api.PyFloat_Type {
            base_type.getattr("__float__")?.call(&[object], None)
        } else {
            let whole = self.slice(&self.none(), &self.none(), &self.none())?;
            base_type.getattr("__getitem__")?.call(&[object, whole], None)
        }
    }

    /// A value, or None with the Python exception cleared.
    pub(crate) fn or_clear<T>(self, outcome: Outcome<T>) -> Option<T> {
        outcome.inspect_err(|_| self.clear_exception()).ok()
    }
}
