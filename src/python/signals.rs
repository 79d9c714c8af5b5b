//! The signals that a host shares with Python: it handles them, and Python's handler runs too.

use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};
use crate::platform::{Os, Platform};

/// Lets `handler` be Python's for a signal that the host handles, and goes on handling.
pub(crate) fn share(py: Python<'_>, number: i32, handler: Owned<'_>) -> Outcome<()> {
    let host = Os::handler_of_host(number)
        .ok_or_else(|| Failure::argument(format!("signal is {number}, which is none")))?;
    let signal = py.import("signal")?.getattr("signal")?;
    signal.call(&[py.int(number.into())?, handler], None)?;
    Os::share_signal(number, host);
    Ok(())
}
