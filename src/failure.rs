//! Why an operation did not succeed, on its way from the place of failure to the boundary.

use crate::status::{self, emb_status};

/// The error type of the whole crate.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An exception is set in the current Python thread state; the boundary fetches it.
    Python,
    /// libemb's own complaint.
    Own {
        /// The code the host receives.
        status: emb_status,
        /// What was wrong and what to do.
        message: String,
    },
}

/// What fallible functions of this crate return.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub(crate) fn own(status: emb_status, message: impl Into<String>) -> Self {
        Failure::Own {
            status,
            message: message.into(),
        }
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::own(status::EMB_BAD_ARGUMENT, message)
    }
}
