//! CPython's C types as far as libemb needs them. Python objects are opaque: nothing here
//! depends on a layout that differs between versions.

#![allow(non_snake_case)]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

use super::symbols::Symbols;

/// A Python object; its inside is CPython's own business.
#[repr(C)]
pub struct PyObject {
    opaque: [u8; 0],
}

/// A thread state, as opaque as an object.
#[repr(C)]
pub(crate) struct PyThreadState {
    opaque: [u8; 0],
}

/// An interpreter: one of the process's separate Pythons, of which libemb uses the main one.
#[repr(C)]
pub(crate) struct PyInterpreterState {
    opaque: [u8; 0],
}

pub(crate) type Object = *mut PyObject;

/// The buffer protocol's view, the same in every version since 3.0 (and stable ABI since 3.11).
#[repr(C)]
pub(crate) struct PyBuffer {
    pub buf: *mut c_void,
    pub obj: Object,
    pub len: isize,
    pub itemsize: isize,
    pub readonly: c_int,
    pub ndim: c_int,
    pub format: *mut c_char,
    pub shape: *mut isize,
    pub strides: *mut isize,
    pub suboffsets: *mut isize,
    pub internal: *mut c_void,
}

pub(crate) const PYBUF_WRITABLE: c_int = 0x1;
pub(crate) const PYBUF_FORMAT: c_int = 0x4;
pub(crate) const PYBUF_ND: c_int = 0x8;
pub(crate) const PYBUF_STRIDES: c_int = 0x10 | PYBUF_ND;
pub(crate) const PYBUF_C_CONTIGUOUS: c_int = 0x20 | PYBUF_STRIDES;
pub(crate) const PYBUF_F_CONTIGUOUS: c_int = 0x40 | PYBUF_STRIDES;
pub(crate) const PYBUF_ANY_CONTIGUOUS: c_int = 0x80 | PYBUF_STRIDES;
pub(crate) const PYBUF_FULL_RO: c_int = 0x100 | PYBUF_STRIDES | PYBUF_FORMAT;

/// Argument of `PyType_FromSpec` (stable ABI).
#[repr(C)]
pub(crate) struct PyTypeSlot {
    pub slot: c_int,
    pub pfunc: *mut c_void,
}

impl PyTypeSlot {
    pub(crate) fn new(slot: c_int, pfunc: *mut c_void) -> Self {
        PyTypeSlot { slot, pfunc }
    }
}

/// Argument of `PyType_FromSpec` (stable ABI).
#[repr(C)]
pub(crate) struct PyTypeSpec {
    pub name: *const c_char,
    pub basicsize: c_int,
    pub itemsize: c_int,
    pub flags: c_uint,
    pub slots: *mut PyTypeSlot,
}

// Slot numbers of typeslots.h (stable ABI).
pub(crate) const PY_BF_GETBUFFER: c_int = 1;
pub(crate) const PY_BF_RELEASEBUFFER: c_int = 2;
pub(crate) const PY_TP_CALL: c_int = 50;
pub(crate) const PY_TP_CLEAR: c_int = 51;
pub(crate) const PY_TP_DEALLOC: c_int = 52;
pub(crate) const PY_TP_DESCR_GET: c_int = 54;
pub(crate) const PY_TP_DOC: c_int = 56;
pub(crate) const PY_TP_NEW: c_int = 65;
pub(crate) const PY_TP_REPR: c_int = 66;
pub(crate) const PY_TP_TRAVERSE: c_int = 71;
pub(crate) const PY_TP_MEMBERS: c_int = 72;
pub(crate) const PY_TP_GETSET: c_int = 73;

pub(crate) const PY_TPFLAGS_DEFAULT: c_uint = 1 << 18;
pub(crate) const PY_TPFLAGS_HAVE_GC: c_uint = 1 << 14;
pub(crate) const PY_TPFLAGS_HAVE_VECTORCALL: c_uint = 1 << 11;
pub(crate) const PY_TPFLAGS_BASETYPE: c_uint = 1 << 10;

/// What the garbage collector is told the references of an object with.
pub(crate) type Visit = unsafe extern "C" fn(Object, *mut c_void) -> c_int;

pub(crate) type Getter = unsafe extern "C" fn(Object, *mut c_void) -> Object;
pub(crate) type Setter = unsafe extern "C" fn(Object, Object, *mut c_void) -> c_int;

/// CPython's PyGetSetDef (stable ABI), whose functions are told their own name.
#[repr(C)]
pub(crate) struct GetSet {
    name: *const c_char,
    get: Option<Getter>,
    set: Option<Setter>,
    doc: *const c_char,
    closure: *mut c_void,
}

impl GetSet {
    pub(crate) const END: Self = GetSet {
        name: std::ptr::null(),
        get: None,
        set: None,
        doc: std::ptr::null(),
        closure: std::ptr::null_mut(),
    };

    pub(crate) const fn new(name: &'static CStr, get: Getter, set: Option<Setter>) -> Self {
        GetSet {
            name: name.as_ptr(),
            get: Some(get),
            set,
            doc: std::ptr::null(),
            closure: name.as_ptr().cast_mut().cast(),
        }
    }
}

/// CPython's PyMemberDef (stable ABI), of a number that is only read.
#[repr(C)]
pub(crate) struct Member {
    name: *const c_char,
    kind: c_int,
    offset: isize,
    flags: c_int,
    doc: *const c_char,
}

impl Member {
    const SIZE: c_int = 19; // Py_T_PYSSIZET
    const READ_ONLY: c_int = 1;

    pub(crate) const END: Self = Member {
        name: std::ptr::null(),
        kind: 0,
        offset: 0,
        flags: 0,
        doc: std::ptr::null(),
    };

    pub(crate) const fn number(name: &'static CStr, offset: usize) -> Self {
        Member {
            name: name.as_ptr(),
            kind: Self::SIZE,
            offset: offset as isize,
            flags: Self::READ_ONLY,
            doc: std::ptr::null(),
        }
    }
}

/// Set in a vectorcall's argument count when the slot before the first argument may be written.
pub(crate) const VECTORCALL_ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

/// CPython's PyMethodDef (stable ABI), of a function that gets nothing but a useless `self`.
#[repr(C)]
pub(crate) struct NoArguments {
    name: *const c_char,
    function: unsafe extern "C" fn(Object, Object) -> Object,
    flags: c_int,
    doc: *const c_char,
}

// SAFETY: constants.
unsafe impl Sync for NoArguments {}

impl NoArguments {
    const FLAGS: c_int = 0x04;

    pub(crate) const fn new(
        name: &'static CStr,
        function: unsafe extern "C" fn(Object, Object) -> Object,
    ) -> Self {
        NoArguments {
            name: name.as_ptr(),
            function,
            flags: Self::FLAGS,
            doc: std::ptr::null(),
        }
    }

    /// A new reference, or NULL with an exception set.
    ///
    /// # Safety
    /// The GIL is held.
    pub(crate) unsafe fn to_callable(&'static self, api: &Symbols) -> Object {
        let definition = std::ptr::from_ref(self).cast_mut().cast();
        let null = std::ptr::null_mut();
        // SAFETY: the definition is static, and never written to.
        unsafe { (api.PyCFunction_NewEx)(definition, null, null) }
    }
}
