//! The part of CPython's C API that libemb uses, looked up by name at run time.
//!
//! Beside each function stands who owns what: `new` is an owned reference that the caller must
//! release, `borrowed` belongs to somebody else, `steals` takes over the reference it is given.
//! Functions that not every supported version has are optional.

#![allow(non_snake_case)]

use std::ffi::{CStr, c_char, c_int, c_longlong, c_ulong, c_ulonglong, c_void};

use super::arenas::ArenaAllocator;
use super::ffi::{Object, PyBuffer, PyInterpreterState, PyThreadState, PyTypeSpec};
use crate::platform::wchar_t;

pub(crate) type Unary = unsafe extern "C" fn(Object) -> Object;
pub(crate) type Binary = unsafe extern "C" fn(Object, Object) -> Object;
pub(crate) type Vectorcall = unsafe extern "C" fn(Object, *const Object, usize, Object) -> Object;
pub(crate) type Ternary = unsafe extern "C" fn(Object, Object, Object) -> Object;

/// Declares the table and its loader from one list.
macro_rules! symbols {
    (functions { $($name:ident: $type:ty;)* } optional { $($opt:ident: $opt_type:ty;)* } data { $($data:ident;)* }) => {
        /// CPython's functions and the addresses of its objects.
        pub(crate) struct Symbols {
            $(pub $name: $type,)*
            $(pub $opt: Option<$opt_type>,)*
            $(pub $data: Object,)*
        }

        impl Symbols {
            /// What every CPython that libemb can use has.
            pub(crate) const REQUIRED: &[&str] = &[$(stringify!($name),)* $(stringify!($data),)*];

            /// Fills the table through `lookup`, or gives the name of a symbol that is not there.
            ///
            /// # Safety
            /// `lookup` gives the addresses of one CPython's own symbols.
            pub(crate) unsafe fn load(lookup: &dyn Fn(&CStr) -> *mut c_void) -> Result<Self, &'static str> {
                let find = |name: &'static str| {
                    let c_name = CStr::from_bytes_with_nul(name.as_bytes()).unwrap_or(c"");
                    let address = lookup(c_name);
                    if address.is_null() { Err(name.trim_end_matches('\0')) } else { Ok(address) }
                };
                // SAFETY: the caller vouches for the addresses, and the types are CPython's declarations.
                unsafe {
                    Ok(Symbols {
                        $($name: std::mem::transmute::<*mut c_void, $type>(find(concat!(stringify!($name), "\0"))?),)*
                        $($opt: find(concat!(stringify!($opt), "\0")).ok().map(|address| std::mem::transmute::<*mut c_void, $opt_type>(address)),)*
                        $($data: find(concat!(stringify!($data), "\0"))?.cast(),)*
                    })
                }
            }
        }
    };
}

// SAFETY: a table of addresses that never change; what is behind them is only touched with the GIL.
unsafe impl Send for Symbols {}
// SAFETY: as above.
unsafe impl Sync for Symbols {}

symbols! {
    functions {
        // Starting, and the identity of what was loaded.
        Py_InitializeEx: unsafe extern "C" fn(c_int);
        Py_GetVersion: unsafe extern "C" fn() -> *const c_char; // static text
        Py_DecodeLocale: unsafe extern "C" fn(*const c_char, *mut usize) -> *mut wchar_t; // new wchar_t*, for PyMem_RawFree
        PyMem_RawFree: unsafe extern "C" fn(*mut c_void);

        // Thread states and the GIL.
        PyEval_SaveThread: unsafe extern "C" fn() -> *mut PyThreadState;
        PyEval_RestoreThread: unsafe extern "C" fn(*mut PyThreadState);
        PyEval_GetFrame: unsafe extern "C" fn() -> Object; // borrowed, NULL where no code of Python's runs
        PyGILState_Ensure: unsafe extern "C" fn() -> c_int;
        PyGILState_Release: unsafe extern "C" fn(c_int);
        PyGILState_GetThisThreadState: unsafe extern "C" fn() -> *mut PyThreadState; // borrowed
        PyInterpreterState_Main: unsafe extern "C" fn() -> *mut PyInterpreterState; // NULL before and after
        PyThreadState_New: unsafe extern "C" fn(*mut PyInterpreterState) -> *mut PyThreadState; // without the GIL
        PyThreadState_Clear: unsafe extern "C" fn(*mut PyThreadState);
        PyThreadState_Delete: unsafe extern "C" fn(*mut PyThreadState);
        PyThreadState_DeleteCurrent: unsafe extern "C" fn();
        Py_AddPendingCall: unsafe extern "C" fn(unsafe extern "C" fn(*mut c_void) -> c_int, *mut c_void) -> c_int;

        PyOS_BeforeFork: unsafe extern "C" fn();
        PyOS_AfterFork_Parent: unsafe extern "C" fn();
        PyOS_AfterFork_Child: unsafe extern "C" fn();
        PySys_GetObject: unsafe extern "C" fn(*const c_char) -> Object; // borrowed, NULL without an exception

        // Any object.
        Py_IncRef: unsafe extern "C" fn(Object);
        Py_DecRef: unsafe extern "C" fn(Object);
        _Py_Dealloc: unsafe extern "C" fn(Object); // one with no reference left; what Py_DECREF calls
        PyObject_GetAttr: Binary; // new
        PyObject_SetAttr: unsafe extern "C" fn(Object, Object, Object) -> c_int; // NULL value deletes
        PyObject_GenericGetAttr: Binary; // new; passes over the class's own `__getattr__`
        PyObject_GenericSetAttr: unsafe extern "C" fn(Object, Object, Object) -> c_int; // likewise
        PyObject_GetItem: Binary; // new
        PyObject_SetItem: unsafe extern "C" fn(Object, Object, Object) -> c_int;
        PyObject_DelItem: unsafe extern "C" fn(Object, Object) -> c_int;
        PyObject_Size: unsafe extern "C" fn(Object) -> isize;
        PyObject_IsTrue: unsafe extern "C" fn(Object) -> c_int;
        PyObject_Hash: unsafe extern "C" fn(Object) -> isize;
        PyObject_Repr: Unary; // new
        PyObject_Str: Unary; // new
        PyObject_GetIter: Unary; // new
        PyObject_Call: Ternary; // new
        PyObject_RichCompare: unsafe extern "C" fn(Object, Object, c_int) -> Object; // new
        PyIter_Next: Unary; // new, NULL without an exception at the end
        PySequence_Contains: unsafe extern "C" fn(Object, Object) -> c_int;
        PyType_GetFlags: unsafe extern "C" fn(Object) -> c_ulong;
        PyType_IsSubtype: unsafe extern "C" fn(Object, Object) -> c_int;
        PyIter_Check: unsafe extern "C" fn(Object) -> c_int;

        // Operators; all new.
        PyNumber_Add: Binary;
        PyNumber_Subtract: Binary;
        PyNumber_Multiply: Binary;
        PyNumber_TrueDivide: Binary;
        PyNumber_FloorDivide: Binary;
        PyNumber_Remainder: Binary;
        PyNumber_Divmod: Binary;
        PyNumber_Power: Ternary;
        PyNumber_Lshift: Binary;
        PyNumber_Rshift: Binary;
        PyNumber_And: Binary;
        PyNumber_Xor: Binary;
        PyNumber_Or: Binary;
        PyNumber_MatrixMultiply: Binary;
        PyNumber_Negative: Unary;
        PyNumber_Positive: Unary;
        PyNumber_Absolute: Unary;
        PyNumber_Invert: Unary;
        PyNumber_Index: Unary;
        PyNumber_InPlaceAdd: Binary;
        PyNumber_InPlaceSubtract: Binary;
        PyNumber_InPlaceMultiply: Binary;
        PyNumber_InPlaceTrueDivide: Binary;
        PyNumber_InPlaceFloorDivide: Binary;
        PyNumber_InPlaceRemainder: Binary;
        PyNumber_InPlacePower: Ternary;
        PyNumber_InPlaceLshift: Binary;
        PyNumber_InPlaceRshift: Binary;
        PyNumber_InPlaceAnd: Binary;
        PyNumber_InPlaceXor: Binary;
        PyNumber_InPlaceOr: Binary;
        PyNumber_InPlaceMatrixMultiply: Binary;

        // Values.
        PyLong_FromLongLong: unsafe extern "C" fn(c_longlong) -> Object; // new
        PyLong_FromUnsignedLongLong: unsafe extern "C" fn(c_ulonglong) -> Object; // new
        PyLong_FromString: unsafe extern "C" fn(*const c_char, *mut *mut c_char, c_int) -> Object; // new
        PyLong_AsLongLongAndOverflow: unsafe extern "C" fn(Object, *mut c_int) -> c_longlong;
        PyFloat_FromDouble: unsafe extern "C" fn(f64) -> Object; // new
        PyFloat_AsDouble: unsafe extern "C" fn(Object) -> f64;
        PyComplex_FromDoubles: unsafe extern "C" fn(f64, f64) -> Object; // new
        PyComplex_RealAsDouble: unsafe extern "C" fn(Object) -> f64;
        PyComplex_ImagAsDouble: unsafe extern "C" fn(Object) -> f64;
        PyUnicode_FromStringAndSize: unsafe extern "C" fn(*const c_char, isize) -> Object; // new
        PyUnicode_AsUTF8AndSize: unsafe extern "C" fn(Object, *mut isize) -> *const c_char; // lives as long as the str
        PyUnicode_InternInPlace: unsafe extern "C" fn(*mut Object); // may replace the reference
        PyBytes_FromStringAndSize: unsafe extern "C" fn(*const c_char, isize) -> Object; // new
        PyBytes_AsStringAndSize: unsafe extern "C" fn(Object, *mut *mut c_char, *mut isize) -> c_int; // lives as long as the bytes
        PyByteArray_FromStringAndSize: unsafe extern "C" fn(*const c_char, isize) -> Object; // new
        PySet_New: Unary; // new, of an iterable
        PyFrozenSet_New: Unary; // new, of an iterable
        PySequence_Fast: unsafe extern "C" fn(Object, *const c_char) -> Object; // new: a list or tuple
        PyList_Size: unsafe extern "C" fn(Object) -> isize;
        PyList_AsTuple: Unary; // new
        PyList_GetSlice: unsafe extern "C" fn(Object, isize, isize) -> Object; // new
        PyList_GetItem: unsafe extern "C" fn(Object, isize) -> Object; // borrowed
        PyObject_IsInstance: unsafe extern "C" fn(Object, Object) -> c_int;
        PyObject_IsSubclass: unsafe extern "C" fn(Object, Object) -> c_int;
        PyObject_Format: Binary; // new
        PyTuple_New: unsafe extern "C" fn(isize) -> Object; // new
        PyTuple_SetItem: unsafe extern "C" fn(Object, isize, Object) -> c_int; // steals the item, even on failure
        PyTuple_Size: unsafe extern "C" fn(Object) -> isize;
        PyTuple_GetItem: unsafe extern "C" fn(Object, isize) -> Object; // borrowed
        PyList_New: unsafe extern "C" fn(isize) -> Object; // new
        PyList_SetItem: unsafe extern "C" fn(Object, isize, Object) -> c_int; // steals the item, even on failure
        PyDict_New: unsafe extern "C" fn() -> Object; // new
        PyDict_GetItemString: unsafe extern "C" fn(Object, *const c_char) -> Object; // borrowed, sets no exception
        PyDict_Contains: unsafe extern "C" fn(Object, Object) -> c_int;
        PyDict_DelItem: unsafe extern "C" fn(Object, Object) -> c_int;
        PyDict_SetItem: unsafe extern "C" fn(Object, Object, Object) -> c_int;
        PySlice_New: Ternary; // new

        // Modules and code.
        PyImport_Import: Unary; // new; through the import hooks, gives the last module of a dotted name
        PyImport_GetModuleDict: unsafe extern "C" fn() -> Object; // borrowed
        PyImport_AddModule: unsafe extern "C" fn(*const c_char) -> Object; // borrowed
        PyModule_GetDict: Unary; // borrowed

        // Exceptions.
        PyErr_Occurred: unsafe extern "C" fn() -> Object; // borrowed
        PyErr_Fetch: unsafe extern "C" fn(*mut Object, *mut Object, *mut Object); // new, new, new
        PyErr_Restore: unsafe extern "C" fn(Object, Object, Object); // steals all three, each may be NULL
        PyErr_NormalizeException: unsafe extern "C" fn(*mut Object, *mut Object, *mut Object);
        PyErr_ExceptionMatches: unsafe extern "C" fn(Object) -> c_int;
        PyErr_Clear: unsafe extern "C" fn();
        PyErr_SetObject: unsafe extern "C" fn(Object, Object);
        PyErr_SetString: unsafe extern "C" fn(Object, *const c_char);
        PyException_SetTraceback: unsafe extern "C" fn(Object, Object) -> c_int;
        PyException_GetCause: Unary; // new, NULL without an error if there is none
        PyException_GetContext: Unary; // new, the same

        // Callables; the definition (PyMethodDef) is kept, not copied.
        PyCFunction_GetFunction: unsafe extern "C" fn(Object) -> *mut c_void;
        PyCFunction_GetSelf: Unary; // borrowed
        PyMethod_Function: Unary; // borrowed
        PyMethod_Self: Unary; // borrowed
        PyCFunction_NewEx: unsafe extern "C" fn(*mut c_void, Object, Object) -> Object; // new
        PyInstanceMethod_New: Unary; // new; any callable as a method
        PyStaticMethod_New: Unary; // new
        PyClassMethod_New: Unary; // new

        PyCapsule_New: unsafe extern "C" fn(*mut c_void, *const c_char, unsafe extern "C" fn(Object)) -> Object; // new
        PyCapsule_IsValid: unsafe extern "C" fn(Object, *const c_char) -> c_int;
        PyCapsule_SetName: unsafe extern "C" fn(Object, *const c_char) -> c_int; // keeps the pointer
        PyCapsule_GetPointer: unsafe extern "C" fn(Object, *const c_char) -> *mut c_void; // the capsule's

        // The buffer protocol, and the type that exports host memory.
        PyType_FromSpec: unsafe extern "C" fn(*mut PyTypeSpec) -> Object; // new
        PyVectorcall_Call: Ternary; // new
        PyMethod_New: Binary; // new
        PyObject_GenericGetDict: unsafe extern "C" fn(Object, *mut c_void) -> Object; // new
        PyObject_CallFinalizerFromDealloc: unsafe extern "C" fn(Object) -> c_int;
        PyObject_ClearWeakRefs: unsafe extern "C" fn(Object);
        PyWeakref_NewRef: Binary; // new
        PyObject_GC_UnTrack: unsafe extern "C" fn(*mut c_void);
        PyObject_GC_Del: unsafe extern "C" fn(*mut c_void);
        PyType_GenericAlloc: unsafe extern "C" fn(Object, isize) -> Object; // new
        PyObject_Init: Binary; // the first argument, as a new reference to an instance of the second
        PyObject_Free: unsafe extern "C" fn(*mut c_void);
        PyMemoryView_FromObject: Unary; // new
        PyObject_GetBuffer: unsafe extern "C" fn(Object, *mut PyBuffer, c_int) -> c_int;
        PyBuffer_Release: unsafe extern "C" fn(*mut PyBuffer);
    }
    optional {
        // Since 3.14; before that, Py_SetProgramName and Py_InitializeEx.
        PyInitConfig_Create: unsafe extern "C" fn() -> *mut c_void; // new, for PyInitConfig_Free
        PyInitConfig_Free: unsafe extern "C" fn(*mut c_void);
        PyInitConfig_SetInt: unsafe extern "C" fn(*mut c_void, *const c_char, i64) -> c_int;
        PyInitConfig_SetStr: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char) -> c_int; // copies
        PyInitConfig_GetError: unsafe extern "C" fn(*mut c_void, *mut *const c_char) -> c_int; // lives as long as the configuration
        Py_InitializeFromInitConfig: unsafe extern "C" fn(*mut c_void) -> c_int;
        // Deprecated since 3.11, still there in 3.15.
        Py_SetProgramName: unsafe extern "C" fn(*const wchar_t); // copies
        // Since 3.15; before that, PyGILState_Ensure.
        PyThreadState_GetInterpreter: unsafe extern "C" fn(*mut PyThreadState) -> *mut PyInterpreterState; // since 3.9
        PyInterpreterView_FromMain: unsafe extern "C" fn() -> *mut c_void; // new
        PyInterpreterGuard_FromView: unsafe extern "C" fn(*mut c_void) -> *mut c_void; // new, NULL where Python ends
        PyInterpreterGuard_Close: unsafe extern "C" fn(*mut c_void);
        PyThreadState_Ensure: unsafe extern "C" fn(*mut c_void) -> *mut PyThreadState; // not NULL where it succeeded
        // Since 3.9 and 3.11; before that, PyObject_Call with a tuple and a dict.
        PyObject_VectorcallMethod: Vectorcall; // new
        PyObject_Vectorcall: Vectorcall; // new
        PyVectorcall_Function: unsafe extern "C" fn(Object) -> Option<Vectorcall>; // since 3.11
        // Since 3.9; before that, PyObject_Init, which also takes a reference to the type.
        _Py_NewReference: unsafe extern "C" fn(Object); // memory with a type: an object with one reference
        // One of the two: the first until 3.12, the second since 3.13.
        _PyThreadState_UncheckedGet: unsafe extern "C" fn() -> *mut PyThreadState; // borrowed
        PyThreadState_GetUnchecked: unsafe extern "C" fn() -> *mut PyThreadState; // borrowed
        // Since 3.10; before that, the methods `__next__` and `send`.
        PyIter_Send: unsafe extern "C" fn(Object, Object, *mut Object) -> c_int; // new; 1: an item, 0: the end, -1
        // Since 3.12; before that, PyErr_Fetch and what belongs to it.
        PyErr_GetRaisedException: unsafe extern "C" fn() -> Object; // new
        // One of the two: the first until 3.12, the second since 3.13.
        _PyObject_LookupAttr: unsafe extern "C" fn(Object, Object, *mut Object) -> c_int; // new, or NULL
        PyObject_GetOptionalAttr: unsafe extern "C" fn(Object, Object, *mut Object) -> c_int; // new, or NULL
        // One of the two: the first until it is removed, the second since 3.13.
        PyWeakref_GetObject: Unary; // borrowed, None where the object has gone
        PyWeakref_GetRef: unsafe extern "C" fn(Object, *mut Object) -> c_int; // new; 1, 0: it has gone, -1
        // Since 3.13; before that, PyImport_AddModule.
        PyImport_AddModuleRef: unsafe extern "C" fn(*const c_char) -> Object; // new
        // The variable behind `-X utf8`, until it is removed in favour of configurations.
        Py_UTF8Mode: *mut c_int;
        // What CPython's memory for small objects comes from, unless it was built without pymalloc.
        PyObject_GetArenaAllocator: unsafe extern "C" fn(*mut ArenaAllocator);
        PyObject_SetArenaAllocator: unsafe extern "C" fn(*mut ArenaAllocator); // copies
        // What Python knows of the process, of which `current` looks for one variable.
        _PyRuntime: *mut u8;
    }
    data {
        _Py_NoneStruct;
        _Py_TrueStruct;
        _Py_FalseStruct;
        _Py_EllipsisObject;
        _Py_NotImplementedStruct;
        PyLong_Type;
        PyFloat_Type;
        PyUnicode_Type;
        PyBytes_Type;
        PyTuple_Type;
        PyList_Type;
        PyDict_Type;
        PyComplex_Type;
        PyCFunction_Type;
        PyFunction_Type;
        PyMethod_Type;
        PyMethodDescr_Type;
        PyMemoryView_Type;
        PyModule_Type;
        PyBaseObject_Type;
        PyType_Type;
        // Variables that hold an exception class.
        PyExc_ArithmeticError;
        PyExc_AssertionError;
        PyExc_Exception;
        PyExc_IndexError;
        PyExc_LookupError;
        PyExc_NotImplementedError;
        PyExc_StopIteration;
        PyExc_OverflowError;
        PyExc_ValueError;
        PyExc_ZeroDivisionError;
        PyExc_TypeError;
        PyExc_AttributeError;
        PyExc_BaseException;
        PyExc_BufferError;
        PyExc_RuntimeError;
        PyExc_SystemError;
    }
}
