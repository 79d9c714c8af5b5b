//! Identity: which handles are of one object, and which of them the host has.

use crate::boundary;
use crate::convert::bad_handle;
use crate::failure::Failure;
use crate::handle::{TABLE, emb_handle, note, noted};
use crate::python::runtime;
use crate::status::emb_status;

/// `emb_object_note`: in the place of what was noted before.
pub const EMB_NOTE_INSTEAD: u32 = 1;

/// The identity of an object, as `id()` gives it: the same for every handle to the same object.
///
/// Ownership: a number. Errors: EMB_BAD_HANDLE. Threads: any; never waits for the GIL. Since: 0.1.
///
/// # Safety
/// `address` points to a uint64_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_identity(object: emb_handle, address: *mut u64) -> emb_status {
    boundary::host(|_| {
        runtime::required()?;
        let address = out!(address)?;
        let found = TABLE.look(object, |found| found.as_ptr().addr() as u64);
        address.set(found.ok_or_else(|| bad_handle(object, "object"))?);
        Ok(())
    })
}

/// Notes `count` handles as those by which the host knows their objects, for `emb_object_noted`: so
/// a host that has an object of its own for each of Python's finds it again. Of several live handles
/// of one object the first to be noted stays so, unless `flags` is EMB_NOTE_INSTEAD. Those that were
/// released are passed over, and so is a 0, where a thread of the host may be about to write one.
/// `noted` receives how many there are before the first 0.
///
/// Ownership: the handles are only read. Errors: EMB_BAD_ARGUMENT. Threads: any; never waits for
/// the GIL. Since: 0.1.
///
/// # Safety
/// `objects` points to `count` handles, `noted` to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_note(
    objects: *const emb_handle,
    count: usize,
    flags: u32,
    noted: *mut usize,
) -> emb_status {
    boundary::aside(|_| {
        let noted = out!(noted)?;
        if flags > EMB_NOTE_INSTEAD {
            return Err(Failure::argument(format!(
                "flags is {flags}, which is neither 0 nor EMB_NOTE_INSTEAD"
            )));
        }
        noted.set(note(slice!(objects, count)?, flags == EMB_NOTE_INSTEAD));
        Ok(())
    })
}

/// The live handle that the host has noted for an object, which may be another handle of the same
/// object; 0 where it has noted none.
///
/// Ownership: `noted` receives a handle that belongs to the host already. Errors: EMB_BAD_HANDLE,
/// EMB_BAD_ARGUMENT. Threads: any; never waits for the GIL. Since: 0.1.
///
/// # Safety
/// `noted` points to a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_object_noted(
    object: emb_handle,
    noted: *mut emb_handle,
) -> emb_status {
    boundary::host(|_| {
        runtime::required()?;
        let found = out!(noted)?;
        found.set(self::noted(object).ok_or_else(|| bad_handle(object, "object"))?);
        Ok(())
    })
}
