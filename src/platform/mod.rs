//! What is different on each operating system, behind one interface: [`Platform`].
//!
//! `linux` implements it, for ELF and glibc, with what any Unix has in `unix`. The rest of the crate
//! asks the system through this interface and the portable part of the standard library only, and a
//! test below reads it for anything else. ARCHITECTURE.md says what another implementation has to do.

#[cfg(target_os = "linux")]
mod linux;
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod report;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
mod slot;
#[cfg(unix)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod unix;
#[cfg(not(target_os = "linux"))]
mod unsupported;

use std::cell::Cell;
use std::ffi::{CStr, CString, OsStr, OsString, c_void};
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::process::Command;
use std::ptr::NonNull;

#[cfg(target_os = "linux")]
pub(crate) use linux::Linux as Os;
#[cfg(not(target_os = "linux"))]
pub(crate) use unsupported::Unsupported as Os;

pub(crate) use report::{Loaded, Method, Report, Twice};

/// The type for a character of `wchar_t *`, which Python's own texts of its start have.
pub(crate) use libc::wchar_t;

/// A function without arguments that the system calls.
pub(crate) type Hook = unsafe extern "C" fn();

/// What libemb wants of an operating system.
pub(crate) trait Platform {
    /// Tells a thread of this process from all others that live.
    type ThreadNumber: Copy + PartialEq + Send;
    /// How the process handles the signals that a starting Python takes for itself.
    type Signals;
    /// How the process handles one signal.
    type Handler;

    // Loading

    /// Whether a file is a library of Python `version` that this process can load. The text of an
    /// error follows on its path.
    fn check_library(path: &Path, version: (u8, u8)) -> Result<(), String>;

    /// Whether a python that is linked statically can be loaded itself. The text of an error follows
    /// on "it".
    fn check_program(path: &Path) -> Result<(), String>;

    /// Loads a libpython, for good, so that it and its extension modules bind to it and to nothing
    /// that the host has under the same names. A file that lacks one of the `required` names is
    /// refused before it is loaded. The text of an error is a whole sentence.
    fn load(libpython: &Path, required: &[&str]) -> Result<Loaded, String>;

    /// A handle to a CPython that runs in this process already, if one does.
    fn running_python() -> Option<*mut c_void>;

    /// The address of a name, null if it is not there.
    ///
    /// # Safety
    /// The handle is one of `load` or `running_python`.
    unsafe fn symbol(handle: *mut c_void, name: &CStr) -> *mut c_void;

    /// How many bytes the variable has that a loaded library has at this address, if the system can
    /// say.
    fn size_of_variable(address: *const c_void) -> Option<usize>;

    /// How many extension modules have been bound to libpython by what `load` has set up.
    fn extensions_bound() -> usize;

    /// The libraries that are in this process more than once.
    fn loaded_twice() -> Vec<Twice>;

    // Memory

    /// How many bytes of address space the process may have, if not as many as there are.
    fn address_space() -> u64;

    /// Address space that reads as zeros and takes no memory until it is opened, for the rest of the
    /// process. None where the process may not have so much.
    fn reserve(bytes: usize) -> Option<NonNull<c_void>>;

    /// Makes a part of it writable, in whole pages. False where there is not so much memory.
    ///
    /// # Safety
    /// `reserve` has given it.
    unsafe fn open(start: *mut c_void, bytes: usize) -> bool;

    // Threads and forks

    /// A place of the calling thread's own, null at first, which is there until the thread has ended,
    /// also for its destructors. Every operation begins by reading it.
    fn thread_slot<'a>() -> &'a Cell<*const c_void>;

    /// The calling thread's number.
    fn thread_number() -> Self::ThreadNumber;

    /// Whether a thread of this process has ended, and runs no code any more.
    fn has_ended(thread: Self::ThreadNumber) -> bool;

    /// Has these called around each fork of the process: before it, and after it in both processes.
    /// Nothing to do where there are no forks.
    fn at_fork(before: Hook, in_parent: Hook, in_child: Hook);

    // The process

    /// Has a function called when the process ends, before what was registered earlier.
    fn at_exit(function: extern "C" fn());

    /// How many libraries the process has loaded in its life.
    fn libraries_loaded() -> u64;

    /// Whether the user's environment chooses the C locale, be it for want of another.
    fn locale_is_c() -> bool;

    // Signals

    /// Reads how the signals are handled that a starting Python takes for itself.
    fn save_signals() -> Self::Signals;

    /// Has them handled so again.
    fn restore_signals(signals: Self::Signals);

    /// How the host handles a signal, also where it shares that with Python by now. None where there
    /// is no such signal.
    fn handler_of_host(number: i32) -> Option<Self::Handler>;

    /// Has the host's handler called as well as that of Python, which has just been put in place.
    fn share_signal(number: i32, host: Self::Handler);

    // Child processes

    /// A file for what a child writes, which has no name and is gone with its last user.
    fn nameless_file() -> io::Result<File>;

    /// Reads at a place, wherever others that share the open file have got to.
    fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Makes the child that a command starts the first of a group, with all that it will start.
    fn lead_group(command: &mut Command);

    /// Ends a child's group at once. The child led it, and has not been waited for.
    fn kill_group(child: u32);

    // Files

    /// Text of the system as C functions take it. None if there is a NUL in it.
    fn c_text(text: &OsStr) -> Option<CString>;

    /// Text of the system from the bytes that C functions, and files, have for it.
    fn text_of(bytes: Vec<u8>) -> OsString;

    /// Whether a file can be run as a program by somebody.
    fn is_program(file: &Metadata) -> bool;

    /// Why a file may have been put into a folder by another user, if so.
    fn distrust(folder: &Path, file: &Path) -> Option<String>;
}

/// The bytes of a small shared library of this system, for tests of what is done with files.
#[cfg(all(test, target_os = "linux"))]
pub(crate) use linux::small_library;

#[cfg(test)]
mod tests;
