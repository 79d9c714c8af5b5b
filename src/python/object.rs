//! An owned reference, and the operations on objects that the rest of the crate needs.

use std::marker::PhantomData;
use std::ptr::{self, NonNull};

use super::arguments::{Arguments, Room};
use super::ffi::{Object, PyObject};
use super::gil::Python;
use super::runtime;
use crate::failure::Outcome;
use crate::thread;

/// A reference that is released when it goes out of scope. Bound to the GIL: it cannot outlive
/// the operation, nor travel to another thread.
///
/// It is as large as a pointer, and `Option<Owned>` is a pointer that may be null, so that an array
/// of them is what CPython's calls take.
#[repr(transparent)]
pub(crate) struct Owned<'g> {
    object: NonNull<PyObject>,
    gil: PhantomData<Python<'g>>,
}

impl<'g> Owned<'g> {
    /// # Safety
    /// The caller owns the reference and gives it up.
    #[inline]
    pub(crate) unsafe fn new(_py: Python<'g>, object: NonNull<PyObject>) -> Self {
        Owned {
            object,
            gil: PhantomData,
        }
    }

    /// The proof that this reference rests on.
    #[inline]
    fn py(&self) -> Python<'g> {
        // SAFETY: a reference exists in one thread only, under a `Python<'g>` of that thread, whose
        // record outlives it; and there is one only while Python is loaded.
        unsafe { Python::assume(runtime::loaded_unchecked(), &*thread::current()) }
    }

    #[inline]
    pub(crate) fn as_ptr(&self) -> Object {
        self.object.as_ptr()
    }

    #[inline]
    pub(crate) fn as_non_null(&self) -> NonNull<PyObject> {
        self.object
    }

    /// What the drop does, in line.
    #[inline(always)]
    pub(crate) fn end(self) {
        let object = self.into_raw().as_ptr();
        // SAFETY: as in `drop`.
        unsafe { runtime::loaded_unchecked().counts.decrease(object) }
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
        // SAFETY: there is an object, so Python is loaded.
        unsafe { runtime::loaded_unchecked() }.type_of(self.object)
    }

    pub(crate) fn getattr(&self, name: impl AsRef<[u8]>) -> Outcome<Owned<'g>> {
        self.py().getattr(self, name.as_ref())
    }

    pub(crate) fn setattr(&self, name: impl AsRef<[u8]>, value: Option<&Owned<'g>>) -> Outcome<()> {
        let py = self.py();
        let name = py.runtime.names.get(py, name.as_ref())?;
        let value = value.map_or(ptr::null_mut(), Owned::as_ptr);
        // SAFETY: live objects; a null value deletes the attribute.
        py.done(unsafe { (self.py().api().PyObject_SetAttr)(self.as_ptr(), name.as_ptr(), value) })
    }

    /// Calls the object. `args` holds the positional arguments, then one for each name in
    /// `keywords`, a tuple of str.
    pub(crate) fn call(
        &self,
        args: &[Owned<'g>],
        keywords: Option<&Owned<'g>>,
    ) -> Outcome<Owned<'g>> {
        let mut room = Room::new();
        let mut arguments = room.arguments(args.len());
        args.iter().for_each(|one| arguments.push(one.clone()));
        let names = keywords.map_or(ptr::null_mut(), Owned::as_ptr);
        let named = (self.py().tuple_len(keywords), names);
        self.py().call(self, &mut arguments, named)
    }

    /// The way of Python 3.8 and 3.9, which do not export vectorcall.
    #[cold]
    fn call_by_tuple(
        &self,
        args: &[Owned<'g>],
        (named, keywords): (usize, Object),
    ) -> Outcome<Owned<'g>> {
        let py = self.py();
        let positional = args.len() - named;
        let tuple = py.tuple(args[..positional].iter().map(Owned::clone))?;
        let dict = match NonNull::new(keywords) {
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
        let text = unsafe {
            self.py()
                .own((self.py().api().PyObject_Str)(self.as_ptr()))?
        };
        if let Some((pointer, length)) = self.py().utf8(&text) {
            // SAFETY: CPython's own UTF-8, alive as long as `text`.
            let bytes = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), length) };
            return Ok(String::from_utf8_lossy(bytes).into_owned());
        }
        let codec = [
            self.py().text("utf-8")?,
            self.py().text("backslashreplace")?,
        ];
        let bytes = text.getattr("encode")?.call(&codec, None)?;
        bytes.getattr("decode")?.call(&[], None)?.to_text()
    }
}

impl Clone for Owned<'_> {
    fn clone(&self) -> Self {
        // SAFETY: `self` keeps the object alive.
        unsafe { self.py().share(self.object) }
    }
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        // SAFETY: this is the reference's owner, and its lifetime says that the GIL is held.
        unsafe {
            runtime::loaded_unchecked()
                .counts
                .decrease(self.object.as_ptr())
        }
    }
}

/// What the operations of the ABI do most. The token comes with them: looking for the thread's
/// record in each step would cost more than some of the steps.
impl<'g> Python<'g> {
    #[inline]
    pub(crate) fn getattr(self, object: &Owned<'g>, name: &[u8]) -> Outcome<Owned<'g>> {
        let name = self.runtime.names.get(self, name)?;
        // SAFETY: two live objects.
        unsafe {
            self.own((self.api().PyObject_GetAttr)(
                object.as_ptr(),
                name.as_ptr(),
            ))
        }
    }

    /// The function of a method of Python code that is bound to `object`.
    #[inline]
    pub(crate) fn function_of(self, method: &Owned<'g>, object: &Owned<'g>) -> Option<Owned<'g>> {
        if method.type_ptr() != self.api().PyMethod_Type {
            return None;
        }
        // SAFETY: an exact bound method, from which both are borrowed.
        unsafe {
            if (self.api().PyMethod_Self)(method.as_ptr()) != object.as_ptr() {
                return None;
            }
            let function = NonNull::new((self.api().PyMethod_Function)(method.as_ptr()))?;
            Some(self.share(function))
        }
    }

    /// Calls an object with what `Arguments` hold, of which the last belong to keywords: how many, and
    /// the tuple of their names.
    #[inline]
    pub(crate) fn call(
        self,
        callable: &Owned<'g>,
        arguments: &mut Arguments<'g, '_>,
        named: (usize, Object),
    ) -> Outcome<Owned<'g>> {
        let Some(vectorcall) = self.api().PyObject_Vectorcall else {
            return callable.call_by_tuple(arguments.as_slice(), named);
        };
        // SAFETY: calls the object with its arguments.
        unsafe { arguments.pass(self, vectorcall, callable.as_ptr(), named) }
    }

    /// Calls a method of the first of the arguments, without making an object of the method where
    /// that can be avoided.
    #[inline]
    pub(crate) fn call_method(
        self,
        name: &[u8],
        arguments: &mut Arguments<'g, '_>,
        named: (usize, Object),
    ) -> Outcome<Owned<'g>> {
        let Some(vectorcall_method) = self.api().PyObject_VectorcallMethod else {
            let (object, others) = arguments.of_method()?;
            return object.getattr(name)?.call_by_tuple(others, named);
        };
        let name = self.runtime.names.get(self, name)?;
        // SAFETY: calls the method of that name, of the first argument, with the others.
        unsafe { arguments.pass(self, vectorcall_method, name.as_ptr(), named) }
    }
}
