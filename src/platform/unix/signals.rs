//! Signal handlers: put back after Python's start, and shared with Python.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// CPython's signal module handles SIGINT; its start may ignore the other two.
const TAKEN: [libc::c_int; 3] = [libc::SIGINT, libc::SIGPIPE, libc::SIGXFSZ];

/// How the host handles them.
pub(crate) struct Signals([Option<libc::sigaction>; TAKEN.len()]);

impl Signals {
    pub(in crate::platform) fn save() -> Self {
        Signals(TAKEN.map(current))
    }

    pub(in crate::platform) fn restore(self) {
        for (signal, action) in TAKEN.iter().zip(self.0) {
            if let Some(action) = action {
                // SAFETY: `action` was read from the system for this very signal.
                unsafe { libc::sigaction(*signal, &action, ptr::null_mut()) };
            }
        }
    }
}

/// What the system does about a signal; None where there is no such signal.
fn current(number: i32) -> Option<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: a null new action only reads the current one into `action`.
    unsafe {
        let read = libc::sigaction(number, ptr::null(), action.as_mut_ptr());
        (read == 0).then(|| action.assume_init())
    }
}

/// The host's handler of a signal.
pub(crate) struct Handler(libc::sigaction);

/// Signals have numbers below this one.
const NUMBERS: usize = 65;

/// What is called for a signal that host and Python share.
struct Shared {
    host: libc::sigaction,
    python: libc::sigaction,
}

impl Shared {
    fn is_for(&self, host: &libc::sigaction, python: &libc::sigaction) -> bool {
        let same = |one: &libc::sigaction, other: &libc::sigaction| {
            one.sa_sigaction == other.sa_sigaction && one.sa_flags == other.sa_flags
        };
        same(&self.host, host) && same(&self.python, python)
    }
}

/// For each signal that is shared. Never freed: a handler may be at work on any thread. So who shares a
/// signal again and again, with the same two, gets what there is.
static SHARED: [AtomicPtr<Shared>; NUMBERS] = [const { AtomicPtr::new(ptr::null_mut()) }; NUMBERS];

fn slot(number: i32) -> Option<&'static AtomicPtr<Shared>> {
    SHARED.get(usize::try_from(number).ok().filter(|number| *number > 0)?)
}

pub(in crate::platform) fn handler_of_host(number: i32) -> Option<Handler> {
    let slot = slot(number)?;
    let action = current(number)?;
    if action.sa_sigaction != both as *const () as usize {
        return Some(Handler(action));
    }
    // SAFETY: the handler is in place, so there is what it calls, for good.
    Some(Handler(unsafe { (*slot.load(Acquire)).host }))
}

pub(in crate::platform) fn share(number: i32, host: Handler) {
    let (Some(slot), Some(python)) = (slot(number), current(number)) else {
        return; // no such signal, of which there is no handler
    };
    // SAFETY: what is stored is never freed.
    let known = unsafe { slot.load(Acquire).as_ref() };
    if !known.is_some_and(|known| known.is_for(&host.0, &python)) {
        let shared = Box::new(Shared {
            host: host.0,
            python,
        });
        slot.store(Box::into_raw(shared), Release);
    }
    let mut action = python;
    action.sa_sigaction = both as *const () as usize;
    action.sa_flags |= libc::SA_SIGINFO;
    // SAFETY: a handler that only does what handlers may do.
    unsafe { libc::sigaction(number, &action, ptr::null_mut()) };
}

/// The handler of shared signals. It takes no lock and no memory: it may run at any moment.
extern "C" fn both(number: i32, information: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(slot) = SHARED.get(number as usize) else {
        return;
    };
    // SAFETY: what is stored is never freed; the actions are those that the system had.
    unsafe {
        let error = *errno();
        if let Some(shared) = slot.load(Acquire).as_ref() {
            deliver(&shared.host, number, information, context);
            deliver(&shared.python, number, information, context);
        }
        *errno() = error;
    }
}

/// Where the calling thread has the number of its last error.
fn errno() -> *mut libc::c_int {
    // SAFETY: always succeeds.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::__errno_location()
    }
    // SAFETY: always succeeds.
    #[cfg(target_vendor = "apple")]
    unsafe {
        libc::__error()
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
