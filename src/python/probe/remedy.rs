//! How to get a libpython for an interpreter, by where that comes from.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::facts::Details;

/// Where interpreters come from, as far as it makes a difference for the remedy.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Debian,
    Fedora,
    /// The name of pyenv's version.
    Pyenv(String),
    Conda,
    Uv,
    Homebrew,
    /// The user's own build, or nobody knows.
    Other,
}

/// What is looked at of the system, replaced by tests.
pub(super) trait System {
    fn has(&self, path: &Path) -> bool;
}

pub(super) struct ThisSystem;

impl System for ThisSystem {
    fn has(&self, path: &Path) -> bool {
        path.exists()
    }
}

/// What to do about a file that the user of this process has no right to.
pub(in crate::python) const PERMIT: &str = "give the user of this process the right to it, and to the \
                                            folders above it (`chmod a+rX`), or choose another Python";

/// That, behind an error that says so.
pub(in crate::python) fn permit(error: &Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => format!("; {PERMIT}"),
        _ => String::new(),
    }
}

/// Where an interpreter's standard library is, if this process may not look into that folder.
pub(super) fn closed_library(python: &Path) -> Option<PathBuf> {
    let python = python.canonicalize().ok()?;
    let library = python.parent()?.parent()?.join("lib");
    let is_pythons = |folder: &PathBuf| {
        folder
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("python3."))
    };
    let folders = fs::read_dir(&library).into_iter().flatten();
    let folders = folders.filter_map(|entry| Some(entry.ok()?.path()));
    let closed = |error: Error| error.kind() == ErrorKind::PermissionDenied;
    [library.clone()]
        .into_iter()
        .chain(folders.filter(is_pythons))
        .find(|folder| fs::read_dir(folder).is_err_and(closed))
}

/// What to do. `damaged`: there is a library, which is of no use.
pub(super) fn remedy(version: (u8, u8, u8), details: &Details, damaged: bool) -> String {
    let prefix = details.base_prefix.path();
    advice(&origin(&prefix, &ThisSystem), version, details, damaged)
}

pub(super) fn origin(prefix: &Path, system: &dyn System) -> Origin {
    let within = |names: &[&str]| {
        prefix
            .components()
            .any(|part| names.iter().any(|name| part.as_os_str() == *name))
    };
    if prefix == Path::new("/usr") && system.has(Path::new("/var/lib/dpkg")) {
        Origin::Debian
    } else if prefix == Path::new("/usr") && system.has(Path::new("/usr/bin/dnf")) {
        Origin::Fedora
    } else if let Some(name) = pyenv_version(prefix, system) {
        Origin::Pyenv(name)
    } else if system.has(&prefix.join("conda-meta")) {
        Origin::Conda
    } else if is_of_uv(prefix) {
        Origin::Uv
    } else if within(&["Cellar", "homebrew", ".linuxbrew"]) {
        Origin::Homebrew
    } else {
        Origin::Other
    }
}

/// The name under which pyenv installed `prefix`.
fn pyenv_version(prefix: &Path, system: &dyn System) -> Option<String> {
    let versions = prefix
        .parent()
        .filter(|parent| parent.ends_with("versions"))?;
    let root = versions.parent()?;
    let ours = root.ends_with(".pyenv") || system.has(&root.join("shims"));
    let name = prefix.file_name()?.to_string_lossy().into_owned();
    ours.then_some(name)
}

/// uv keeps its pythons in folders such as uv/python/cpython-3.12.4-linux-x86_64-gnu.
fn is_of_uv(prefix: &Path) -> bool {
    let name = prefix.file_name().unwrap_or_default();
    name.as_encoded_bytes().starts_with(b"cpython-")
        && prefix
            .parent()
            .is_some_and(|parent| parent.ends_with("uv/python"))
}

fn advice(
    origin: &Origin,
    (major, minor, micro): (u8, u8, u8),
    details: &Details,
    damaged: bool,
) -> String {
    let flags = details.abiflags.lossy();
    match origin {
        Origin::Debian if damaged => {
            format!("`apt-get install --reinstall libpython{major}.{minor}{flags}`")
        }
        Origin::Debian => format!("`apt-get install libpython{major}.{minor}{flags}`"),
        Origin::Fedora => format!("`dnf install python{major}.{minor}-libs`"),
        Origin::Pyenv(name) => format!(
            "rebuild it with \
             `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force {name}`"
        ),
        Origin::Conda => {
            format!(
                "conda's pythons come with it: `conda install --force-reinstall python={major}.{minor}`"
            )
        }
        Origin::Uv => format!(
            "uv's pythons come with it: `uv python install --reinstall {major}.{minor}.{micro}`"
        ),
        Origin::Homebrew => format!("`brew reinstall python@{major}.{minor}`"),
        Origin::Other if damaged => "reinstall that Python".into(),
        Origin::Other => "libemb needs a Python built with --enable-shared, so build it with \
             `./configure --enable-shared`"
            .into(),
    }
}

#[cfg(test)]
mod tests;
