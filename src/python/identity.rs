//! Which Python runs, and whether it is the one that is asked for.

use std::ffi::CStr;
use std::path::{Path, PathBuf};

use super::find::fit::Build;
use super::gil::{self, Python};
use super::probe::Interpreter;
use super::runtime;
use super::start::Request;
use super::symbols::Symbols;
use crate::failure::{Failure, Outcome};
use crate::status::{EMB_CONFLICT, EMB_NO_PYTHON};
use crate::thread::Thread;

/// What a Python that runs says of itself.
pub(crate) struct Identity {
    pub executable: PathBuf,
    pub prefix: PathBuf,
    pub base_prefix: PathBuf,
    /// `sys.version`
    pub version: String,
}

impl Identity {
    /// Takes that Python's GIL, which the calling thread may hold, and leaves nothing behind.
    pub(crate) fn ask(api: &Symbols) -> Self {
        // SAFETY: that Python runs, and these may be called on any thread.
        unsafe {
            let state = (api.PyGILState_Ensure)();
            let identity = Identity {
                executable: text_of_sys(api, c"executable").into(),
                prefix: text_of_sys(api, c"prefix").into(),
                base_prefix: text_of_sys(api, c"base_prefix").into(),
                version: text_of_sys(api, c"version"),
            };
            (api.PyGILState_Release)(state);
            identity
        }
    }

    /// Whether the other one would load the same extension modules, from the same files. The loader
    /// maps a file once, and can bind it to one Python only.
    pub(crate) fn shares_files_with(&self, other: &Interpreter) -> bool {
        let (major, minor, _) = other.version;
        self.version.starts_with(&format!("{major}.{minor}."))
            && same_file(&self.base_prefix, &other.base_prefix)
    }

    /// Whether it is meant by `wanted`: an interpreter, or the folder of an environment.
    pub(crate) fn is(&self, wanted: &Path) -> bool {
        [&self.executable, &self.prefix]
            .iter()
            .any(|path| same_file(wanted, path))
    }
}

/// What packages have to be built for the host's own Python, which libemb has attached to.
pub(crate) fn build_of_host(thread: &Thread) -> Option<Build> {
    let attached = runtime::running().is_some_and(|runtime| runtime.attached);
    if !attached {
        return None;
    }
    let asked = gil::with(thread, |py| Ok(py.or_clear(build(py))));
    asked.ok().flatten()
}

fn build(py: Python<'_>) -> Outcome<Build> {
    let sys = py.import("sys")?;
    let path = sys.getattr("path")?;
    let mut search_path = Vec::new();
    for index in 0..py.length(&path)? {
        // A path may be an object of another kind, which is no folder's.
        let entry = py.get_item(&path, &py.int(index)?)?.to_text();
        search_path.extend(py.or_clear(entry).map(PathBuf::from));
    }
    Ok(Build {
        version: py.runtime.version,
        abiflags: sys.getattr("abiflags")?.to_text()?,
        free_threaded: py.runtime.free_threaded,
        search_path,
    })
}

/// An attribute of `sys`; empty if it is no text.
///
/// # Safety
/// The GIL is held.
unsafe fn text_of_sys(api: &Symbols, name: &CStr) -> String {
    // SAFETY: the GIL is held; the results are borrowed, and copied before it is released.
    unsafe {
        let value = (api.PySys_GetObject)(name.as_ptr());
        if value.is_null() {
            return String::new();
        }
        let mut length = 0;
        let text = (api.PyUnicode_AsUTF8AndSize)(value, &raw mut length);
        if text.is_null() {
            (api.PyErr_Clear)();
            return String::new();
        }
        let bytes = std::slice::from_raw_parts(text.cast::<u8>(), length as usize);
        String::from_utf8_lossy(bytes).into_owned()
    }
}

/// Whether a further `emb_init` asks for the Python that runs already. `first` is the path that
/// led to it.
pub(crate) fn same_python(
    thread: &Thread,
    first: Option<&Path>,
    request: &Request<'_>,
) -> Outcome<()> {
    let too_late = request.beside && runtime::required()?.attached;
    let wanted = request.path();
    if wanted.is_none() && !too_late {
        return runtime::required().map(drop);
    }
    let running = gil::with(thread, |py| Ok(Identity::ask(py.api())))?;
    if too_late {
        return Err(conflict(
            &running,
            wanted,
            "libemb has attached to it: ask for EMB_BESIDE in the first emb_init of the process",
        ));
    }
    let is = |wanted| running.is(wanted) || first.is_some_and(|first| same_file(wanted, first));
    if wanted.is_none_or(is) {
        return Ok(());
    }
    Err(conflict(
        &running,
        wanted,
        "libemb runs one Python in a process: give emb_init the same one, or none",
    ))
}

fn conflict(running: &Identity, wanted: Option<&Path>, why: &str) -> Failure {
    let wanted = wanted.map_or_else(|| "another".into(), |path| path.display().to_string());
    Failure::own(
        EMB_CONFLICT,
        format!(
            "this process runs {} already and cannot change to {wanted}: {why}",
            running.executable.display()
        ),
    )
}

/// Whether the host's own Python may be used: not where another one is named.
pub(crate) fn may_attach(running: &Identity, python: Option<&Path>) -> Outcome<()> {
    let variable = std::env::var_os("EMB_PYTHON").filter(|path| !path.is_empty());
    let wanted = python.or(variable.as_deref().map(Path::new));
    if wanted.is_none_or(|wanted| running.is(wanted)) {
        return Ok(());
    }
    Err(conflict(
        running,
        wanted,
        "it is the host's own; to have both, ask for EMB_BESIDE (from Python: emb.init(path, \
         beside=True)), to use it, name no other (EMB_PYTHON)",
    ))
}

/// Why the interpreter cannot run beside the host's Python, with which it shares its files.
pub(crate) fn one_installation(host: &Identity, interpreter: &Interpreter) -> Failure {
    Failure::own(
        EMB_NO_PYTHON,
        format!(
            "{} is of the same installation as this process's own Python, {}, and both would load the \
             same extension modules, which can belong to one only: leave EMB_BESIDE (beside=True) \
             out, or choose another version or installation",
            interpreter.executable.display(),
            host.executable.display()
        ),
    )
}

/// The same path, once relative parts are resolved, but not the last symlink: a virtual
/// environment's python is a link to its base. Two names in one folder for the same file
/// (`python`, `python3`) are one interpreter.
pub(crate) fn same_file(a: &Path, b: &Path) -> bool {
    let folder = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.into());
        match (path.parent().map(std::fs::canonicalize), path.file_name()) {
            (Some(Ok(parent)), Some(name)) => (parent, name.to_os_string()),
            _ => (path, Default::default()),
        }
    };
    let (a_at, b_at) = (folder(a), folder(b));
    a_at == b_at
        || a_at.0 == b_at.0
            && matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::same_file;
    use std::os::unix::fs::symlink;

    #[test]
    fn interpreters_are_told_apart_by_their_folders() {
        let folder = std::env::temp_dir().join(format!("libemb-host-{}", std::process::id()));
        let [base, venv] = ["base", "venv"].map(|name| folder.join(name));
        for folder in [&base, &venv] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(base.join("python3.12"), "").unwrap();
        symlink("python3.12", base.join("python3")).unwrap();
        symlink(base.join("python3"), venv.join("python3")).unwrap();
        symlink("python3", venv.join("python")).unwrap();
        assert!(same_file(&base.join("python3"), &base.join("python3.12")));
        assert!(same_file(
            &venv.join("python"),
            &venv.join("../venv/python3")
        ));
        assert!(!same_file(&venv.join("python3"), &base.join("python3")));
        assert!(same_file(&venv, &folder.join("venv/")));
        assert!(!same_file(&venv, &base));
        assert!(!same_file(&venv.join("none"), &venv.join("python")));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
