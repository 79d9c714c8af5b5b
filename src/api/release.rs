//! The end of what is lent to Python: how the host hears of it.

use std::ffi::c_void;

use crate::boundary;
use crate::failure::{Failure, Outcome};
use crate::python::release::{self, Release};
use crate::status::emb_status;

/// Called once, when Python no longer looks at what it came with. It may run on any thread that
/// runs Python, with the GIL held; it may call libemb.
#[allow(non_camel_case_types)]
pub type emb_release = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// Added to the flags of `emb_callback_new` and `emb_stream_set`: the host can be called on one
/// thread only, the one that makes this call. They say what happens on the others. A release may
/// come on any thread all the same: such hosts also want EMB_RELEASE_QUEUE.
pub const EMB_ONE_THREAD: u32 = 256;
/// Added to the flags of whatever takes an `emb_release`: it is not called, but `userdata` is
/// queued for `emb_released`. For hosts that cannot be called at any moment.
pub const EMB_RELEASE_QUEUE: u32 = 1024;

/// For functions that know no other flag: checks that there is none.
pub(super) fn check(flags: u32) -> Outcome<()> {
    if flags & !EMB_RELEASE_QUEUE == 0 {
        return Ok(());
    }
    Err(Failure::argument(format!(
        "flags is {flags:#x}, which has bits other than EMB_RELEASE_QUEUE"
    )))
}

/// What the host wants to happen at the end. Made first of all, so that every way out of an
/// exported function releases what came with the call.
pub(super) fn wanted(release: emb_release, userdata: *mut c_void, flags: u32) -> Release {
    match release {
        _ if flags & EMB_RELEASE_QUEUE != 0 => Release::Queue(release, userdata),
        Some(function) => Release::Call(function, userdata),
        None => Release::Nothing,
    }
}

/// Takes up to `capacity` of the userdata that EMB_RELEASE_QUEUE has queued, oldest first: Python
/// no longer has what they came with. References that were released without the GIL are dropped by
/// the next call that takes it, so a pair of `emb_gil_acquire` and `emb_gil_release` before this
/// call brings everything that is due into the queue.
///
/// Ownership: each userdata is given once. Errors: EMB_BAD_ARGUMENT. Threads: any; never waits
/// for the GIL. Since: 0.1.
///
/// # Safety
/// `userdata` points to `capacity` pointers, `count` to a size_t.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_released(
    userdata: *mut *mut c_void,
    capacity: usize,
    count: *mut usize,
) -> emb_status {
    boundary::host(|_| {
        let (userdata, count) = (room!(userdata, capacity)?, out!(count)?);
        count.set(userdata.fill(release::take_queued(capacity).into_iter()));
        Ok(())
    })
}
