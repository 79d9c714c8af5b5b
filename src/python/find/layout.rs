//! Where the pythons are in the folders of environments and installations, as those who make them
//! lay them out.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The names by which venv, virtualenv, conda, uv and pyenv have a python in a folder.
pub(super) const NAMES: [&str; 2] = ["bin/python3", "bin/python"];

/// The folders in which a python has a plain name, seen from one that somebody may name:
/// Homebrew's `python@3.12`, and the framework of macOS.
const INNER: [&str; 2] = ["libexec", "Versions/Current"];

/// The pythons of a folder, links to nowhere among them, the better ones first.
pub(super) fn pythons(folder: &Path) -> Vec<PathBuf> {
    let plain = NAMES.iter().map(|name| folder.join(name));
    let inner = INNER.iter().map(|inner| folder.join(inner).join(NAMES[0]));
    plain
        .chain(versioned(&folder.join("bin")))
        .chain(inner)
        .filter(|python| fs::symlink_metadata(python).is_ok())
        .collect()
}

/// The files python3.N in a folder, the newest first: `make altinstall` and uv leave only these.
pub(super) fn versioned(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = entries(folder)
        .filter_map(|path| Some((minor(path.file_name()?)?, path)))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The N of python3.N, and of nothing else: python3.12-config is no python.
fn minor(name: &OsStr) -> Option<u32> {
    name.to_str()?.strip_prefix("python3.")?.parse().ok()
}

/// The entries of a folder; none if it cannot be read.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}
