//! DLPack: tensors in capsules, in both of its forms, given and taken.

use std::ffi::{CStr, c_void};
use std::ptr;

use super::capsule::{TAKING, is, pointer};
use super::ffi::Object;
use super::gil::Python;
use super::object::Owned;
use super::runtime;
use crate::failure::{Failure, Outcome};

/// DLTensor.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct DLTensor {
    pub data: *mut c_void,
    pub device: [i32; 2],
    pub ndim: i32,
    pub code: u8,
    pub bits: u8,
    pub lanes: u16,
    pub shape: *mut i64,
    /// In elements; null where it is contiguous.
    pub strides: *mut i64,
    pub byte_offset: u64,
}

/// DLManagedTensor.
#[repr(C)]
pub(crate) struct Managed {
    pub tensor: DLTensor,
    pub context: *mut c_void,
    pub deleter: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// DLManagedTensorVersioned.
#[repr(C)]
pub(crate) struct ManagedVersioned {
    pub version: [u32; 2],
    pub context: *mut c_void,
    pub deleter: Option<unsafe extern "C" fn(*mut c_void)>,
    pub flags: u64,
    pub tensor: DLTensor,
}

pub(crate) const READ_ONLY: u64 = 1;
pub(crate) const IS_COPIED: u64 = 2;
/// The version of DLPack that is spoken here.
pub(crate) const VERSION: [u32; 2] = [1, 0];
/// Memory of the processor itself, plain or pinned.
pub(crate) const HOST_DEVICES: [i32; 2] = [1, 3];

/// The two forms of a tensor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Versioned,
    Unversioned,
}

impl Form {
    pub(crate) fn name(self) -> &'static CStr {
        match self {
            Form::Versioned => c"dltensor_versioned",
            Form::Unversioned => c"dltensor",
        }
    }

    /// The name of a capsule whose tensor was taken.
    fn used(self) -> &'static CStr {
        match self {
            Form::Versioned => c"used_dltensor_versioned",
            Form::Unversioned => c"used_dltensor",
        }
    }

    /// # Safety
    /// `tensor` is one of this form, and stays that for as long as the result is used.
    pub(crate) unsafe fn tensor<'a>(self, tensor: *const c_void) -> &'a DLTensor {
        // SAFETY: the caller's promise.
        unsafe {
            match self {
                Form::Versioned => &(*tensor.cast::<ManagedVersioned>()).tensor,
                Form::Unversioned => &(*tensor.cast::<Managed>()).tensor,
            }
        }
    }

    /// # Safety
    /// As for `tensor`.
    pub(crate) unsafe fn flags(self, tensor: *const c_void) -> u64 {
        match self {
            // SAFETY: the caller's promise.
            Form::Versioned => unsafe { (*tensor.cast::<ManagedVersioned>()).flags },
            Form::Unversioned => 0,
        }
    }

    /// Ends a tensor.
    ///
    /// # Safety
    /// `tensor` is one of this form, and the caller's, who does not use it any more.
    pub(crate) unsafe fn delete(self, tensor: *mut c_void) {
        // SAFETY: the caller's promise.
        unsafe {
            let deleter = match self {
                Form::Versioned => (*tensor.cast::<ManagedVersioned>()).deleter,
                Form::Unversioned => (*tensor.cast::<Managed>()).deleter,
            };
            if let Some(deleter) = deleter {
                deleter(tensor);
            }
        }
    }

    /// A capsule that owns a tensor.
    ///
    /// # Safety
    /// `tensor` is one of this form, and the caller's.
    pub(crate) unsafe fn put_in_capsule<'g>(
        self,
        py: Python<'g>,
        tensor: *mut c_void,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: not null; the capsule's end deletes it unless somebody takes it.
        unsafe {
            py.own((py.api().PyCapsule_New)(
                tensor,
                self.name().as_ptr(),
                end_tensor,
            ))
        }
    }
}

/// The capsule of a tensor goes: a tensor that nobody took is deleted.
unsafe extern "C" fn end_tensor(capsule: Object) {
    let Some(runtime) = runtime::loaded() else {
        return;
    };
    for form in [Form::Versioned, Form::Unversioned] {
        // SAFETY: `put_in_capsule` made the capsule; the name tells whether the tensor is still in
        // it.
        unsafe {
            if (runtime.api.PyCapsule_IsValid)(capsule, form.name().as_ptr()) != 0 {
                let name = form.name().as_ptr();
                form.delete((runtime.api.PyCapsule_GetPointer)(capsule, name));
            }
        }
    }
}

/// A tensor that was taken out of its capsule, and is deleted with this.
pub(crate) struct Taken {
    pub form: Form,
    pub tensor: *mut c_void,
}

impl Taken {
    /// Takes the tensor out of a capsule of either form.
    pub(crate) fn out_of(py: Python<'_>, capsule: &Owned<'_>) -> Outcome<Self> {
        for form in [Form::Versioned, Form::Unversioned] {
            let _alone = TAKING.enter(py.runtime);
            if is(py, capsule, form.name()) {
                let tensor = pointer(py, capsule, form.name())?;
                let used = form.used().as_ptr();
                // SAFETY: a capsule, and a static name: from now on it does not delete the tensor.
                py.done(unsafe { (py.api().PyCapsule_SetName)(capsule.as_ptr(), used) })?;
                return Ok(Taken { form, tensor });
            }
        }
        // It is neither, for which there is an exception.
        pointer(py, capsule, Form::Unversioned.name())?;
        Err(Failure::argument("the tensor was taken out of its capsule"))
    }

    /// The tensor; somebody else deletes it.
    pub(crate) fn into_raw(self) -> *mut c_void {
        let tensor = self.tensor;
        std::mem::forget(self);
        tensor
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // SAFETY: it was taken by the one who made this, and is used by nobody else.
        unsafe { self.form.delete(self.tensor) }
    }
}

/// What is asked of an exporter.
#[derive(Default)]
pub(crate) struct Ask {
    /// As `__dlpack__` takes it; None is not passed.
    pub stream: Option<i64>,
    pub device: Option<[i32; 2]>,
    pub copy: Option<bool>,
    /// Whoever asks does not know the versioned form.
    pub unversioned: bool,
}

/// `object.__dlpack__(…)`, of the newest form that it knows.
pub(crate) fn export<'g>(py: Python<'g>, object: &Owned<'g>, ask: &Ask) -> Outcome<Taken> {
    let dlpack = object.getattr("__dlpack__")?;
    let pair = |numbers: [i32; 2]| {
        let numbers = numbers.map(|n| py.int(n.into()));
        let [first, second] = numbers;
        py.tuple([first?, second?].into_iter())
    };
    let (mut names, mut values) = (Vec::new(), Vec::new());
    if let Some(stream) = ask.stream {
        names.push("stream");
        values.push(py.int(stream)?);
    }
    let old = values.len();
    if !ask.unversioned {
        names.push("max_version");
        values.push(pair(VERSION.map(|n| n as i32))?);
    }
    if let Some(device) = ask.device {
        names.push("dl_device");
        values.push(pair(device)?);
    }
    if let Some(copy) = ask.copy {
        names.push("copy");
        values.push(py.bool(copy));
    }
    let call = |count: usize| {
        let keywords = names[..count].join(",");
        let keywords = match count {
            0 => None,
            _ => Some(
                py.runtime
                    .keywords
                    .get(py, keywords.as_bytes())?
                    .into_object(py),
            ),
        };
        dlpack.call(&values[..count], keywords.as_ref())
    };
    let capsule = match call(values.len()) {
        // Exporters from before DLPack 1.0 know `stream` only. They share, where the memory is.
        Err(Failure::Python) if values.len() > old && py.exception_is(py.api().PyExc_TypeError) => {
            if ask.copy == Some(true) || elsewhere(py, object, ask)? {
                return Err(Failure::Python);
            }
            py.clear_exception();
            call(old)?
        }
        outcome => outcome?,
    };
    Taken::out_of(py, &capsule)
}

/// Whether the device that is asked for is not the one where the object is. The exception that is
/// set stays.
fn elsewhere<'g>(py: Python<'g>, object: &Owned<'g>, ask: &Ask) -> Outcome<bool> {
    let Some(wanted) = ask.device else {
        return Ok(false);
    };
    let exception = super::raise::fetch(py);
    let device = device(py, object)?;
    if let Some(exception) = exception {
        super::raise::restore(py, exception);
    }
    Ok(device != wanted)
}

/// `object.__dlpack_device__()`.
pub(crate) fn device<'g>(py: Python<'g>, object: &Owned<'g>) -> Outcome<[i32; 2]> {
    let pair = object.getattr("__dlpack_device__")?.call(&[], None)?;
    let mut device = [0; 2];
    for (place, number) in device.iter_mut().zip(py.items(&pair)?) {
        // Some are members of an IntEnum, which is an int too.
        *place = py.to_i64(&number)? as i32;
    }
    Ok(device)
}

impl DLTensor {
    /// Where the element with all indices 0 is.
    pub(crate) fn start(&self) -> *mut c_void {
        if self.data.is_null() {
            return ptr::null_mut();
        }
        self.data.wrapping_byte_add(self.byte_offset as usize)
    }

    /// Bytes of an element.
    pub(crate) fn itemsize(&self) -> usize {
        (usize::from(self.bits) * usize::from(self.lanes))
            .div_ceil(8)
            .max(1)
    }

    /// Lengths, and steps in elements.
    pub(crate) fn layout(&self) -> (Vec<i64>, Vec<i64>) {
        let numbers = |pointer: *const i64| match self.ndim {
            1.. if !pointer.is_null() => {
                // SAFETY: a tensor has as many of them as dimensions.
                unsafe { std::slice::from_raw_parts(pointer, self.ndim as usize) }.to_vec()
            }
            _ => Vec::new(),
        };
        let shape = numbers(self.shape);
        let mut strides = numbers(self.strides);
        if strides.len() != shape.len() {
            let mut step = 1_i64;
            strides = shape.clone();
            for stride in strides.iter_mut().rev() {
                step = step.saturating_mul(std::mem::replace(stride, step).max(1));
            }
        }
        (shape, strides)
    }
}
