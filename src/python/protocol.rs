//! Operations on objects through Python's protocols: items, iteration, operators, text, truth.

use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use super::raise;
use super::symbols::{Binary, Ternary, Unary};
use crate::failure::{Failure, Outcome};

/// What an iterator gives for a step.
pub(crate) enum Step<'g> {
    Item(Owned<'g>),
    /// It has ended with this value, which only generators and coroutines have.
    End(Owned<'g>),
}

impl<'g> Python<'g> {
    pub(crate) fn apply1(self, function: Unary, operand: &Owned<'g>) -> Outcome<Owned<'g>> {
        // SAFETY: a function of one live object that gives a new reference.
        unsafe { self.own(function(operand.as_ptr())) }
    }

    pub(crate) fn apply2(
        self,
        function: Binary,
        left: &Owned<'g>,
        right: &Owned<'g>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: a function of two live objects that gives a new reference.
        unsafe { self.own(function(left.as_ptr(), right.as_ptr())) }
    }

    pub(crate) fn power(
        self,
        function: Ternary,
        left: &Owned<'g>,
        right: &Owned<'g>,
        modulus: &Owned<'g>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: live objects; a modulus of None means that there is none.
        unsafe { self.own(function(left.as_ptr(), right.as_ptr(), modulus.as_ptr())) }
    }

    /// `operator` counts from `<` as CPython does: <, <=, ==, !=, >, >=.
    pub(crate) fn compare(
        self,
        left: &Owned<'g>,
        right: &Owned<'g>,
        operator: u32,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: live objects, and an operator from 0 to 5.
        unsafe {
            self.own((self.api().PyObject_RichCompare)(
                left.as_ptr(),
                right.as_ptr(),
                operator as i32,
            ))
        }
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

    pub(crate) fn assign_item(
        self,
        object: &Owned<'g>,
        key: &Owned<'g>,
        value: &Owned<'g>,
    ) -> Outcome<()> {
        // SAFETY: live objects.
        self.done(unsafe {
            (self.api().PyObject_SetItem)(object.as_ptr(), key.as_ptr(), value.as_ptr())
        })
    }

    pub(crate) fn delete_item(self, object: &Owned<'g>, key: &Owned<'g>) -> Outcome<()> {
        // SAFETY: live objects.
        self.done(unsafe { (self.api().PyObject_DelItem)(object.as_ptr(), key.as_ptr()) })
    }

    pub(crate) fn contains(self, object: &Owned<'g>, item: &Owned<'g>) -> Outcome<bool> {
        // SAFETY: live objects.
        self.number(unsafe {
            (self.api().PySequence_Contains)(object.as_ptr(), item.as_ptr()) as i64
        })
        .map(|found| found != 0)
    }

    pub(crate) fn truth(self, object: &Owned<'g>) -> Outcome<bool> {
        // SAFETY: a live object.
        self.number(unsafe { (self.api().PyObject_IsTrue)(object.as_ptr()) as i64 })
            .map(|truth| truth != 0)
    }

    pub(crate) fn is_instance(self, object: &Owned<'g>, class: &Owned<'g>) -> Outcome<bool> {
        // SAFETY: live objects.
        let is = unsafe { (self.api().PyObject_IsInstance)(object.as_ptr(), class.as_ptr()) };
        self.number(is.into()).map(|is| is != 0)
    }

    pub(crate) fn is_subclass(self, class: &Owned<'g>, base: &Owned<'g>) -> Outcome<bool> {
        // SAFETY: live objects.
        let is = unsafe { (self.api().PyObject_IsSubclass)(class.as_ptr(), base.as_ptr()) };
        self.number(is.into()).map(|is| is != 0)
    }

    /// Whether the exception that is set is of a class, which a variable of CPython holds.
    pub(crate) fn exception_is(self, class: Object) -> bool {
        // SAFETY: an exception is set; the symbol is a variable that holds a class.
        unsafe { (self.api().PyErr_ExceptionMatches)(*class.cast()) != 0 }
    }

    /// A value, or None where reading it raised AttributeError.
    pub(crate) fn unless_attribute_error(
        self,
        value: Outcome<Owned<'g>>,
    ) -> Outcome<Option<Owned<'g>>> {
        let api = self.api();
        match value {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Python) if self.exception_is(api.PyExc_AttributeError) => {
                self.clear_exception();
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// An attribute, or None where there is none.
    pub(crate) fn attribute(self, object: &Owned<'g>, name: &str) -> Outcome<Option<Owned<'g>>> {
        let api = self.api();
        let lookup = api.PyObject_GetOptionalAttr.or(api._PyObject_LookupAttr);
        let Some(lookup) = lookup else {
            return self.unless_attribute_error(object.getattr(name));
        };
        let name = self.runtime.names.get(self, name.as_bytes())?;
        let mut found = std::ptr::null_mut();
        // SAFETY: two live objects, and a place for the third.
        self.done(unsafe { lookup(object.as_ptr(), name.as_ptr(), &mut found) })?;
        // SAFETY: a new reference, or null without an exception.
        Ok(unsafe { self.own(found) }.ok())
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
        if number == -1 {
            Err(Failure::Python)
        } else {
            Ok(number)
        }
    }

    /// The next item, or None at the end.
    pub(crate) fn next(self, iterator: &Owned<'g>) -> Outcome<Option<Owned<'g>>> {
        let api = self.api();
        // SAFETY: live objects; PyIter_Next is only for objects that pass PyIter_Check.
        let item = unsafe {
            if (api.PyIter_Check)(iterator.as_ptr()) == 0 {
                return Err(self.no_iterator());
            }
            (api.PyIter_Next)(iterator.as_ptr())
        };
        if item.is_null() && !self.exception_is_set() {
            return Ok(None);
        }
        // SAFETY: NULL with an exception set, or a new reference.
        unsafe { self.own(item) }.map(Some)
    }

    fn no_iterator(self) -> Failure {
        // SAFETY: a variable that holds a class, and a static text.
        unsafe {
            (self.api().PyErr_SetString)(
                *self.api().PyExc_TypeError.cast::<Object>(),
                c"the object is not an iterator: make one with emb_object_iter".as_ptr(),
            );
        }
        Failure::Python
    }

    /// What an iterator gives when `value` is sent to it: None where it only goes on.
    pub(crate) fn send(self, iterator: &Owned<'g>, value: &Owned<'g>) -> Outcome<Step<'g>> {
        let api = self.api();
        // SAFETY: a live object.
        let is_iterator = unsafe { (api.PyIter_Check)(iterator.as_ptr()) != 0 };
        // Coroutines are none, and can be sent to.
        if !is_iterator && self.attribute(iterator, "send")?.is_none() {
            return Err(self.no_iterator());
        }
        let Some(send) = api.PyIter_Send else {
            return self.send_by_method(iterator, value, is_iterator);
        };
        let mut given = std::ptr::null_mut();
        // SAFETY: two live objects, and a place for the third.
        let status = unsafe { send(iterator.as_ptr(), value.as_ptr(), &mut given) };
        // SAFETY: a new reference, or null with an exception set.
        let given = unsafe { self.own(given) }?;
        Ok(match status {
            1 => Step::Item(given),
            _ => Step::End(given),
        })
    }

    fn send_by_method(
        self,
        iterator: &Owned<'g>,
        value: &Owned<'g>,
        is_iterator: bool,
    ) -> Outcome<Step<'g>> {
        let api = self.api();
        let given = if is_iterator && value.as_ptr() == self.none().as_ptr() {
            iterator.getattr("__next__")?.call(&[], None)
        } else {
            iterator
                .getattr("send")?
                .call(std::slice::from_ref(value), None)
        };
        match given {
            Err(Failure::Python) if self.exception_is(api.PyExc_StopIteration) => {
                let end = raise::fetch(self).ok_or(Failure::Python)?;
                Ok(Step::End(end.getattr("value")?))
            }
            given => given.map(Step::Item),
        }
    }

    /// A value, or None with the Python exception cleared.
    pub(crate) fn or_clear<T>(self, outcome: Outcome<T>) -> Option<T> {
        outcome.inspect_err(|_| self.clear_exception()).ok()
    }
}
