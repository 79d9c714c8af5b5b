//! Memory of the host as an argument: an EMB_MEMORY becomes an array.

use crate::api::array::{EMB_ARRAY_AGAIN, EMB_ARRAY_MEMORYVIEW, EMB_ARRAY_READONLY};
use crate::boundary::{self, sized};
use crate::failure::{Failure, Outcome};
use crate::python::again;
use crate::python::array::{HostArray, from_host};
use crate::python::gil::Python;
use crate::python::object::Owned;
use crate::python::release::Release;
use crate::value::emb_value;

/// The array that Python sees instead of the value `what`, whose kind is EMB_MEMORY.
pub(crate) fn array<'g>(py: Python<'g>, value: &emb_value, what: &str) -> Outcome<Owned<'g>> {
    // SAFETY: the kind says that the memory is set; the host vouches for what is described there.
    unsafe {
        let memory = sized::read(value.r#as.memory, what)?;
        let length = usize::try_from(memory.ndim).map_err(|_| {
            let ndim = memory.ndim;
            Failure::argument(format!("{what}->ndim is {ndim}: it cannot be negative"))
        })?;
        if memory.flags & !(EMB_ARRAY_READONLY | EMB_ARRAY_MEMORYVIEW | EMB_ARRAY_AGAIN) != 0 {
            return Err(Failure::argument(format!(
                "{what}->flags is {:#x}, which has bits other than EMB_ARRAY_READONLY, \
                 EMB_ARRAY_MEMORYVIEW and EMB_ARRAY_AGAIN",
                memory.flags
            )));
        }
        if !memory.held.is_aligned() {
            return Err(Failure::argument(format!(
                "{what}->held is not aligned to 8 bytes"
            )));
        }
        let host = HostArray {
            data: memory.data,
            dtype: boundary::name(memory.dtype, memory.dtype_length, "dtype")?,
            shape: boundary::slice(memory.shape, length, "shape")?,
            strides: if memory.strides.is_null() {
                None
            } else {
                Some(boundary::slice(memory.strides, length, "strides")?)
            },
            readonly: memory.flags & EMB_ARRAY_READONLY != 0,
        };
        let memoryview = memory.flags & EMB_ARRAY_MEMORYVIEW != 0;
        let again = memory.flags & EMB_ARRAY_AGAIN != 0 && !memoryview && host.strides.is_none();
        if let Some(array) = again.then(|| again::find(py, &host, memory.held)).flatten() {
            return Ok(array);
        }
        let array = from_host(py, &host, memoryview, Release::mark(py, memory.held))?;
        if again {
            again::note(py, &array, memory.held);
        }
        Ok(array)
    }
}
