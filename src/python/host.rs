//! The Python that runs in this process already, as one asks it without being attached to it.

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::Duration;

use once_cell::sync::OnceCell;

use super::exit;
use super::ffi::{NoArguments, Object};
use super::probe::Interpreter;
use super::runtime;
use super::symbols::Symbols;

/// What the host's Python says of itself.
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

static HOST: OnceCell<Symbols> = OnceCell::new();
static AT_EXIT: NoArguments = NoArguments::new(c"emb_at_exit", at_exit);

/// Sees to it that libemb's part ends before that Python does. Threads of its own that came later
/// would be ended inside our functions; and an embedded Python beside it could call it no more.
pub(crate) fn end_with(api: Symbols) {
    let api = HOST.get_or_init(|| api);
    // SAFETY: that Python runs, and these may be called on any thread; each object is released.
    unsafe {
        let state = (api.PyGILState_Ensure)();
        let objects = [
            text(api, "atexit"),
            text(api, "register"),
            AT_EXIT.to_callable(api),
        ];
        if objects.iter().all(|object| !object.is_null()) && !register(api, objects) {
            (api.PyErr_Clear)();
        }
        for object in objects.into_iter().filter(|object| !object.is_null()) {
            (api.Py_DecRef)(object);
        }
        (api.PyGILState_Release)(state);
    }
}

/// # Safety
/// The GIL is held.
unsafe fn text(api: &Symbols, text: &str) -> Object {
    // SAFETY: a text of this length.
    unsafe { (api.PyUnicode_FromStringAndSize)(text.as_ptr().cast(), text.len() as isize) }
}

/// module.name(function); false means that an exception is set.
///
/// # Safety
/// The GIL is held, and the objects are alive.
unsafe fn register(api: &Symbols, [module, name, function]: [Object; 3]) -> bool {
    // SAFETY: as above; what is made here is released here.
    unsafe {
        let module = (api.PyImport_Import)(module);
        let mut callable = ptr::null_mut();
        let mut arguments = ptr::null_mut();
        let mut result = ptr::null_mut();
        if !module.is_null() {
            callable = (api.PyObject_GetAttr)(module, name);
            arguments = (api.PyTuple_New)(1);
        }
        if !callable.is_null() && !arguments.is_null() {
            (api.Py_IncRef)(function);
            (api.PyTuple_SetItem)(arguments, 0, function);
            result = (api.PyObject_Call)(callable, arguments, ptr::null_mut());
        }
        for object in [module, callable, arguments, result] {
            if !object.is_null() {
                (api.Py_DecRef)(object);
            }
        }
        !result.is_null()
    }
}

/// That Python's `atexit` calls this, with its GIL held.
unsafe extern "C" fn at_exit(_: Object, _: Object) -> Object {
    // A call that waits for the GIL gets it in this time, and sees that Python has ended.
    const LAST_CALLS: Duration = Duration::from_millis(5);
    let Some(api) = HOST.get() else {
        return ptr::null_mut();
    };
    // SAFETY: this thread holds the GIL; it gives it up, and takes it again.
    unsafe {
        let state = (api.PyEval_SaveThread)();
        let ended = std::panic::catch_unwind(|| {
            if runtime::state() == runtime::RUNNING
                && let Some(runtime) = runtime::loaded()
            {
                exit::finish(runtime);
            }
            std::thread::sleep(LAST_CALLS);
        });
        drop(ended);
        (api.PyEval_RestoreThread)(state);
        (api.Py_IncRef)(api._Py_NoneStruct);
    }
    api._Py_NoneStruct
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
