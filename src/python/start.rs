//! Starting Python, once, and ending it.

use std::ffi::{CStr, c_void};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use super::arenas;
use super::begin::begin;
use super::debug;
use super::find::{self, Named, Search};
use super::fork;
use super::gil::{self, Python};
use super::host;
use super::identity::{self, Identity};
use super::probe::Interpreter;
use super::runtime::{self, Runtime, missing};
use super::subinterpreters::Subinterpreters;
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::platform::{Os, Platform, Report};
use crate::status::{EMB_BAD_CALL, EMB_NO_PYTHON};
use crate::thread::{self, Thread};

/// How Python came to run, for the report and for a second `emb_init`.
#[derive(Default)]
pub(crate) struct Record {
    pub search: Option<Search>,
    pub clash: Option<Report>,
    /// `Py_GetVersion`'s text.
    pub version: Option<String>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// The same of the host's Python, where this one was started beside it.
    pub beside: Option<String>,
}

/// Held while Python starts; starting twice at the same time waits here.
static RECORD: Mutex<Record> = Mutex::new(Record {
    search: None,
    clash: None,
    version: None,
    error: None,
    beside: None,
});

/// Runs `f` on what is known about the start.
pub(crate) fn with_record<R>(f: impl FnOnce(&Record) -> R) -> R {
    f(&lock_record())
}

/// What `emb_init` is asked for.
#[derive(Default)]
pub(crate) struct Request<'a> {
    /// The Python, where one is asked for.
    pub python: Option<Named<'a>>,
    /// Not the Python that runs in this process already, if one does.
    pub beside: bool,
}

impl Request<'_> {
    /// The path of the Python, where one is asked for.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.python.map(|named| named.path)
    }
}

/// Starts Python, or attaches to the one that runs in this process. A second call is fine
/// unless it asks for another Python.
pub(crate) fn start(thread: &Thread, request: &Request<'_>) -> Outcome<()> {
    let mut record = lock_record();
    // The lock is not held while waiting for a GIL: whoever has it may want the record.
    if runtime::state() != runtime::IDLE {
        let first = record.search.as_ref().and_then(Search::taken);
        drop(record);
        return identity::same_python(thread, first.as_deref(), request);
    }
    let Some(host) = Os::running_python() else {
        let launched = launch(thread, request.python, None, &mut record);
        record.error = launched.as_ref().err().map(Failure::to_string);
        return launched;
    };
    drop(record);
    let api = symbols(host)?;
    if let Some(subinterpreters) = Subinterpreters::of(&api) {
        // SAFETY: that Python runs, and this may be called on any thread.
        subinterpreters.refuse(unsafe { (api.PyGILState_GetThisThreadState)() })?;
    }
    let running = Identity::ask(&api);
    if !request.beside {
        identity::may_attach(&running, request.path())?;
    }
    let mut record = lock_record();
    if runtime::state() != runtime::IDLE {
        // Another thread was faster.
        drop(record);
        return start(thread, request);
    }
    if request.beside {
        let launched = launch(thread, request.python, Some(running), &mut record);
        record.error = launched.as_ref().err().map(Failure::to_string);
        drop(record);
        launched?;
    } else {
        let api = symbols(host)?;
        let (version, text) = version(&api);
        debug::say(|| format!("attached to the Python that runs in this process, {text}"));
        record.version = Some(text);
        runtime::install(Runtime::new(api, version, true)?);
        drop(record);
        gil::with(thread, fork::watch)?;
    }
    host::end_with(api);
    Ok(())
}

fn lock_record() -> MutexGuard<'static, Record> {
    RECORD
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Finds a Python, loads and starts it; `beside` the host's, where that is one.
fn launch(
    thread: &Thread,
    asked: Option<Named<'_>>,
    beside: Option<Identity>,
    record: &mut Record,
) -> Outcome<()> {
    let search = record.search.insert(find::search(asked));
    let interpreter = match &search.result {
        Ok(interpreter) => interpreter.clone(),
        Err(not_found) => return Err(Failure::own(EMB_NO_PYTHON, not_found.to_string())),
    };
    if let Some(host) = beside {
        if host.shares_files_with(&interpreter) {
            return Err(identity::one_installation(&host, &interpreter));
        }
        record.beside = Some(host.version.replace('\n', ""));
    }
    let loaded = Os::load(&interpreter.libpython, Symbols::REQUIRED)
        .map_err(|why| Failure::own(EMB_NO_PYTHON, why))?;
    debug::say(|| {
        format!(
            "loaded {}\n{}",
            interpreter.libpython.display(),
            loaded.report
        )
    });
    record.clash = Some(loaded.report);
    let api = symbols(loaded.handle)?;
    let (version, text) = version(&api);
    if version != (interpreter.version.0, interpreter.version.1) {
        return Err(Failure::own(
            EMB_NO_PYTHON,
            format!(
                "{} is version {text}, but {} is version {}: the installation is mixed up; reinstall it or choose another Python with EMB_PYTHON",
                interpreter.libpython.display(),
                interpreter.executable.display(),
                interpreter.version_text
            ),
        ));
    }
    record.version = Some(text);
    initialise(thread, api, version, &interpreter)?;
    debug::say(|| format!("running {interpreter}"));
    super::exit::stay_first();
    Ok(())
}

/// From loaded to running, with the GIL free at the end.
fn initialise(
    thread: &Thread,
    api: Symbols,
    version: (u8, u8),
    interpreter: &Interpreter,
) -> Outcome<()> {
    let signals = Os::save_signals();
    begin(&api, version, interpreter)?;
    arenas::keep(&api);
    let runtime = runtime::install(Runtime::new(api, version, false)?);
    // SAFETY: `begin` left this thread with the GIL and the main thread state.
    let finished = settle_in(Python::assume(runtime, thread), interpreter);
    if finished.is_err() {
        // Nothing in there can fail for a user's reason; what it would have set is a convenience.
        Python::assume(runtime, thread).clear_exception();
    }
    Os::restore_signals(signals);
    // SAFETY: this thread holds the GIL; the state it gives up is its own from now on.
    let state = unsafe { (runtime.api.PyEval_SaveThread)() };
    thread.set_state(state);
    thread.is_main.set(true);
    Ok(())
}

/// The first steps of the new Python, in its main thread.
fn settle_in(py: Python<'_>, interpreter: &Interpreter) -> Outcome<()> {
    // `threading` takes the thread that imports it for the main thread; `signal` installs a
    // SIGINT handler on import, which the caller undoes.
    py.import("threading")?;
    py.import("signal")?;
    fork::watch(py)?;
    let sys = py.import("sys")?;
    // Child processes (multiprocessing, joblib) are started through these.
    for (name, path) in [
        ("executable", &interpreter.executable),
        ("_base_executable", &interpreter.base_executable),
    ] {
        if let Some(path) = path.to_str() {
            sys.setattr(name, Some(&py.text(path)?))?;
        }
    }
    super::advice::install(py)
}

fn symbols(handle: *mut c_void) -> Outcome<Symbols> {
    // SAFETY: the handle is that of a loaded libpython (or of a program that contains one).
    let lookup = |name: &CStr| unsafe { Os::symbol(handle, name) };
    // SAFETY: see above.
    unsafe { Symbols::load(&lookup) }.map_err(missing)
}

fn version(api: &Symbols) -> ((u8, u8), String) {
    // SAFETY: a static text.
    let text = unsafe { CStr::from_ptr((api.Py_GetVersion)()) }
        .to_string_lossy()
        .replace('\n', "");
    let mut numbers = text
        .split(|c: char| !c.is_ascii_digit())
        .map(|number| number.parse().unwrap_or(0));
    (
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)),
        text,
    )
}

/// Ends Python's part of this process: see `exit`.
pub(crate) fn stop() -> Outcome<()> {
    let runtime = runtime::required()?;
    if let Some(inside) = thread::with(inside_of).filter(|_| !runtime.attached) {
        return Err(Failure::own(
            EMB_BAD_CALL,
            format!("emb_shutdown inside {inside} first"),
        ));
    }
    super::exit::finish(runtime);
    Ok(())
}

/// What the calling thread has begun with Python, and how it ends.
fn inside_of(thread: &Thread) -> Option<&'static str> {
    if thread.is_in_callback() {
        return Some("a host function that Python has called: let it return");
    }
    (thread.locks.get() > 0).then_some("an emb_gil_acquire scope: release the GIL")
}
