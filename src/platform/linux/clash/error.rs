//! Why libpython could not be brought into the process.

use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::PathBuf;

/// Why [`load`](super::load) failed.
#[derive(Debug)]
pub enum LoadError {
    /// `EMB_CLASH` has a value that means nothing.
    Setting(OsString),
    /// The file cannot be read as a shared library of this architecture.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        text: String,
    },
    /// The library exports nothing of Python's API.
    NotPython(PathBuf),
    /// The library does not export all that is needed.
    Incomplete {
        /// The file.
        path: PathBuf,
        /// A name that is not there.
        name: String,
    },
    /// Another libpython has been loaded before; a process can have one.
    Occupied {
        /// The one that was asked for.
        path: PathBuf,
        /// The one that is there.
        loaded: PathBuf,
    },
    /// The dynamic loader refused.
    Open {
        /// The library.
        path: PathBuf,
        /// The loader's own words.
        text: String,
    },
    /// The file that puts libpython before the host's names could not be made.
    Stub(io::Error),
    /// What libpython was bound to could not be corrected.
    Mend(io::Error),
}

impl Display for LoadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Setting(value) => write!(
                f,
                "EMB_CLASH is {value:?}; it can be \"global\", \"stub\" or \"mend\", or unset \
                 to let libemb choose"
            ),
            LoadError::Unreadable { path, text } => write!(
                f,
                "{} cannot be read as a shared library: {text}; choose a file called \
                 libpython3.*.so, of a Python that is built for this machine",
                path.display()
            ),
            LoadError::NotPython(path) => write!(
                f,
                "{} exports no Python API; choose a file called libpython3.*.so",
                path.display()
            ),
            LoadError::Incomplete { path, name } => write!(
                f,
                "{} lacks {name}: it is not a CPython that libemb can use, or it was stripped of \
                 its symbols; reinstall that Python",
                path.display()
            ),
            LoadError::Occupied { path, loaded } => write!(
                f,
                "{} cannot be loaded: this process has {} already, and can have one Python only; \
                 start another process for the other",
                path.display(),
                loaded.display()
            ),
            LoadError::Open { path, text } => {
                write!(
                    f,
                    "{} cannot be loaded: {text}{}",
                    path.display(),
                    remedy(text)
                )
            }
            LoadError::Stub(error) => write!(
                f,
                "libpython cannot be put before the host's names of its API: {error}; the process \
                 needs memfd_create and a mounted /proc"
            ),
            LoadError::Mend(error) => write!(
                f,
                "libpython cannot be unbound from the host's names of its API: {error}; the \
                 process needs a mounted /proc and the right to change page protections"
            ),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            LoadError::Stub(error) | LoadError::Mend(error) => Some(error),
            _ => None,
        }
    }
}

/// What to do about a message of the dynamic loader, where that is known.
fn remedy(text: &str) -> &'static str {
    let known = [
        (
            "cannot open shared object file",
            "; install the library that is named, or add its folder to LD_LIBRARY_PATH before \
             the program starts",
        ),
        (
            "cannot dynamically load",
            "; it is a program: choose a Python with a shared library (Debian's libpython3 \
             packages, or one configured with --enable-shared)",
        ),
        (
            "failed to map segment",
            "; it may be in a place that is mounted without the right to execute (noexec): mount \
             that otherwise, or move that Python",
        ),
        (
            "static TLS",
            "; start the program with GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384",
        ),
    ];
    known
        .iter()
        .find(|(words, _)| text.contains(words))
        .map_or("", |(_, remedy)| *remedy)
}
