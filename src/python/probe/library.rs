//! Which library belongs to an interpreter, and why there is none.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::facts::Details;
use super::naming::Naming;
use super::remedy::{PERMIT, remedy};
use crate::platform::{Os, Platform};

/// The first file that this process can load, of all the places where `details` say that
/// the interpreter's library may be; or the interpreter itself, if it is linked statically
/// and can be loaded.
///
/// # Errors
/// The reason why no place has a fitting one, and what to do about it.
pub(super) fn find(version: (u8, u8, u8), details: &Details) -> Result<PathBuf, String> {
    let mut unfit = Unfit::default();
    let mut seen = Vec::new();
    for path in places(version, details) {
        // One file often has several of the names; its fault is told once.
        let Ok(real) = path.canonicalize() else {
            continue;
        };
        if seen.contains(&real) {
            continue;
        }
        seen.push(real);
        match Os::check_library(&path, (version.0, version.1)) {
            Ok(()) => return Ok(path),
            Err(why) => unfit.add(&path, format!("{} {why}", path.display())),
        }
    }
    let itself = match details.mapped.as_slice() {
        [] => Some(details.program.path()).filter(|program| program.is_file()),
        _ => None,
    };
    match itself
        .as_deref()
        .map(|program| (program, Os::check_program(program)))
    {
        Some((_, Ok(()))) => return Ok(itself.unwrap_or_default()),
        Some((program, Err(why))) => unfit.program(program, why),
        None => {}
    }
    Err(missing(version, details, &unfit))
}

/// What is there and of no use.
#[derive(Default)]
struct Unfit {
    libraries: Vec<String>,
    /// Why the interpreter, which is linked statically, cannot be loaded itself.
    itself: Option<String>,
    /// One of them may not be read.
    forbidden: bool,
}

impl Unfit {
    fn add(&mut self, path: &Path, why: String) {
        self.forbidden |= is_forbidden(path);
        self.libraries.push(why);
    }

    fn program(&mut self, path: &Path, why: String) {
        self.forbidden |= is_forbidden(path);
        self.itself = Some(why);
    }
}

fn is_forbidden(path: &Path) -> bool {
    File::open(path).is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
}

/// Where the library may be, the surest first, each place once.
fn places(version: (u8, u8, u8), details: &Details) -> Vec<PathBuf> {
    let config = &details.config;
    let mut folders = Vec::new();
    if let Some(libdir) = config.libdir.as_ref().map(|text| text.path()) {
        folders.push(libdir.clone());
        folders.extend(
            config
                .multiarch
                .as_ref()
                .map(|arch| libdir.join(arch.path())),
        );
    }
    folders.push(details.base_prefix.path().join("lib"));
    folders.push(details.base_prefix.path().join("lib64"));
    // The paths of the build are of no use in an installation that was moved.
    let base = details.base_executable.path();
    let base = base.canonicalize().unwrap_or(base);
    if let Some(root) = base.parent().and_then(Path::parent) {
        folders.push(root.join("lib"));
    }
    folders.extend(config.libpl.as_ref().map(|text| text.path()));
    // Outside of the installation, the library of that name may be one of another build.
    let prefix = details.base_prefix.path();
    folders.sort_by_key(|folder| !folder.starts_with(&prefix));
    let naming = Naming::of(details);
    let mut paths: Vec<PathBuf> = details.mapped.iter().map(|text| text.path()).collect();
    paths.extend(naming.in_framework(details));
    for folder in folders {
        for name in naming.names(version, details) {
            let path = folder.join(name);
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
    }
    paths
}

/// Why there is no library, and how to get one where the interpreter comes from.
fn missing(version: (u8, u8, u8), details: &Details, unfit: &Unfit) -> String {
    let damaged = !unfit.libraries.is_empty();
    let itself = unfit.itself.as_ref().filter(|_| !damaged);
    let linked = match (details.mapped.is_empty(), itself) {
        (true, Some(why)) => format!("it is linked statically, {why}, and"),
        (true, None) => "it is linked statically, and".into(),
        (false, _) => "it is linked dynamically, but".into(),
    };
    let absent = match unfit.libraries.as_slice() {
        [] => {
            let soname = Naming::of(details).soname(version, details);
            format!("{linked} {soname} is not there")
        }
        libraries => format!("{linked} {}", libraries.join(", ")),
    };
    match unfit.forbidden {
        true => format!("{absent}: {PERMIT}"),
        false => format!("{absent}: {}", remedy(version, details, damaged)),
    }
}

#[cfg(test)]
mod tests;
