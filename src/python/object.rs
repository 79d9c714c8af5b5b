//! An owned reference, and the operations on objects that the rest of the crate needs.

use std::ptr::{self, NonNull};

use smallvec::SmallVec;

use super::ffi::{Object, PyObject, VECTORCALL_ARGUMENTS_OFFSET};
use super::gil::Python;
use crate::failure::Outcome;

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

    pub(crate) fn getattr(&self, name: impl AsRef<[u8]>) -> Outcome<Owned<'g>> {
        let name = self.py.runtime.names.get(self.py, name.as_ref())?.object;
        // SAFETY: two live objects.
        unsafe {
            self.py.own((self.py.api().PyObject_GetAttr)(
                self.as_ptr(),
                name.as_ptr(),
            ))
        }
    }

    pub(crate) fn setattr(&self, name: impl AsRef<[u8]>, value: Option<&Owned<'g>>) -> Outcome<()> {
        let name = self.py.runtime.names.get(self.py, name.as_ref())?.object;
        let value = value.map_or(ptr::null_mut(), Owned::as_ptr);
        // SAFETY: live objects; a null value deletes the attribute.
        self.py
            .done(unsafe { (self.py.api().PyObject_SetAttr)(self.as_ptr(), name.as_ptr(), value) })
    }

    /// Calls the object. `args` holds the positional arguments, then one for each name in
    /// `keywords`, a tuple of str.
    pub(crate) fn call(
        &self,
        args: &[Owned<'g>],
        keywords: Option<&Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
        match self.py.api().PyObject_Vectorcall {
            Some(vectorcall) => {
                let mut pointers: SmallVec<[Object; 12]> = SmallVec::with_capacity(args.len() + 1);
                pointers.push(ptr::null_mut());
                pointers.extend(args.iter().map(Owned::as_ptr));
                let named = self.py.tuple_len(keywords);
                let count = (args.len() - named) | VECTORCALL_ARGUMENTS_OFFSET;
                let keywords = keywords.map_or(ptr::null_mut(), Owned::as_ptr);
                // SAFETY: live objects; the slot before the first argument is free to be written.
                unsafe {
                    self.py.own(vectorcall(
                        self.as_ptr(),
                        pointers.as_ptr().add(1),
                        count,
                        keywords,
                    ))
                }
            }
            None => self.call_by_tuple(args, keywords),
        }
    }

    /// The way of Python 3.8 and 3.9, which do not export vectorcall.
    fn call_by_tuple(
        &self,
        args: &[Owned<'g>],
        keywords: Option<&Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
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
                    py.done(unsafe {
                        (py.api().PyDict_SetItem)(dict.as_ptr(), name, value.as_ptr())
                    })?;
                }
                Some(dict)
            }
            None => None,
        };
        let dict = dict.as_ref().map_or(ptr::null_mut(), Owned::as_ptr);
        // SAFETY: live objects of the right types.
        unsafe {
            py.own((py.api().PyObject_Call)(
                self.as_ptr(),
                tuple.as_ptr(),
                dict,
            ))
        }
    }

    /// `str(self)`, as Rust text; lone surrogates are written with backslashes.
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
