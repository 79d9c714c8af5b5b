//! The end of the process: Python's own exit functions run, its output is flushed, and nothing
//! is torn down under threads that still live.
//!
//! `Py_Finalize` is never called: with native threads alive, or with extension modules that keep
//! Python objects in static variables, it crashes. What a user would miss without it is done here.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};

use super::gil::{self, Python};
use super::runtime::{self, Runtime};
use super::source;
use crate::failure::Outcome;
use crate::platform::{Os, Platform};
use crate::thread;

static FINISHED: AtomicBool = AtomicBool::new(false);

/// Waits for Python's non-daemon threads, runs its atexit functions and flushes its streams.
/// Only the first call does anything; afterwards Python counts as ended.
pub(crate) fn finish(runtime: &Runtime) {
    if FINISHED.swap(true, AcqRel) {
        return;
    }
    if !runtime.attached {
        thread::with(|thread| {
            // The script reports what goes wrong in it; there is nobody to hand an error to.
            let _ = gil::with(thread, |py| {
                run_script(py).inspect_err(|_| py.clear_exception())
            });
        });
    }
    runtime::set_ended();
}

fn run_script(py: Python<'_>) -> Outcome<()> {
    source::run_own(py, include_str!("exit.py"), &py.dict()?)
}

/// Sees to it that `at_exit` runs before the exit functions and destructors of every library
/// that has been loaded so far: those run in the reverse order of registration, so it is
/// registered anew whenever libraries have come in. All but the first run do nothing.
pub(crate) fn stay_first() {
    static LIBRARIES: AtomicU64 = AtomicU64::new(0);
    let loaded = Os::libraries_loaded();
    if LIBRARIES.swap(loaded, Relaxed) != loaded {
        Os::at_exit(at_exit);
    }
}

extern "C" fn at_exit() {
    let Some(runtime) = runtime::loaded().filter(|runtime| !runtime.attached) else {
        return;
    };
    if runtime::state() == runtime::FORKED {
        return;
    }
    let guarded = std::panic::catch_unwind(|| {
        finish(runtime);
        // The GIL is taken and kept: Python's daemon threads must not run while the process is
        // taken apart around them.
        thread::with(|thread| gil::keep(runtime, thread));
    });
    drop(guarded);
}
