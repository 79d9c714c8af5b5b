//! The functions of an object's type that an operation ends in. `PyObject_Vectorcall` and
//! `PyObject_GetAttr` look for them each time; where they stand is measured, so that one call is one call.
//!
//! What `PyObject_Vectorcall` does besides is to check that the callee has given either a result or an
//! exception. So do the operations that are not the usual ones; these do as the interpreter itself,
//! which does not check a function written in C once it knows the place where that is called.

use std::ffi::c_ulong;

use super::ffi::{Object, PY_TPFLAGS_HAVE_VECTORCALL};
use super::gil::Python;
use super::object::Owned;
use super::symbols::{Binary, Symbols, Vectorcall};

/// A type object is at least as large, in every version that has the function of a class in it.
const TYPE: usize = 408;
/// So is the method of a type written in C.
const METHOD: usize = 56;

/// How this Python lays out its types.
pub(crate) struct TypeSlots {
    vectorcall: Option<VectorcallPlaces>,
    /// Where in a type the function stands that reads attributes; None where that is not known.
    pub getattro: Option<usize>,
}

/// Where in a type these two stand.
struct VectorcallPlaces {
    flags: usize,
    /// Where in an instance its function stands.
    offset: usize,
}

impl TypeSlots {
    /// Finds out, if it may: the GIL has to be held.
    pub(crate) fn new(api: &Symbols, in_place: bool) -> Self {
        TypeSlots {
            vectorcall: in_place.then(|| VectorcallPlaces::measured(api)).flatten(),
            getattro: in_place.then(|| place_of_getattro(api)).flatten(),
        }
    }

    pub(crate) fn are_in_place(&self) -> bool {
        self.vectorcall.is_some() && self.getattro.is_some()
    }

    /// The function that an object brings with it.
    ///
    /// # Safety
    /// `callable` is a live object of `class`, and the GIL is held.
    #[inline(always)]
    unsafe fn vectorcall(&self, callable: Object, class: Object) -> Option<Vectorcall> {
        let places = self.vectorcall.as_ref()?;
        // SAFETY: the caller's promise, and what `measured` has found.
        unsafe {
            let flags = *class.byte_add(places.flags).cast::<c_ulong>();
            if flags & c_ulong::from(PY_TPFLAGS_HAVE_VECTORCALL) == 0 {
                return None;
            }
            let offset = *class.byte_add(places.offset).cast::<usize>();
            *callable.byte_add(offset).cast::<Option<Vectorcall>>()
        }
    }
}

impl<'g> Python<'g> {
    /// What calls an object, if this Python has such a function.
    #[inline(always)]
    pub(crate) fn vectorcall_of(self, callable: &Owned<'g>) -> Option<Vectorcall> {
        let slots = &self.runtime.type_slots;
        // SAFETY: a live object, and the token says that the GIL is held.
        let own = unsafe { slots.vectorcall(callable.as_ptr(), callable.type_ptr()) };
        own.or(self.api().PyObject_Vectorcall)
    }

    /// What reads an attribute of an object, by a str.
    #[inline(always)]
    pub(crate) fn getattro_of(self, object: &Owned<'g>) -> Binary {
        let place = self.runtime.type_slots.getattro;
        // SAFETY: a live type, and what `place_of_getattro` has found.
        let own = place.and_then(|place| unsafe {
            *object.type_ptr().byte_add(place).cast::<Option<Binary>>()
        });
        own.unwrap_or(self.api().PyObject_GetAttr)
    }
}

/// The one place where each of `types` has the word that `expected` gives for it.
///
/// # Safety
/// They are live types.
unsafe fn place_of(types: &[Object], expected: impl Fn(Object) -> usize) -> Option<usize> {
    let expected: Vec<usize> = types.iter().map(|class| expected(*class)).collect();
    let has = |place: &usize| {
        let mut both = types.iter().zip(&expected);
        // SAFETY: the caller's promise; a type is as large.
        both.all(
            |(class, expected)| unsafe { *class.byte_add(*place).cast::<usize>() } == *expected,
        )
    };
    let mut found = (0..TYPE).step_by(size_of::<usize>()).filter(has);
    found.next().filter(|_| found.next().is_none())
}

/// Looks into classes of which it is known.
fn place_of_getattro(api: &Symbols) -> Option<usize> {
    let known = [api.PyUnicode_Type, api.PyList_Type, api.PyDict_Type];
    // SAFETY: live types.
    unsafe { place_of(&known, |_| api.PyObject_GenericGetAttr as usize) }
}

impl VectorcallPlaces {
    /// Looks at classes, which are called by functions of their own, and then at a method.
    fn measured(api: &Symbols) -> Option<Self> {
        let function = api.PyVectorcall_Function?;
        // SAFETY: a live object.
        let function = |object| unsafe { function(object) }.map_or(0, |found| found as usize);
        let classes = [
            api.PyList_Type,
            api.PyTuple_Type,
            api.PyFloat_Type,
            api.PyDict_Type,
        ];
        // SAFETY: live types.
        let (flags, offset) = unsafe {
            let flags = place_of(&classes, |class| (api.PyType_GetFlags)(class) as usize)?;
            let in_class = place_of(&classes, function)?;
            (flags, place_of(&[api.PyType_Type], |_| in_class)?)
        };
        // SAFETY: a method of a type, read within its size and as long as it is alive.
        let is_so = unsafe {
            let name = (api.PyUnicode_FromStringAndSize)(c"upper".as_ptr(), 5);
            let method = (api.PyObject_GetAttr)(api.PyUnicode_Type, name);
            let place = *api.PyMethodDescr_Type.byte_add(offset).cast::<usize>();
            let is_inside = place < METHOD && place.is_multiple_of(size_of::<usize>());
            let is_so = is_inside && *method.byte_add(place).cast::<usize>() == function(method);
            (api.Py_DecRef)(method);
            (api.Py_DecRef)(name);
            is_so
        };
        is_so.then_some(VectorcallPlaces { flags, offset })
    }
}
