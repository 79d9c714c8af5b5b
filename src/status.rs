//! The codes every fallible function returns, with their written-out numbers.
//!
//! They are plain numbers, not of the type that they are codes of: the header would have them at its
//! end otherwise, behind all types.

/// Zero, or one of the negative codes from EMB_EXCEPTION to EMB_UNSATISFIED. Negative if and only if
/// an error is pending for the calling thread (see `emb_error_take`).
#[allow(non_camel_case_types)]
pub type emb_status = i32;

/// It worked.
pub const EMB_OK: i32 = 0;
/// Python raised an exception.
pub const EMB_EXCEPTION: i32 = -1;
/// An argument cannot be right: NULL, an impossible length, an unknown kind, text that is not
/// UTF-8.
pub const EMB_BAD_ARGUMENT: i32 = -2;
/// A handle that was released already, or that libemb never gave.
pub const EMB_BAD_HANDLE: i32 = -3;
/// Python does not run: before `emb_init`, after `emb_shutdown`, or in the child of a fork that it
/// was not prepared for.
pub const EMB_NOT_RUNNING: i32 = -4;
/// No usable CPython was found, or the one that was asked for cannot be used.
pub const EMB_NO_PYTHON: i32 = -5;
/// A second `emb_init` asks for another Python than the one that runs.
pub const EMB_CONFLICT: i32 = -6;
/// A call that does not fit the moment, such as releasing a lock that is not held.
pub const EMB_BAD_CALL: i32 = -7;
/// A bug in libemb: a panic that was caught before it reached the host.
pub const EMB_INTERNAL: i32 = -8;
/// Packages that `emb_require` was asked for are not there and cannot be had.
pub const EMB_UNSATISFIED: i32 = -9;

/// The name under which libemb's own errors appear in `emb_error.type_name`.
pub(crate) fn name(status: emb_status) -> &'static str {
    match status {
        EMB_BAD_ARGUMENT => "emb.BadArgument",
        EMB_BAD_HANDLE => "emb.BadHandle",
        EMB_NOT_RUNNING => "emb.NotRunning",
        EMB_NO_PYTHON => "emb.NoPython",
        EMB_CONFLICT => "emb.Conflict",
        EMB_BAD_CALL => "emb.BadCall",
        EMB_UNSATISFIED => "emb.Unsatisfied",
        _ => "emb.Internal",
    }
}
