//! Where Pythons are installed that are on no PATH: by pyenv, uv, conda, Homebrew, python.org, and
//! by those who build their own. Pure rules about folders, the same on all systems.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use super::environment::Env;
use super::layout;

/// Folders below the home folder in which conda and its relatives put themselves.
const CONDAS: [&str; 5] = [
    "miniforge3",
    "mambaforge",
    "miniconda3",
    "anaconda3",
    "micromamba",
];

/// The pythons that are there, by kind, of one kind the newest first.
pub(super) fn pythons(env: &Env) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(children(env.pyenv_versions(), |name| {
        name.starts_with(|first: char| first.is_ascii_digit())
    }));
    folders.extend(children(env.uv_pythons(), |name| {
        name.starts_with("cpython-")
    }));
    folders.extend(env.mamba_root_prefix.as_ref().map(PathBuf::from));
    let home = env.home.as_ref().map(PathBuf::from);
    folders.extend(
        home.iter()
            .flat_map(|home| CONDAS.map(|name| home.join(name))),
    );
    folders.push(env.root.join("opt/conda"));
    // Homebrew on the two kinds of Macs and on Linux; python.org on macOS.
    folders.push(env.root.join("opt/homebrew"));
    folders.push(env.root.join("home/linuxbrew/.linuxbrew"));
    folders.extend(children(
        Some(
            env.root
                .join("Library/Frameworks/Python.framework/Versions"),
        ),
        |name| name.starts_with("3."),
    ));
    // What `configure && make install` is commonly told, or does when told nothing.
    let named_python = |name: &str| name.to_ascii_lowercase().starts_with("python");
    folders.push(env.root.join("usr/local"));
    folders.extend(children(Some(env.root.join("opt")), named_python));
    if let Some(home) = home {
        folders.push(home.join(".local"));
        folders.extend(children(Some(home.join("opt")), named_python));
        folders.extend(children(Some(home), named_python));
    }
    let first = |folder: &PathBuf| layout::pythons(folder).into_iter().next();
    folders.iter().filter_map(first).collect()
}

/// The folders in a folder whose names are wanted, those with the highest version first.
fn children(folder: Option<PathBuf>, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let name = |path: &Path| path.file_name()?.to_str().map(String::from);
    let mut found: Vec<(Vec<u32>, PathBuf)> = folder
        .iter()
        .flat_map(|folder| layout::entries(folder))
        .filter_map(|path| Some((name(&path)?, path)))
        .filter(|(name, path)| wanted(name) && path.is_dir())
        .map(|(name, path)| (version_in(&name), path))
        .collect();
    found.sort_by_key(|(version, path)| (Reverse(version.clone()), path.clone()));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The numbers in a name such as cpython-3.12.4-linux-x86_64-gnu, up to the end of the version.
fn version_in(name: &str) -> Vec<u32> {
    let start = name.find(|c: char| c.is_ascii_digit());
    let version = start.map_or("", |start| &name[start..]);
    let end = version.find(|c: char| c != '.' && !c.is_ascii_digit());
    let version = &version[..end.unwrap_or(version.len())];
    version
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect()
}
