//! From what a user names, a python or the folder of an environment, to the python in it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::layout;
use crate::platform::{Os, Platform};
use crate::python::probe::remedy::permit;

/// More symlinks in a row than this is a circle for the kernel too.
const LINKS: usize = 40;

/// The python that `path` names: itself, or the one in the environment that it is.
///
/// # Errors
/// What is missing there, and what to do.
pub(super) fn python_at(path: &Path) -> Result<PathBuf, String> {
    let python = match fs::metadata(path) {
        Ok(found) if found.is_dir() => python_in(path)?,
        Ok(_) => path.to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(absent(path)),
        Err(error) => return Err(closed(&error)),
    };
    match fs::metadata(&python) {
        Ok(found) if Os::is_program(&found) => {}
        Ok(_) => return Err("it is not an executable file".into()),
        Err(error) => return Err(closed(&error)),
    }
    match lost_home(&python)? {
        None => Ok(python),
        Some(home) => Err(format!(
            "it belongs to a venv made from the python in {}, which is gone: recreate the venv",
            home.display()
        )),
    }
}

/// Whether `path` is a folder without any python, dangling links included.
pub(super) fn has_no_python(path: &Path) -> bool {
    path.is_dir() && layout::pythons(path).is_empty()
}

/// Whether `python` is that of a venv.
pub(super) fn in_venv(python: &Path) -> bool {
    configuration(python).is_some()
}

fn closed(error: &io::Error) -> String {
    format!("it cannot be looked at: {error}{}", permit(error))
}

fn python_in(folder: &Path) -> Result<PathBuf, String> {
    let pythons = layout::pythons(folder);
    if let Some(python) = pythons.iter().find(|python| python.is_file()) {
        return Ok(python.clone());
    }
    if let Some(dangling) = pythons.iter().find(|python| python.is_symlink()) {
        return Err(absent(dangling));
    }
    let error = layout::NAMES
        .iter()
        .find_map(|name| fs::metadata(folder.join(name)).err())
        .filter(|error| error.kind() == ErrorKind::PermissionDenied);
    if let Some(error) = error {
        return Err(closed(&error));
    }
    if folder.join("Scripts/python.exe").exists() {
        return Err("it is an environment for Windows".into());
    }
    let inner = [".venv", "venv"]
        .iter()
        .find(|name| !layout::pythons(&folder.join(name)).is_empty())
        .map_or_else(String::new, |name| format!("; there is one in {name}"));
    Err(format!(
        "it is a folder without {}{inner}",
        layout::NAMES.join(" or ")
    ))
}

/// Why there is nothing at `path`.
fn absent(path: &Path) -> String {
    if path.is_symlink() {
        let (link, end) = (path.display(), end_of_links(path));
        let end = end.display();
        return match in_venv(path) {
            true => format!(
                "{link} leads to {end}, which is gone: recreate the venv with a python that is there"
            ),
            false => format!("{link} leads to {end}, which does not exist"),
        };
    }
    let tilde = path
        .components()
        .any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"~"));
    let hint = if tilde {
        "; a \"~\" is not expanded here: write the home folder out"
    } else {
        ""
    };
    format!("it does not exist{hint}")
}

/// Where a chain of links stops.
fn end_of_links(path: &Path) -> PathBuf {
    let mut end = path.to_owned();
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&end) else {
            break;
        };
        end = end
            .parent()
            .map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    end
}

/// The file by which the venv of `python` is known, if there is one.
fn configuration(python: &Path) -> Option<PathBuf> {
    let folder = python.parent()?;
    let places = [folder.parent(), Some(folder)].into_iter().flatten();
    places
        .map(|place| place.join("pyvenv.cfg"))
        .find(|file| file.exists())
}

/// The folder that a venv has as its `home`: where the python is that it was made from.
fn home(configuration: &[u8]) -> Option<PathBuf> {
    let line = configuration
        .split(|byte| *byte == b'\n')
        .find_map(|line| {
            let middle = line.iter().position(|byte| *byte == b'=')?;
            let (key, value) = line.split_at(middle);
            let is_home = key.trim_ascii().eq_ignore_ascii_case(b"home");
            is_home.then(|| value[1..].trim_ascii())
        })?;
    Some(PathBuf::from(Os::text_of(line.to_vec())))
}

/// The base of the venv of `python`, if it is gone. A copied python often runs without it,
/// with the wrong standard library or none.
fn lost_home(python: &Path) -> Result<Option<PathBuf>, String> {
    let Some(file) = configuration(python) else {
        return Ok(None);
    };
    let text = fs::read(&file).map_err(|error| {
        let (file, hint) = (file.display(), permit(&error));
        format!("{file}, by which its venv is known, cannot be read: {error}{hint}")
    })?;
    Ok(home(&text).filter(|home| home.is_absolute() && !home.exists()))
}
