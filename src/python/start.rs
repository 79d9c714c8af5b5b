//! Starting Python, once, and ending it.

use std::ffi::{CStr, c_void};
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use super::begin::begin;
use super::clash::{self, Report};
use super::find::{self, Search};
use super::gil::{self, Python};
use super::probe::Interpreter;
use super::runtime::{self, Runtime, missing};
use super::signals::Signals;
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::status::{EMB_BAD_CALL, EMB_CONFLICT, EMB_NO_PYTHON};
use crate::thread::{self, Thread};

/// How Python came to run, for the report and for a second `emb_init`.
#[derive(Default)]
pub(crate) struct Record {
    pub search: Option<Search>,
    pub clash: Option<Report>,
    /// `Py_GetVersion`'s text.
    pub version: Option<String>,
}

/// Held while Python starts; starting twice at the same time waits here.
static RECORD: Mutex<Record> = Mutex::new(Record {
    search: None,
    clash: None,
    version: None,
});

/// Runs `f` on what is known about the start.
pub(crate) fn with_record<R>(f: impl FnOnce(&Record) -> R) -> R {
    f(&lock_record())
}

/// Starts Python, or attaches to the one that runs in this process. A second call is fine
/// unless it asks for another Python.
pub(crate) fn start(thread: &Thread, explicit: Option<&Path>) -> Outcome<()> {
    let mut record = lock_record();
    if runtime::state() == runtime::IDLE {
        match clash::running_python() {
            Some(handle) => attach(handle, &mut record)?,
            None => return launch(thread, explicit, &mut record),
        }
    }
    let first = record.search.as_ref().and_then(Search::taken);
    // The lock is not held while waiting for the GIL: whoever has the GIL may want the record.
    drop(record);
    same_python(thread, first.as_deref(), explicit)
}

fn lock_record() -> MutexGuard<'static, Record> {
    RECORD
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

unsafe extern "C" fn set_forked() {
    runtime::set_forked();
}

/// Whether a further `emb_init` asks for the Python that runs already. `first` is the path that
/// led to it.
fn same_python(thread: &Thread, first: Option<&Path>, explicit: Option<&Path>) -> Outcome<()> {
    runtime::required()?;
    let Some(wanted) = explicit else {
        return Ok(());
    };
    let (executable, prefix) = gil::with(thread, |py| {
        let sys = py.import("sys")?;
        let text = |name| sys.getattr(name)?.to_text();
        Ok((text("executable")?, text("prefix")?))
    })?;
    let known = [
        Some(Path::new(&executable)),
        Some(Path::new(&prefix)),
        first,
    ];
    if known
        .into_iter()
        .flatten()
        .any(|path| same_file(wanted, path))
    {
        return Ok(());
    }
    Err(Failure::own(
        EMB_CONFLICT,
        format!(
            "this process runs {executable} already and cannot change to {}: a process has one \
             Python; give emb_init the same one, or none",
            wanted.display()
        ),
    ))
}

/// The same path, once relative parts are resolved, but not the last symlink: a virtual
/// environment's python is a link to its base.
fn same_file(a: &Path, b: &Path) -> bool {
    let whole = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        match (path.parent().map(std::fs::canonicalize), path.file_name()) {
            (Some(Ok(parent)), Some(name)) => parent.join(name),
            _ => path,
        }
    };
    whole(a) == whole(b)
}

/// The host has a running CPython: use it. Needs no GIL, which the calling thread may hold.
fn attach(handle: *mut c_void, record: &mut Record) -> Outcome<()> {
    let api = symbols(handle)?;
    let (version, text) = version(&api);
    record.version = Some(text);
    runtime::install(Runtime::new(api, version, true)?);
    Ok(())
}

fn launch(thread: &Thread, explicit: Option<&Path>, record: &mut Record) -> Outcome<()> {
    let search = record.search.insert(find::search(explicit));
    let interpreter = match &search.result {
        Ok(interpreter) => interpreter.clone(),
        Err(not_found) => return Err(Failure::own(EMB_NO_PYTHON, not_found.to_string())),
    };
    let loaded = clash::load(&interpreter.libpython)
        .map_err(|error| Failure::own(EMB_NO_PYTHON, error.to_string()))?;
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
    // SAFETY: a plain registration of a function of this library, which stays loaded.
    unsafe { libc::pthread_atfork(None, None, Some(set_forked)) };
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
    let signals = Signals::save();
    begin(&api, version, interpreter)?;
    let runtime = runtime::install(Runtime::new(api, version, false)?);
    // SAFETY: `begin` left this thread with the GIL and the main thread state.
    let finished = settle_in(Python::assume(runtime, thread), interpreter);
    if finished.is_err() {
        // Nothing in there can fail for a user's reason; what it would have set is a convenience.
        Python::assume(runtime, thread).clear_exception();
    }
    signals.restore();
    // SAFETY: this thread holds the GIL; the state it gives up is its own from now on.
    let state = unsafe { (runtime.api.PyEval_SaveThread)() };
    thread.state.set(state);
    thread.is_main.set(true);
    Ok(())
}

/// The first steps of the new Python, in its main thread.
fn settle_in(py: Python<'_>, interpreter: &Interpreter) -> Outcome<()> {
    // `threading` takes the thread that imports it for the main thread; `signal` installs a
    // SIGINT handler on import, which the caller undoes.
    py.import("threading")?;
    py.import("signal")?;
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
    Ok(())
}

fn symbols(handle: *mut c_void) -> Outcome<Symbols> {
    // SAFETY: the handle is that of a loaded libpython (or of a program that contains one).
    let lookup = |name: &CStr| unsafe { libc::dlsym(handle, name.as_ptr()) };
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
    if !runtime.attached && gil_scope_open() {
        return Err(Failure::own(
            EMB_BAD_CALL,
            "emb_shutdown inside an emb_gil_acquire scope: release the GIL first",
        ));
    }
    super::exit::finish(runtime);
    Ok(())
}

fn gil_scope_open() -> bool {
    thread::with(|thread| thread.locks.get() > 0)
}
