//! The signals that a starting Python would take for itself: they stay the host's, and are shared
//! with Python where the host wants that.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::*};

use super::gil::Python;
use super::object::Owned;
use crate::failure::{Failure, Outcome};

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

/// Signals have numbers below this one.
const NUMBERS: usize = 65;

/// What is called for a signal that host and Python share.
struct Shared {
    host: libc::sigaction,
    python: libc::sigaction,
}

/// For each signal that is shared. Never freed: a handler may be at work on any thread.
static SHARED: [AtomicPtr<Shared>; NUMBERS] = [const { AtomicPtr::new(ptr::null_mut()) }; NUMBERS];

/// Lets `handler` be Python's for a signal that the host handles, and goes on handling.
pub(crate) fn share(py: Python<'_>, number: i32, handler: Owned<'_>) -> Outcome<()> {
    let slot = usize::try_from(number)
        .ok()
        .and_then(|number| SHARED.get(number))
        .filter(|_| number > 0)
        .ok_or_else(|| Failure::argument(format!("signal is {number}, which is none")))?;
    let host = match current(number)? {
        action if action.sa_sigaction != both as *const () as usize => action,
        // SAFETY: the handler is in place, so there is what it calls, for good.
        _ => unsafe { (*slot.load(Acquire)).host },
    };
    let signal = py.import("signal")?.getattr("signal")?;
    signal.call(&[py.int(number.into())?, handler], None)?;
    let python = current(number)?;
    slot.store(Box::into_raw(Box::new(Shared { host, python })), Release);
    let mut action = python;
    action.sa_sigaction = both as *const () as usize;
    action.sa_flags |= libc::SA_SIGINFO;
    // SAFETY: a handler that only does what handlers may do.
    unsafe { libc::sigaction(number, &action, ptr::null_mut()) };
    Ok(())
}

fn current(number: i32) -> Outcome<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: a null new action only reads the current one into `action`.
    unsafe {
        match libc::sigaction(number, ptr::null(), action.as_mut_ptr()) {
            0 => Ok(action.assume_init()),
            _ => Err(Failure::argument(format!(
                "signal is {number}, which is none"
            ))),
        }
    }
}

/// The handler of shared signals. It takes no lock and no memory: it may run at any moment.
extern "C" fn both(number: i32, information: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(slot) = SHARED.get(number as usize) else {
        return;
    };
    // SAFETY: what is stored is never freed; the actions are those that the system had.
    unsafe {
        let error = *libc::__errno_location();
        if let Some(shared) = slot.load(Acquire).as_ref() {
            deliver(&shared.host, number, information, context);
            deliver(&shared.python, number, information, context);
        }
        *libc::__errno_location() = error;
    }
}

/// # Safety
/// `action` was read from the system, and the rest is what it gave to a handler.
unsafe fn deliver(
    action: &libc::sigaction,
    number: i32,
    information: *mut libc::siginfo_t,
    context: *mut c_void,
) {
    type Long = unsafe extern "C" fn(i32, *mut libc::siginfo_t, *mut c_void);
    type Short = unsafe extern "C" fn(i32);
    let handler = action.sa_sigaction;
    if handler == libc::SIG_DFL || handler == libc::SIG_IGN {
        return;
    }
    // SAFETY: the flags say which of the two it is.
    unsafe {
        if action.sa_flags & libc::SA_SIGINFO != 0 {
            std::mem::transmute::<usize, Long>(handler)(number, information, context);
        } else {
            std::mem::transmute::<usize, Short>(handler)(number);
        }
    }
}
