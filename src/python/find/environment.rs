//! What the process's environment says about where a Python is.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{self, Path, PathBuf};

use super::Source;

/// What the search wants to know of the process. Empty variables count as unset.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    pub emb_python: Option<OsString>,
    pub virtual_env: Option<OsString>,
    pub conda_prefix: Option<OsString>,
    pub path: Option<OsString>,
    pub cwd: PathBuf,
}

impl Env {
    pub(super) fn of_process() -> Self {
        Self {
            emb_python: env::var_os("EMB_PYTHON"),
            virtual_env: env::var_os("VIRTUAL_ENV"),
            conda_prefix: env::var_os("CONDA_PREFIX"),
            path: env::var_os("PATH"),
            cwd: env::current_dir().unwrap_or_default(),
        }
    }

    /// Symlinks and `..` stay: a venv is known by the path of its own python.
    fn absolute(&self, path: &Path) -> PathBuf {
        let joined = self.cwd.join(path);
        path::absolute(&joined).unwrap_or(joined)
    }

    /// What the user or an active environment names, in order of precedence.
    pub(super) fn named<'a>(
        &'a self,
        explicit: Option<&'a Path>,
    ) -> impl Iterator<Item = (Source, PathBuf)> {
        let named = [
            (Source::Configuration, explicit.map(Path::as_os_str)),
            (Source::EnvEmbPython, self.emb_python.as_deref()),
            (Source::EnvVirtualEnv, self.virtual_env.as_deref()),
            (Source::EnvCondaPrefix, self.conda_prefix.as_deref()),
        ];
        named.into_iter().filter_map(|(source, name)| {
            let name = name.filter(|name| !name.is_empty())?;
            Some((source, self.absolute(Path::new(name))))
        })
    }

    /// Each `name` on PATH, once. /bin and /usr/bin are often one folder, so folders are
    /// compared resolved; the files are not, as a venv's python is a link to its base.
    pub(super) fn on_path(&self, name: &str) -> Vec<PathBuf> {
        let path = self.path.as_deref().unwrap_or(OsStr::new(""));
        let mut seen = Vec::new();
        let mut found = Vec::new();
        // An empty entry means the current folder, where nobody keeps an interpreter on purpose.
        for folder in env::split_paths(path).filter(|folder| !folder.as_os_str().is_empty()) {
            let folder = self.absolute(&folder);
            let python = folder.join(name);
            let real = folder.canonicalize().unwrap_or(folder);
            let there = python.is_symlink() || python.is_file();
            if there && !seen.contains(&real) {
                seen.push(real);
                found.push(python);
            }
        }
        found
    }
}
