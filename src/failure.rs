//! Why an operation did not succeed, on its way from the place of failure to the boundary.

use std::fmt::{self, Display, Formatter};

use crate::status::{self, emb_status};

/// The error type of the whole crate.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An exception is set in the current Python thread state; the boundary fetches it.
    Python,
    /// libemb's own complaint. Boxed, so that results stay small on their way.
    Own(Box<Complaint>),
}

/// An error of libemb's own.
#[derive(Debug)]
pub(crate) struct Complaint {
    /// The code the host receives.
    pub status: emb_status,
    /// What was wrong and what to do.
    pub message: String,
}

/// What fallible functions of this crate return.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl Failure {
    #[cold]
    pub(crate) fn own(status: emb_status, message: impl Into<String>) -> Self {
        Failure::Own(Box::new(Complaint {
            status,
            message: message.into(),
        }))
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::own(status::EMB_BAD_ARGUMENT, message)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Python => f.write_str("an exception of Python"),
            Failure::Own(complaint) => f.write_str(&complaint.message),
        }
    }
}

/// Checks that text is UTF-8.
pub(crate) fn utf8<'a>(bytes: &'a [u8], what: &str) -> Outcome<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        Failure::argument(format!(
            "{what} is not UTF-8 (at byte {}): encode it as UTF-8",
            error.valid_up_to()
        ))
    })
}
