//! Brings libpython into a process that may have a Python of its own.
//!
//! # The problem
//!
//! An extension module of CPython does not say where it takes Python's API from: it leaves
//! `PyList_New` undefined and expects to find it in the process. The dynamic loader looks
//! for such names in the *global scope*, the executable and all it was linked with, in
//! their order, before it looks anywhere else. In a program without a Python that is
//! simple: libpython is opened with `RTLD_GLOBAL`, and joins the scope at its end.
//!
//! But a host can export the same names. PyPy exports some fifty of them, by oversight;
//! another CPython exports them all. The host comes first. Then extensions, and often
//! libpython itself, call the host's `PyType_GetFlags` with objects which that cannot
//! understand, and the process dies.
//!
//! `RTLD_DEEPBIND` is meant to put an object before the global scope, but it puts only
//! the object itself and its dependencies there, and extensions do not have libpython among
//! theirs. A second namespace (`dlmopen`) would have a second C library, with a second heap
//! and second thread-local variables.
//!
//! # The answer
//!
//! *Nobody has to have linked an extension with libpython: we can open it through a library
//! that is linked with both.* For libpython, and then for each extension, we write such a
//! [stub] into memory, whose dependencies are libpython and the extension in this order,
//! and open the stub with `RTLD_DEEPBIND`. A dependency looks up its symbols in the scope of
//! what it was opened through, which is now: the stub, libpython, the extension, the
//! libraries of the extension, and after these the global scope.
//!
//! The loader does the rest as always, before any initialiser runs. Files, paths, symbol
//! versions and thread-local variables are what they were. Nothing of the host is written
//! to, and it sees nothing: libpython is not in the global scope.
//!
//! * The order is also wrong for a few names, which must mean the same to all. The stub
//!   defines these itself: see [keep].
//! * We must learn of each extension that Python opens. The stub defines a `dlopen` of ours
//!   as well: see [intercept].
//! * A program can contain not a Python, but a library that extensions are linked with, and
//!   export that: Node has a zlib and an OpenSSL. The same order cures it.
//! * The host may have mapped an extension's file itself. Python then gets a copy of its
//!   own: see [copies].
//!
//! # Where that does not work
//!
//! The musl C library has no `RTLD_DEEPBIND`, and sanitizers refuse it because their own
//! functions must come first. There we let the loader bind to the host's names and correct
//! the slots it has filled in: see [mend]. Where no name clashes, `RTLD_GLOBAL` is enough.

mod copies;
mod elf;
mod error;
mod extension;
pub mod file;
mod gnu_hash;
mod intercept;
mod keep;
mod mend;
mod names;
mod process;
mod running;
mod start;
mod stub;
mod twice;

use std::env;
use std::ffi::{CString, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

pub use error::LoadError;
pub use extension::extensions_bound;
pub use running::running_python;
pub use twice::loaded_twice;

use super::memory::MemoryFile;
use crate::platform::{Loaded, Method, Report};
use names::Clash;

/// Loads a libpython so that it and its extensions bind to it, whatever the host exports.
///
/// Asked again for the same file, it gives the same answer. `EMB_CLASH` in the environment
/// (`global`, `stub` or `mend`) overrides the choice of method, for diagnosis. A file that
/// lacks one of the `required` names is refused before it is loaded: it would stay for good.
pub fn load(libpython: &Path, required: &[&str]) -> Result<Loaded, LoadError> {
    struct First {
        path: PathBuf,
        handle: usize,
        report: Report,
    }
    static FIRST: Mutex<Option<First>> = Mutex::new(None);
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);

    let path = std::path::absolute(libpython).unwrap_or_else(|_| libpython.into());
    let first = match &mut *first {
        Some(first) if first.path == path => first,
        Some(first) => {
            return Err(LoadError::Occupied {
                path,
                loaded: first.path.clone(),
            });
        }
        none => {
            let (handle, report) = load_new(&path, required)?;
            none.insert(First {
                path,
                handle: handle as usize,
                report,
            })
        }
    };
    Ok(Loaded {
        handle: first.handle as *mut c_void,
        report: first.report.clone(),
    })
}

/// The bytes of a small shared library, for tests of what is done with files.
#[cfg(test)]
pub(crate) fn small_library() -> Vec<u8> {
    stub::image(&[], &[])
}

fn load_new(path: &Path, required: &[&str]) -> Result<(*mut c_void, Report), LoadError> {
    let forced = forced_method()?;
    let unreadable = |text| LoadError::Unreadable {
        path: path.into(),
        text,
    };
    let exported = file::python_names(path).map_err(unreadable)?;
    if exported.is_empty() {
        return Err(LoadError::NotPython(path.into()));
    }
    let missing = required
        .iter()
        .find(|name| !exported.contains(name.as_bytes()));
    if let Some(name) = missing {
        return Err(LoadError::Incomplete {
            path: path.into(),
            name: (*name).into(),
        });
    }
    let program = file::Layout::of(path).map_err(unreadable)?.program;
    let name = CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
    let own = start::own_mapping(&name);
    let mut clash = names::find(&exported, own);
    if own.is_some() && !clash.names.is_empty() {
        // We shall need a copy, to which the host's libpython is as foreign as the rest.
        clash = names::find(&exported, None);
    }
    let libraries = names::libraries_in_program();
    let method = forced.unwrap_or_else(|| choose(&clash, &libraries));
    let is_program = program.is_some();
    let library = start::Library {
        path,
        name,
        mapped: own.is_some(),
        program,
    };
    let handle = match method {
        Method::Global => library.load_globally()?,
        Method::Stub => library.load_first()?,
        Method::Mend => library.load_and_mend(&clash)?,
    };
    let report = Report {
        method,
        program: is_program,
        names: clash
            .names
            .iter()
            .map(|name| name.to_string_lossy().into_owned())
            .collect(),
        hosts: clash.hosts,
        libraries,
    };
    Ok((handle, report))
}

/// The method that the environment prescribes.
fn forced_method() -> Result<Option<Method>, LoadError> {
    let Some(value) = env::var_os("EMB_CLASH") else {
        return Ok(None);
    };
    match value.as_bytes() {
        b"" => Ok(None),
        b"global" => Ok(Some(Method::Global)),
        b"stub" => Ok(Some(Method::Stub)),
        b"mend" => Ok(Some(Method::Mend)),
        _ => Err(LoadError::Setting(value)),
    }
}

fn choose(clash: &Clash, libraries: &[String]) -> Method {
    if clash.names.is_empty() && libraries.is_empty() {
        Method::Global
    } else if can_come_first() && MemoryFile::check().is_ok() {
        Method::Stub
    } else if clash.names.is_empty() {
        Method::Global
    } else {
        Method::Mend
    }
}

/// Whether the loader can put a stub before the global scope, and takes the address of an
/// absolute symbol as it is, which glibc does since 2.28.
#[cfg(target_env = "gnu")]
fn can_come_first() -> bool {
    // SAFETY: glibc returns its version as a static string.
    let version =
        unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) }.to_string_lossy();
    let mut numbers = version
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(2), Some(28)) && !has_sanitizer()
}

#[cfg(not(target_env = "gnu"))]
fn can_come_first() -> bool {
    false
}

/// A sanitizer ends the process when it sees `RTLD_DEEPBIND`.
#[cfg(target_env = "gnu")]
fn has_sanitizer() -> bool {
    [
        c"__asan_init",
        c"__hwasan_init",
        c"__msan_init",
        c"__tsan_init",
    ]
    .iter()
    .any(|name| {
        // SAFETY: the name is NUL-terminated, and its address not used.
        !unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) }.is_null()
    })
}
