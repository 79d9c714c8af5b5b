//! What the process's environment says about where a Python is.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{self, Path, PathBuf};

use super::source::Source;
use super::{Lead, Named, layout, project};

/// What the search wants to know of the process. Empty variables count as unset.
#[derive(Clone, Debug, Default)]
pub(super) struct Env {
    pub emb_python: Option<OsString>,
    pub virtual_env: Option<OsString>,
    pub conda_prefix: Option<OsString>,
    pub conda_default_env: Option<OsString>,
    pub path: Option<OsString>,
    pub home: Option<OsString>,
    pub data_home: Option<OsString>,
    pub pyenv_root: Option<OsString>,
    pub uv_python_install_dir: Option<OsString>,
    pub mamba_root_prefix: Option<OsString>,
    pub cwd: PathBuf,
    /// Below which the system's folders are.
    pub root: PathBuf,
}

impl Env {
    pub(super) fn of_process() -> Self {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            emb_python: variable("EMB_PYTHON"),
            virtual_env: variable("VIRTUAL_ENV"),
            conda_prefix: variable("CONDA_PREFIX"),
            conda_default_env: variable("CONDA_DEFAULT_ENV"),
            path: variable("PATH"),
            home: variable("HOME"),
            data_home: variable("XDG_DATA_HOME"),
            pyenv_root: variable("PYENV_ROOT"),
            uv_python_install_dir: variable("UV_PYTHON_INSTALL_DIR"),
            mamba_root_prefix: variable("MAMBA_ROOT_PREFIX"),
            cwd: env::current_dir().unwrap_or_default(),
            root: PathBuf::from("/"),
        }
    }

    /// Symlinks and `..` stay: a venv is known by the path of its own python.
    fn absolute(&self, path: &Path) -> PathBuf {
        let joined = self.cwd.join(path);
        path::absolute(&joined).unwrap_or(joined)
    }

    /// What the user, the project or an active environment names, in order of precedence. What is
    /// not reached is not looked for.
    pub(super) fn named<'a>(&'a self, asked: Option<Named<'a>>) -> impl Iterator<Item = Lead> + 'a {
        let lead = move |source, name: Option<&OsStr>| {
            let name = name.filter(|name| !name.is_empty())?;
            Some(Lead::new(source, self.absolute(Path::new(name))))
        };
        // The shells of conda's users have its base environment active in every project.
        let base = self.conda_default_env.as_deref() == Some(OsStr::new("base"));
        let conda = move |in_place: bool| {
            let prefix = self.conda_prefix.as_deref().filter(|_| in_place);
            lead(Source::EnvCondaPrefix, prefix)
        };
        let steps: [Box<dyn FnOnce() -> Option<Lead> + 'a>; 7] = [
            Box::new(move || asked.and_then(|asked| lead(asked.by, Some(asked.path.as_os_str())))),
            Box::new(move || lead(Source::EnvEmbPython, self.emb_python.as_deref())),
            Box::new(|| project::configured(&self.cwd)),
            Box::new(move || lead(Source::EnvVirtualEnv, self.virtual_env.as_deref())),
            Box::new(move || conda(!base)),
            Box::new(|| project::environment(&self.cwd)),
            Box::new(move || conda(base)),
        ];
        steps.into_iter().filter_map(|step| step())
    }

    /// Each `name` on PATH, once.
    pub(super) fn on_path(&self, name: &str) -> Vec<PathBuf> {
        let pythons = self.folders().map(|folder| folder.join(name));
        pythons
            .filter(|python| python.is_symlink() || python.is_file())
            .collect()
    }

    /// Each python3.N on PATH: in the first folder that has some, the newest first.
    pub(super) fn versioned_on_path(&self) -> Vec<PathBuf> {
        self.folders()
            .flat_map(|folder| layout::versioned(&folder))
            .collect()
    }

    /// The folders on PATH, once each. /bin and /usr/bin are often one folder, so they are compared
    /// resolved; the files in them are not, as a venv's python is a link to its base.
    fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let path = self.path.as_deref().unwrap_or(OsStr::new(""));
        let mut seen = Vec::new();
        // An empty entry means the current folder, where nobody keeps an interpreter on purpose.
        env::split_paths(path)
            .filter(|folder| !folder.as_os_str().is_empty())
            .map(|folder| self.absolute(&folder))
            .filter(move |folder| {
                let real = folder.canonicalize().unwrap_or_else(|_| folder.clone());
                let new = !seen.contains(&real);
                seen.extend(new.then_some(real));
                new
            })
    }

    /// The folder in which pyenv has its versions.
    pub(super) fn pyenv_versions(&self) -> Option<PathBuf> {
        let root = self.pyenv_root.as_ref().map(PathBuf::from);
        Some(root.or_else(|| self.in_home(".pyenv"))?.join("versions"))
    }

    /// The folder in which uv has the pythons that it manages.
    pub(super) fn uv_pythons(&self) -> Option<PathBuf> {
        let chosen = self.uv_python_install_dir.as_ref().map(PathBuf::from);
        let data = || self.data_home.as_ref().map(PathBuf::from);
        chosen.or_else(|| {
            let data = data().or_else(|| self.in_home(".local/share"))?;
            Some(data.join("uv/python"))
        })
    }

    fn in_home(&self, name: &str) -> Option<PathBuf> {
        Some(Path::new(self.home.as_ref()?).join(name))
    }
}
