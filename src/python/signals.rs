//! The signals that a starting Python would take for itself. They stay the host's.

use std::mem::MaybeUninit;

/// CPython's signal module handles SIGINT; its start may ignore the other two.
const TAKEN: [libc::c_int; 3] = [libc::SIGINT, libc::SIGPIPE, libc::SIGXFSZ];

/// How the host handles them.
pub(crate) struct Signals([Option<libc::sigaction>; TAKEN.len()]);

impl Signals {
    pub(crate) fn save() -> Self {
        Signals(TAKEN.map(|signal| {
            let mut action = MaybeUninit::uninit();
            // SAFETY: a null new action only reads the current one into `action`.
            unsafe {
                let read = libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr());
                (read == 0).then(|| action.assume_init())
            }
        }))
    }

    pub(crate) fn restore(self) {
        for (signal, action) in TAKEN.iter().zip(self.0) {
            if let Some(action) = action {
                // SAFETY: `action` was read from the system for this very signal.
                unsafe { libc::sigaction(*signal, &action, std::ptr::null_mut()) };
            }
        }
    }
}
