//! Packages that were installed for another version of Python than the one that is there now.

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::layout;
use crate::python::probe::Interpreter;

/// What is wrong with an environment whose python is of another version than its packages, as
/// after an upgrade of the Python it was made from.
pub(super) fn other_version(found: &Interpreter) -> Option<String> {
    if !found.venv || found.packages.is_dir() {
        return None;
    }
    let theirs = layout::entries(&found.prefix.join("lib"))
        .find(|library| library.join("site-packages").is_dir())?;
    let theirs = theirs.file_name()?.to_string_lossy().into_owned();
    let (major, minor, _) = found.version;
    let prefix = found.prefix.display();
    Some(format!(
        "its packages are for {} (in lib/{theirs}), but its python, {}, is Python {major}.{minor} \
         now: make the environment anew (`{} -m venv --clear {prefix}`, or `uv venv --clear \
         {prefix}`) and install its packages again",
        theirs.replace("python", "Python "),
        found.base_executable.display(),
        found.base_executable.display(),
    ))
}

/// A package that does not fit the Python that finds it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Misfit {
    /// Name and version, as installed.
    package: String,
    /// The versions that it was built for, such as 3.11.
    built_for: Vec<String>,
    /// The folder it is in.
    folder: String,
}

impl Display for Misfit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let versions = self.built_for.join(", ");
        write!(f, "{}, for {versions}, in {}", self.package, self.folder)
    }
}

/// What the packages of a Python have to be built for, and where they are.
pub(crate) struct Build {
    pub version: (u8, u8),
    pub abiflags: String,
    pub free_threaded: bool,
    pub search_path: Vec<PathBuf>,
}

impl From<&Interpreter> for Build {
    fn from(found: &Interpreter) -> Self {
        Build {
            version: (found.version.0, found.version.1),
            abiflags: found.abiflags.clone(),
            free_threaded: found.free_threaded,
            search_path: found.search_path.clone(),
        }
    }
}

/// The packages on the search path that were built for other versions, by what their installer
/// has noted of them.
pub(crate) fn misfits(build: &Build) -> Vec<Misfit> {
    let entries = build
        .search_path
        .iter()
        .flat_map(|path| layout::entries(path));
    let mut misfits: Vec<Misfit> = entries.filter_map(|notes| misfit(&notes, build)).collect();
    misfits.sort_by(|a, b| (&a.folder, &a.package).cmp(&(&b.folder, &b.package)));
    misfits.dedup(); // a folder may be on the path twice
    misfits
}

fn misfit(notes: &Path, build: &Build) -> Option<Misfit> {
    let package = notes.file_name()?.to_str()?.strip_suffix(".dist-info")?;
    let wheel = fs::read_to_string(notes.join("WHEEL")).ok()?;
    let tags: Vec<Tag> = wheel
        .lines()
        .filter_map(|line| line.strip_prefix("Tag:"))
        .filter_map(|tag| Tag::parse(tag.trim()))
        .collect();
    if tags.is_empty() || tags.iter().any(|tag| tag.fits(build)) {
        return None;
    }
    let mut built_for: Vec<String> = tags.iter().map(Tag::version).collect();
    built_for.dedup();
    Some(Misfit {
        package: package.replacen('-', " ", 1),
        built_for,
        folder: notes.parent().map(PathBuf::from)?.display().to_string(),
    })
}

/// What a wheel says that it fits: cp311-cp311-manylinux_2_17_x86_64.
struct Tag<'a> {
    python: &'a str,
    abi: &'a str,
}

impl<'a> Tag<'a> {
    fn parse(tag: &'a str) -> Option<Self> {
        let mut parts = tag.split('-');
        Some(Self {
            python: parts.next()?,
            abi: parts.next()?,
        })
    }

    fn fits(&self, build: &Build) -> bool {
        let (major, minor) = build.version;
        let Some(version) = self.python.strip_prefix("cp") else {
            return self.python.starts_with("py3"); // and not pp39, which is PyPy's
        };
        let own = format!("{major}{minor}");
        let older = || version.strip_prefix('3').and_then(|v| v.parse().ok()) <= Some(minor);
        match self.abi {
            "none" => older(),
            "abi3" => older() && !build.free_threaded,
            abi => abi == format!("cp{own}{}", build.abiflags),
        }
    }

    /// 3.11 of cp311-cp311, 3.13t of cp313-cp313t, PyPy 3.9 of pp39-pypy39_pp73.
    fn version(&self) -> String {
        let pypy = self.python.strip_prefix("pp");
        if let Some((major, minor)) = pypy.and_then(|digits| digits.split_at_checked(1)) {
            return format!("PyPy {major}.{minor}");
        }
        let stable = self.abi == "abi3";
        let tag = if stable { self.python } else { self.abi };
        let digits = tag.strip_prefix("cp").unwrap_or(self.python);
        match digits.split_at_checked(1) {
            Some((major, minor)) if stable => format!("{major}.{minor} or newer"),
            Some((major, minor)) => format!("{major}.{minor}"),
            None => digits.into(),
        }
    }
}

#[cfg(test)]
mod tests;
