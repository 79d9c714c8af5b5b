//! Tensors that change hands without a copy: DLPack.
//!
//! The structures are those of the standard, by pointer; its header is not needed here.

use std::ffi::c_void;
use std::ptr::NonNull;

use once_cell::sync::OnceCell;

use crate::boundary::{self, sized::Growing};
use crate::convert::{handle, object};
use crate::failure::{Failure, Outcome};
use crate::handle::emb_handle;
use crate::python::access::buffer_error;
use crate::python::capsule::{is, pointer};
use crate::python::ffi::PyObject;
use crate::python::function::{self, Call};
use crate::python::gil::Python;
use crate::python::new_tensor;
use crate::python::object::Owned;
use crate::python::tensor::{self, Ask, Form, HOST_DEVICES, READ_ONLY, Taken};
use crate::status::emb_status;

use super::exchange::{class, structure};

/// `emb_dlpack_export`: the tensor is to be a copy, which the host may write to.
pub const EMB_DLPACK_COPY: u32 = 1;
/// `emb_dlpack_export`: the memory is to be shared; where the object would have to copy, it
/// refuses.
pub const EMB_DLPACK_SHARE: u32 = 2;
/// `emb_dlpack_export`: a DLManagedTensor, for hosts that do not know the versioned structure.
pub const EMB_DLPACK_UNVERSIONED: u32 = 4;

/// What a tensor is to be like. Zeroed members mean the default.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_dlpack_options {
    /// sizeof(emb_dlpack_options)
    pub size: usize,
    /// The stream on which the host goes on, as `__dlpack__` takes it; 0: the device's default one.
    pub stream: i64,
    /// DLPack's number of the device where the memory is to be; 0: where it is.
    pub device_type: i32,
    /// Which of these devices; only read where `device_type` is set.
    pub device_id: i32,
    /// EMB_DLPACK_COPY or EMB_DLPACK_SHARE, EMB_DLPACK_UNVERSIONED.
    pub flags: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: as the trait demands.
unsafe impl Growing for emb_dlpack_options {
    const FIRST: usize = 32;
    const NAME: &'static str = "emb_dlpack_options";
}

/// Takes the memory of a Python object as a DLPack tensor. Where the object can give a
/// DLManagedTensorVersioned, it is one, and `versioned` is 1: its flags tell whether it may be
/// written and whether it is a copy. Otherwise it is a DLManagedTensor, and `versioned` is 0.
/// Objects from before DLPack 1.0 share always, and cannot be asked for a copy or another device.
///
/// Ownership: `options` is only read, NULL means the defaults. `tensor` receives a structure that
/// is the caller's, who ends it by its deleter. Errors: EMB_BAD_HANDLE, EMB_BAD_ARGUMENT,
/// EMB_EXCEPTION (AttributeError: no DLPack; BufferError: not in this form). Threads: any. Since:
/// 0.1.
///
/// # Safety
/// `options` is NULL or points to an emb_dlpack_options, `tensor` to a pointer, `versioned` to an
/// int32_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_dlpack_export(
    object: emb_handle,
    options: *const emb_dlpack_options,
    tensor: *mut *mut c_void,
    versioned: *mut i32,
) -> emb_status {
    boundary::python(|py| {
        let (tensor, versioned) = (out!(tensor)?, out!(versioned)?);
        let ask = match options.is_null() {
            true => Ask::default(),
            false => asked(&read_sized!(options)?)?,
        };
        let object = self::object(py, object, "object")?;
        let taken = tensor::export(py, &object, &ask)?;
        versioned.set((taken.form == Form::Versioned).into());
        tensor.set(taken.into_raw());
        Ok(())
    })
}

fn asked(options: &emb_dlpack_options) -> Outcome<Ask> {
    let flags = options.flags;
    let known = EMB_DLPACK_COPY | EMB_DLPACK_SHARE | EMB_DLPACK_UNVERSIONED;
    let copy = match flags & (EMB_DLPACK_COPY | EMB_DLPACK_SHARE) {
        0 => None,
        EMB_DLPACK_COPY => Some(true),
        EMB_DLPACK_SHARE => Some(false),
        _ => {
            return Err(Failure::argument(
                "options->flags has both EMB_DLPACK_COPY and EMB_DLPACK_SHARE",
            ));
        }
    };
    if flags & !known != 0 {
        return Err(Failure::argument(format!(
            "options->flags is {flags:#x}, which has bits that are no EMB_DLPACK_ flag"
        )));
    }
    let device = [options.device_type, options.device_id];
    Ok(Ask {
        stream: (options.stream != 0).then_some(options.stream),
        device: (options.device_type != 0).then_some(device),
        copy,
        unversioned: flags & EMB_DLPACK_UNVERSIONED != 0,
    })
}

/// Gives a DLPack tensor of the host to Python: a DLManagedTensorVersioned (`versioned` is 1) or a
/// DLManagedTensor (0). The object is for `numpy.from_dlpack`, `torch.from_dlpack` and other
/// consumers, old and new; it can be consumed once, and copied by them before. What is in the
/// tensor must be there already: a stream that a consumer names is not waited for.
///
/// Ownership: the tensor is libemb's from now on; its deleter is called once, by whoever has it
/// last, on any thread. On failure it stays the caller's. `object` receives a handle that the
/// caller releases. Errors: EMB_BAD_ARGUMENT (also a tensor that cannot be right), EMB_NOT_RUNNING.
/// Threads: any. Since: 0.1.
///
/// # Safety
/// `tensor` points to a structure of that form, `object` to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_dlpack_import(
    tensor: *mut c_void,
    versioned: i32,
    object: *mut emb_handle,
) -> emb_status {
    boundary::python(|py| {
        let object = out!(object)?;
        let form = match versioned {
            0 => Form::Unversioned,
            1 => Form::Versioned,
            _ => {
                return Err(Failure::argument(format!(
                    "versioned is {versioned}, which is neither 0 nor 1"
                )));
            }
        };
        structure(tensor, "tensor")?;
        // SAFETY: the host vouches for what it points to.
        unsafe { form.check(tensor) }?;
        let taken = Taken { form, tensor };
        match give(py, &taken) {
            Ok(made) => {
                // The object has it.
                taken.into_raw();
                object.set(handle(py, made)?);
                Ok(())
            }
            Err(failure) => {
                // The caller has it.
                taken.into_raw();
                Err(failure)
            }
        }
    })
}

/// The object by which Python's libraries get a tensor. On success it owns the tensor.
pub(super) fn give<'g>(py: Python<'g>, taken: &Taken) -> Outcome<Owned<'g>> {
    let class = class(py, "DLPack")?;
    // SAFETY: a tensor of this form, which is alive.
    let device = unsafe { taken.form.tensor(taken.tensor) }.device;
    let device = [py.int(device[0].into())?, py.int(device[1].into())?];
    let device = py.tuple(device.into_iter())?;
    let made = class.call(&[device], None)?;
    // Last of all: from here on the capsule owns the tensor.
    let name = py.text("_capsule")?;
    // SAFETY: a tensor of this form, which its owner gives up.
    let capsule = unsafe { taken.form.put_in_capsule(py, taken.tensor)? };
    py.set_item(&made.getattr("__dict__")?, &name, &capsule)?;
    Ok(made)
}

/// A function for `exchange.py`: `hand_over(capsule, old, copy)` gives a capsule that a consumer
/// takes.
pub(super) fn hand_over(py: Python<'_>) -> Outcome<Owned<'_>> {
    function::make(py, c"hand_over".into(), c"".into(), HandOver)
}

struct HandOver;

impl Call for HandOver {
    fn class() -> &'static OnceCell<usize> {
        static CLASS: OnceCell<usize> = OnceCell::new();
        &CLASS
    }

    fn call<'g>(
        &self,
        py: Python<'g>,
        args: &[NonNull<PyObject>],
        _keywords: Option<NonNull<PyObject>>,
    ) -> Outcome<Owned<'g>> {
        // SAFETY: the caller keeps its arguments alive.
        let mut args = args.iter().map(|object| unsafe { py.share(*object) });
        let (Some(capsule), Some(old), Some(copy)) = (args.next(), args.next(), args.next()) else {
            return Err(Failure::argument("hand_over takes three arguments"));
        };
        let (old, copy) = (py.truth(&old)?, py.truth(&copy)?);
        let versioned = is(py, &capsule, Form::Versioned.name());
        if copy {
            let copied = copied(py, &capsule, versioned)?;
            return in_capsule(
                py,
                if old {
                    new_tensor::without_version(copied)
                } else {
                    copied
                },
            );
        }
        if !(versioned && old) {
            return Ok(capsule);
        }
        let tensor = pointer(py, &capsule, Form::Versioned.name())?;
        // SAFETY: what a capsule of this name holds.
        if unsafe { Form::Versioned.flags(tensor) } & READ_ONLY != 0 {
            return Err(buffer_error(
                py,
                "the host's tensor is read-only, which this consumer would not know: it is from \
                 before DLPack 1.0",
            ));
        }
        in_capsule(
            py,
            new_tensor::without_version(Taken::out_of(py, &capsule)?),
        )
    }

    fn disarm(&mut self) {}
}

fn copied(py: Python<'_>, capsule: &Owned<'_>, versioned: bool) -> Outcome<Taken> {
    let form = if versioned {
        Form::Versioned
    } else {
        Form::Unversioned
    };
    let tensor = pointer(py, capsule, form.name())?;
    // SAFETY: what a capsule of this name holds, for as long as the capsule lives.
    let tensor = unsafe { form.tensor(tensor) };
    if !HOST_DEVICES.contains(&tensor.device[0]) {
        return Err(buffer_error(
            py,
            "the host's tensor is on a device, from where it is not copied",
        ));
    }
    Ok(tensor.copy())
}

fn in_capsule<'g>(py: Python<'g>, taken: Taken) -> Outcome<Owned<'g>> {
    // SAFETY: a tensor of this form, which is given up where it worked.
    let capsule = unsafe { taken.form.put_in_capsule(py, taken.tensor)? };
    taken.into_raw();
    Ok(capsule)
}
