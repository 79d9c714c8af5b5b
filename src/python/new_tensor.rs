//! DLPack tensors that are made here: on memory of the host, as copies, and in the older form; and
//! the numbers that DLPack has for element types.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::dtype;
use super::ffi::PyBuffer;
use super::format;
use super::gil;
use super::holder::aside;
use super::memory;
use super::runtime;
use super::tensor::{
    DLTensor, Form, HOST_DEVICES, IS_COPIED, Managed, ManagedVersioned, Taken, VERSION,
};
use super::view;
use crate::thread;

/// What belongs to a tensor made here, and goes with it.
struct Content {
    shape: Vec<i64>,
    strides: Vec<i64>,
    _keeper: Box<dyn std::any::Any>,
}

/// A tensor of the versioned form, which ends `keeper` with itself. The strides are in elements.
pub(crate) fn new(
    tensor: DLTensor,
    flags: u64,
    shape: Vec<i64>,
    strides: Vec<i64>,
    keeper: Box<dyn std::any::Any>,
) -> Taken {
    let content = Box::into_raw(Box::new(Content {
        shape,
        strides,
        _keeper: keeper,
    }));
    // SAFETY: just made; the vectors do not change any more.
    let (shape, strides) = unsafe {
        (
            (*content).shape.as_mut_ptr(),
            (*content).strides.as_mut_ptr(),
        )
    };
    let managed = Box::new(ManagedVersioned {
        version: VERSION,
        context: content.cast(),
        deleter: Some(delete_new),
        flags,
        tensor: DLTensor {
            shape,
            strides,
            ..tensor
        },
    });
    Taken {
        form: Form::Versioned,
        tensor: Box::into_raw(managed).cast(),
    }
}

/// The consumer may do this on any thread, with the GIL or without.
unsafe extern "C" fn delete_new(tensor: *mut c_void) {
    // SAFETY: `new` made both, and the tensor's owner gives it up.
    let content = unsafe {
        let managed = Box::from_raw(tensor.cast::<ManagedVersioned>());
        Box::from_raw(managed.context.cast::<Content>())
    };
    let Some(runtime) = runtime::running() else {
        // Python has ended: the host may be half gone and is not called.
        std::mem::forget(content);
        return;
    };
    // The host's release function runs here; a panic of ours must not reach the consumer.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        if thread::with(|thread| gil::is_held(runtime, thread)) {
            // SAFETY: the GIL is held.
            unsafe { aside(runtime, || drop(content)) };
        } else {
            drop(content);
        }
    }));
}

/// The same tensor without a version, for consumers from before DLPack 1.0.
pub(crate) fn without_version(tensor: Taken) -> Taken {
    if tensor.form == Form::Unversioned {
        return tensor;
    }
    unsafe extern "C" fn delete(tensor: *mut c_void) {
        // SAFETY: made below, and given up by its owner.
        unsafe {
            let managed = Box::from_raw(tensor.cast::<Managed>());
            Form::Versioned.delete(managed.context);
        }
    }
    // SAFETY: the tensor is alive until the new one's deleter ends it.
    let inner = unsafe { *tensor.form.tensor(tensor.tensor) };
    let managed = Box::new(Managed {
        tensor: inner,
        context: tensor.into_raw(),
        deleter: Some(delete),
    });
    Taken {
        form: Form::Unversioned,
        tensor: Box::into_raw(managed).cast(),
    }
}

impl Taken {
    /// A tensor of its own with the same elements; this one ends.
    pub(crate) fn copy(self) -> Taken {
        // SAFETY: the tensor is alive, as long as this is.
        unsafe { self.form.tensor(self.tensor) }.copy()
    }
}

/// DLPack's numbers for kinds of numbers, and numpy's letters for those that it has.
const KINDS: [(u8, char); 5] = [(0, 'i'), (1, 'u'), (2, 'f'), (5, 'c'), (6, 'b')];

/// DLPack's numbers for kinds that have no letter, all of them small.
const NAMED: [(&str, u8, u8); 9] = [
    ("bfloat16", 4, 16),
    ("float8_e3m4", 7, 8),
    ("float8_e4m3", 8, 8),
    ("float8_e4m3b11fnuz", 9, 8),
    ("float8_e4m3fn", 10, 8),
    ("float8_e4m3fnuz", 11, 8),
    ("float8_e5m2", 12, 8),
    ("float8_e5m2fnuz", 13, 8),
    ("float8_e8m0fnu", 14, 8),
];

/// DLPack's numbers for an element type: its kind, and its bits.
pub(crate) fn element(dtype: &str) -> Option<(u8, u8)> {
    if let Some((_, code, bits)) = NAMED.iter().find(|(name, ..)| *name == dtype) {
        return Some((*code, *bits));
    }
    let whole = format::parse(&dtype::parse(dtype)?.format)?;
    let (format::Kind::Plain(code), true) = (whole.kind, whole.shape.is_empty()) else {
        return None;
    };
    let (order, code) = code.split_at_checked(1)?;
    let (kind, size) = code.split_at_checked(1)?;
    let (number, _) = KINDS.iter().find(|(_, letter)| kind.starts_with(*letter))?;
    let bits = size.parse::<u8>().ok()?.checked_mul(8)?;
    (order != ">" && !is_extended(kind, bits)).then_some((*number, bits))
}

/// Whether C's long double would stand for it, which is another number of 128 bits than DLPack's.
fn is_extended(kind: &str, bits: u8) -> bool {
    kind == "f" && bits > 64
}

impl DLTensor {
    /// The elements' type as the buffer protocol writes it, if it can.
    pub(crate) fn format(&self) -> Option<String> {
        let (_, kind) = KINDS.iter().find(|(code, _)| *code == self.code)?;
        let code = format!("{kind}{}", self.bits / 8);
        let whole = self.lanes == 1
            && self.bits.is_multiple_of(8)
            && !is_extended(&kind.to_string(), self.bits);
        whole
            .then(|| dtype::code(&code))?
            .map(|element| element.format)
    }

    /// A tensor of its own with the same elements, of one in memory of the processor.
    pub(crate) fn copy(&self) -> Taken {
        let (shape, strides) = self.layout();
        let itemsize = self.itemsize() as isize;
        let mut lengths: Vec<isize> = shape.iter().map(|n| *n as isize).collect();
        let mut steps: Vec<isize> = strides.iter().map(|n| *n as isize * itemsize).collect();
        let buffer = PyBuffer {
            buf: self.start(),
            len: lengths.iter().product::<isize>() * itemsize,
            itemsize,
            ndim: self.ndim,
            shape: lengths.as_mut_ptr(),
            strides: steps.as_mut_ptr(),
            ..view::EMPTY
        };
        let copy = memory::copy(&buffer);
        let strides = copy.strides.iter().map(|n| *n as i64 / itemsize as i64);
        let tensor = DLTensor {
            data: copy.data,
            device: [HOST_DEVICES[0], 0],
            byte_offset: 0,
            ..*self
        };
        new(
            tensor,
            IS_COPIED,
            shape,
            strides.collect(),
            Box::new(copy.keeper),
        )
    }
}
