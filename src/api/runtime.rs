//! Starting, describing and ending the one Python of the process.

use std::ffi::c_char;
use std::path::Path;

use crate::boundary::sized::Growing;
use crate::boundary::{self, EMB_NUL_TERMINATED};
use crate::doctor;
use crate::failure::{Failure, Outcome};
use crate::python::find::{Named, Source};
use crate::python::start::{self, Request};
use crate::status::emb_status;
use crate::value::emb_value;

/// Counts the incompatible changes of the ABI, as the library's SONAME does (libemb.so.1). A
/// binding compares it with the number it was written for before it calls anything else.
pub const EMB_ABI_VERSION: u32 = 1;

/// `emb_doctor`: text to be read by people.
pub const EMB_DOCTOR_TEXT: u32 = 0;
/// `emb_doctor`: one JSON object.
pub const EMB_DOCTOR_JSON: u32 = 1;

/// `emb_config`: where this process runs a CPython already, start another one beside it.
pub const EMB_BESIDE: u32 = 1;

/// How to start Python. Zeroed members mean the default.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct emb_config {
    /// sizeof(emb_config)
    pub size: usize,
    /// The interpreter, or the folder of a virtual or conda environment; NULL: discover one.
    pub python: *const c_char,
    /// Bytes of `python`, or EMB_NUL_TERMINATED.
    pub python_length: i64,
    /// EMB_BESIDE, or 0.
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
}

// SAFETY: as the trait demands.
unsafe impl Growing for emb_config {
    const FIRST: usize = 24;
    const NAME: &'static str = "emb_config";
}

/// The ABI version of this library (EMB_ABI_VERSION).
///
/// Ownership: a number. Errors: none. Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_abi_version() -> u32 {
    EMB_ABI_VERSION
}

/// The version of this library, such as "0.1.0".
///
/// Ownership: a static text. Errors: none. Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Finds a CPython, loads it and starts it. The Python is looked for in this order: `config`; the
/// environment variable EMB_PYTHON; the key `python` in the table `tool.emb` of the nearest
/// pyproject.toml upward from the working directory; VIRTUAL_ENV and CONDA_PREFIX; the nearest
/// .venv upward; each python3 on PATH; and, if no CPython is on PATH, where Pythons are commonly
/// installed. What is named and cannot be used is an error. With EMB_DEBUG=1 in the environment
/// each step is shown on stderr. The calling thread becomes Python's main thread. Calling it again
/// is fine, unless it asks for another Python.
///
/// Where this process runs a CPython already (the host is one, or is a plug-in of one, or has loaded
/// libpython), that one is used, its main interpreter: nothing is searched, and neither emb_shutdown
/// nor the end of the process ends it. A call from one of its subinterpreters, or from their
/// threads, is EMB_BAD_CALL; before CPython 3.12 only those threads are told apart, and with 3.8
/// nothing is. If `config` or EMB_PYTHON names another one, that is EMB_CONFLICT; with EMB_BESIDE
/// the other one is started as a second Python, with modules, threads and a GIL of its own.
///
/// Ownership: `config` is only read, NULL means the defaults. Errors: EMB_NO_PYTHON (the message
/// lists what was tried and what to do; another call may follow), EMB_CONFLICT, EMB_BAD_CALL,
/// EMB_NOT_RUNNING after emb_shutdown. Threads: any; a second one waits. Since: 0.1.
///
/// # Safety
/// `config` is NULL or points to an emb_config.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_init(config: *const emb_config) -> emb_status {
    boundary::host(|thread| {
        if config.is_null() {
            return start::start(thread, &Request::default());
        }
        let config = read_sized!(config)?;
        let beside = wants_beside(&config)?;
        let (python, python_length) = (
            config.python,
            if config.python_length == 0 {
                EMB_NUL_TERMINATED
            } else {
                config.python_length
            },
        );
        let python = optional_text!(python, python_length)?;
        let python = python.filter(|path| !path.is_empty()).map(|path| Named {
            path: Path::new(path),
            by: Source::Configuration,
        });
        start::start(thread, &Request { python, beside })
    })
}

fn wants_beside(config: &emb_config) -> Outcome<bool> {
    if config.flags & !EMB_BESIDE != 0 {
        let flags = config.flags;
        return Err(Failure::argument(format!(
            "config->flags is {flags}, which is more than EMB_BESIDE: leave the rest zero"
        )));
    }
    if config.reserved != 0 {
        let reserved = config.reserved;
        return Err(Failure::argument(format!(
            "config->reserved is {reserved}: leave it zero"
        )));
    }
    Ok(config.flags & EMB_BESIDE != 0)
}

/// Ends Python's part of the process: waits for Python's non-daemon threads, runs its atexit
/// functions, flushes its output. No Python runs for the host afterwards, and none can be
/// started again. A process that ends without this call gets the same done at its exit. Where
/// libemb was attached to the host's own Python, that Python goes on.
///
/// Ownership: handles need not be released before. Errors: EMB_NOT_RUNNING, EMB_BAD_CALL inside
/// an emb_gil_acquire scope or a host function that Python has called. Threads: any. Since: 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn emb_shutdown() -> emb_status {
    boundary::host(|_| start::stop())
}

/// Describes what was found (every Python that was looked at, and why it was taken or refused),
/// what runs, which packages were built for another version, how names that the host exports too
/// were kept apart, and which libraries the process has loaded more than once. `format` is
/// EMB_DOCTOR_TEXT or EMB_DOCTOR_JSON. Works at any time, also after a failed start.
///
/// Ownership: `report` receives EMB_TEXT that stays valid until this thread's next emb_doctor.
/// Errors: EMB_BAD_ARGUMENT. Threads: any. Since: 0.1.
///
/// # Safety
/// `report` points to an emb_value.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn emb_doctor(format: u32, report: *mut emb_value) -> emb_status {
    boundary::host(|thread| {
        let report = out!(report)?;
        let text = match format {
            EMB_DOCTOR_TEXT => doctor::text(thread),
            EMB_DOCTOR_JSON => doctor::json(thread),
            _ => {
                return Err(Failure::argument(format!(
                    "format is {format}, which is neither EMB_DOCTOR_TEXT nor EMB_DOCTOR_JSON"
                )));
            }
        };
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let pointer = text.as_ptr().cast();
        thread.report.replace(text);
        report.set(emb_value::text(pointer, length));
        Ok(())
    })
}
