//! The tagged values that cross the boundary: arguments, keys, results.

use std::ffi::{c_char, c_void};

use crate::boundary::sized::Growing;
use crate::handle::emb_handle;

/// None. A zeroed `emb_value` is None.
pub const EMB_NONE: u32 = 0;
/// A truth value in `as.integer`: 0 or 1.
pub const EMB_BOOL: u32 = 1;
/// A signed 64-bit integer in `as.integer`.
pub const EMB_INT: u32 = 2;
/// A double in `as.real`.
pub const EMB_FLOAT: u32 = 3;
/// `length` bytes of UTF-8 at `as.text`, or text that ends with a NUL byte where `length` is
/// (uint32_t)EMB_NUL_TERMINATED; with another length, NUL bytes inside are fine.
pub const EMB_TEXT: u32 = 4;
/// `length` bytes at `as.bytes`.
pub const EMB_BYTES: u32 = 5;
/// Any Python object, by its handle in `as.object`. In a result, `length` is a number of its class:
/// bits 4 to 35 of the address that `emb_object_identity` gives of the class. Objects of one class
/// have the same number, objects of two classes nearly never.
pub const EMB_OBJECT: u32 = 6;
/// `length` values at `as.items`, a tuple. As a result only with EMB_RESULT_DEEP and
/// EMB_RESULT_PLAIN.
pub const EMB_TUPLE: u32 = 7;
/// Input only: `length` values at `as.items`, made into a list.
pub const EMB_LIST: u32 = 8;
/// Input only: `length` pairs at `as.items` (key, value, key, value …), made into a dict.
pub const EMB_DICT: u32 = 9;
/// Input only: three values at `as.items` (start, stop, step), made into a slice; `length` is 3.
pub const EMB_SLICE: u32 = 10;
/// Input only: the object `...`.
pub const EMB_ELLIPSIS: u32 = 11;
/// Input only: an unsigned 64-bit integer in `as.uinteger`.
pub const EMB_UINT: u32 = 12;
/// The real and the imaginary part, two doubles at `as.reals`. As a result only with
/// EMB_RESULT_DEEP and EMB_RESULT_PLAIN.
pub const EMB_COMPLEX: u32 = 13;
/// An integer of any size, as `length` bytes of hexadecimal text at `as.text` ("-0x1f"), measured
/// as for EMB_TEXT. As a result only with EMB_RESULT_DEEP and EMB_RESULT_PLAIN.
pub const EMB_BIGINT: u32 = 14;

/// Input only: `length` values at `as.items`, made into a set.
pub const EMB_SET: u32 = 15;
/// Input only: `length` values at `as.items`, made into a frozenset.
pub const EMB_FROZENSET: u32 = 16;
/// Input only: `length` bytes at `as.bytes`, made into a bytearray.
pub const EMB_BYTEARRAY: u32 = 17;
/// Input only: the object `NotImplemented`.
pub const EMB_NOT_IMPLEMENTED: u32 = 18;

/// A scalar of numpy: `length` is the number of its type (`numpy.dtype.num`), 0 to 12, and `as`
/// holds its value: `integer` for 0 (bool) to 10, of which the even ones from 2 on are unsigned and
/// stand in `uinteger`, `real` for 11 (float32) and 12 (float64). As a result only with
/// EMB_RESULT_SCALARS.
pub const EMB_SCALAR: u32 = 19;

/// Input only: memory of the host, described by the emb_memory at `as.memory`, made into an array as
/// by `emb_array_from_ptr`, but with no call and no handle of its own; `length` is not read.
pub const EMB_MEMORY: u32 = 20;
/// Input only: a list, a dict or a set that a call may change. At `as.items` stand two values: the
/// container (EMB_LIST, EMB_FLOATS, EMB_INTS, EMB_DICT, EMB_SET, or an EMB_OBJECT), and one for
/// the answer; `length` is 0, or 1 for the container of an EMB_WATCHED with the same `as.items`
/// that comes before in the same call, which is the same one in Python then. With EMB_CALL_WATCH
/// an `emb_call` or `emb_call_method` sets the second one, where Python has changed the container
/// by its end, to an EMB_OBJECT that the caller releases: a tuple of two tuples, of what was in
/// the container before, as the host gave it, and of what is now (of a dict the keys and values,
/// in turn). Else it is left as it was. With EMB_CALL_KEPT too, it is set to an EMB_SHARED where
/// the container is the result, or Python still has references to it, not counting those from the
/// result: a tuple of those two, which are the same one if it has not been changed, and of the
/// container. `emb_call_watched` asks for that in the middle of the call.
pub const EMB_WATCHED: u32 = 22;

/// Input only: `length` doubles at `as.reals`, made into a list of floats, with no value for each.
pub const EMB_FLOATS: u32 = 24;
/// Input only: `length` numbers at `as.integers`, made into a list of ints.
pub const EMB_INTS: u32 = 25;

/// Results of `emb_object_method` only: a function of Python code in `as.object`, which is called
/// with the object before the other arguments; 0 for the one that the host knows.
pub const EMB_FUNCTION: u32 = 21;

/// Results only, with EMB_RESULT_SHARED: as EMB_OBJECT, of an object to which not only this handle
/// refers, so that the host may have another one of it (see `emb_object_noted`); without a GIL, of
/// any object. Of what comes as an EMB_OBJECT then, the host has no other.
pub const EMB_SHARED: u32 = 23;

/// Results: exact bool, int of 64 bits, float, str, bytes and None come back as values,
/// everything else as an object.
pub const EMB_RESULT_AUTO: u32 = 0;
/// Results: always an object, never unboxed.
pub const EMB_RESULT_OBJECT: u32 = 1;
/// Results: as EMB_RESULT_AUTO, and also exact tuples as EMB_TUPLE (with what is in them unpacked
/// the same way), complex numbers as EMB_COMPLEX, and larger ints as EMB_BIGINT.
pub const EMB_RESULT_DEEP: u32 = 2;
/// Results: as EMB_RESULT_DEEP, and also what has the value of one of these kinds to the last bit:
/// numpy's scalars, and instances of subclasses of int, float, complex, str and bytes.
pub const EMB_RESULT_PLAIN: u32 = 3;
/// Results: as EMB_RESULT_DEEP, and also the scalars of numpy that are a bool, an int or a float of
/// up to 64 bits as EMB_SCALAR: no handle for each number that an array or a function of numpy
/// gives.
pub const EMB_RESULT_SCALARS: u32 = 4;
/// Results: as EMB_RESULT_SCALARS, and objects that the host may know already as EMB_SHARED.
pub const EMB_RESULT_SHARED: u32 = 5;

/// What an `emb_value` holds; `kind` says which member is meant.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub union emb_payload {
    /// EMB_INT, EMB_BOOL, EMB_SCALAR
    pub integer: i64,
    /// EMB_UINT, EMB_SCALAR
    pub uinteger: u64,
    /// EMB_FLOAT, EMB_SCALAR
    pub real: f64,
    /// EMB_OBJECT, EMB_SHARED, EMB_FUNCTION
    pub object: emb_handle,
    /// EMB_TEXT, EMB_BIGINT
    pub text: *const std::ffi::c_char,
    /// EMB_BYTES, EMB_BYTEARRAY
    pub bytes: *const u8,
    /// EMB_TUPLE, EMB_LIST, EMB_DICT, EMB_SLICE, EMB_SET, EMB_FROZENSET, EMB_WATCHED
    pub items: *const emb_value,
    /// EMB_COMPLEX, EMB_FLOATS
    pub reals: *const f64,
    /// EMB_INTS
    pub integers: *const i64,
    /// EMB_MEMORY
    pub memory: *const emb_memory,
}

/// A value of 16 bytes. As an argument it is only read, and what it points to is only read
/// during the call. As a result, EMB_OBJECT, EMB_SHARED and EMB_FUNCTION are owned by the caller
/// (`emb_object_free`); what EMB_TEXT, EMB_BYTES, EMB_TUPLE, EMB_COMPLEX and EMB_BIGINT point to
/// belongs to libemb and stays valid for the same thread's next EMB_RESULTS_KEPT - 1 results of
/// these kinds (of the last three, whatever results of the first two there are); objects inside an
/// EMB_TUPLE are owned by the caller too. Behind a text or bytes result stands a NUL byte that is
/// not counted.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types)]
pub struct emb_value {
    /// One of the kinds EMB_NONE … EMB_INTS.
    pub kind: u32,
    /// Bytes of EMB_TEXT, EMB_BYTES, EMB_BYTEARRAY and EMB_BIGINT; items of EMB_TUPLE, EMB_LIST,
    /// EMB_FLOATS, EMB_INTS, EMB_SET, EMB_FROZENSET and EMB_SLICE; pairs of EMB_DICT; the type of
    /// EMB_SCALAR; in results, the class of EMB_OBJECT and EMB_SHARED; not read for other kinds.
    pub length: u32,
    /// The value itself.
    pub r#as: emb_payload,
}

impl emb_value {
    /// None, with a payload of zeros.
    pub const NONE: emb_value = emb_value::integer(EMB_NONE, 0);

    pub(crate) const fn integer(kind: u32, integer: i64) -> Self {
        emb_value {
            kind,
            length: 0,
            r#as: emb_payload { integer },
        }
    }

    /// `kind` is EMB_OBJECT or EMB_SHARED.
    pub(crate) const fn object(kind: u32, object: emb_handle, class: u32) -> Self {
        emb_value {
            kind,
            length: class,
            r#as: emb_payload { object },
        }
    }

    pub(crate) const fn function(object: emb_handle) -> Self {
        emb_value {
            kind: EMB_FUNCTION,
            length: 0,
            r#as: emb_payload { object },
        }
    }

    pub(crate) const fn scalar(number: u32, r#as: emb_payload) -> Self {
        emb_value {
            kind: EMB_SCALAR,
            length: number,
            r#as,
        }
    }

    /// The handle in it, if it is an object.
    pub(crate) fn handle(&self) -> Option<emb_handle> {
        match self.kind {
            // SAFETY: the kind says that the object is set.
            EMB_OBJECT | EMB_SHARED => Some(unsafe { self.r#as.object }),
            _ => None,
        }
    }

    pub(crate) fn text(text: *const std::ffi::c_char, length: u32) -> Self {
        emb_value {
            kind: EMB_TEXT,
            length,
            r#as: emb_payload { text },
        }
    }

    /// Of as many items as a tuple can have.
    pub(crate) fn tuple(items: *const emb_value, length: usize) -> Self {
        emb_value {
            kind: EMB_TUPLE,
            length: length as u32,
            r#as: emb_payload { items },
        }
    }

    /// Whether it points into the object that it was made of.
    pub(crate) fn is_pointing(&self) -> bool {
        self.kind == EMB_TEXT || self.kind == EMB_BYTES
    }

    pub(crate) fn bytes(bytes: *const u8, length: u32) -> Self {
        emb_value {
            kind: EMB_BYTES,
            length,
            r#as: emb_payload { bytes },
        }
    }
}

/// Memory of the host, as an array that it passes. Zeroed members mean the default.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_memory {
    /// sizeof(emb_memory)
    pub size: usize,
    /// As in `emb_array_from_ptr`, like the members up to `strides`.
    pub data: *mut c_void,
    /// Text.
    pub dtype: *const c_char,
    /// Bytes of `dtype`, or EMB_NUL_TERMINATED.
    pub dtype_length: i64,
    /// How many dimensions there are.
    pub ndim: i32,
    /// 0, or EMB_ARRAY_READONLY, EMB_ARRAY_MEMORYVIEW and EMB_ARRAY_AGAIN, added.
    pub flags: u32,
    /// `ndim` lengths, in elements.
    pub shape: *const i64,
    /// `ndim` steps, in bytes; NULL: C-contiguous.
    pub strides: *const i64,
    /// Counted up by libemb when Python gets the array, and down when the last reference to it has
    /// gone, which may be before the call returns; at any moment and by any thread. The host sets it
    /// to 0 before the first call. While it is not 0 after a call, the memory and this number must
    /// stay in place. Calls may share it, and the whole structure. NULL: they stay for good.
    pub held: *mut i64,
}

// SAFETY: as the trait demands.
unsafe impl Growing for emb_memory {
    const FIRST: usize = 64;
    const NAME: &'static str = "emb_memory";
}
