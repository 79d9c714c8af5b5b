//! The ways by which a Python comes up, in order of precedence.

use std::fmt::{self, Display, Formatter};

use serde::{Serialize, Serializer};

/// What brought a candidate up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The path given to `emb_init`.
    Configuration,
    /// The option of the command `emb`.
    Option,
    /// The environment that `emb_require` has found or made.
    Required,
    /// The variable `EMB_PYTHON`.
    EnvEmbPython,
    /// The table `tool.emb` of the project's `pyproject.toml`.
    Project,
    /// The venv that is active.
    EnvVirtualEnv,
    /// The conda environment that is active.
    EnvCondaPrefix,
    /// The project's own `.venv`.
    ProjectVenv,
    /// A `python3` in a folder of `PATH`.
    Path,
    /// A place where Pythons are commonly installed.
    Installed,
}

impl Source {
    /// What the user can do when the decisive candidate of this source is refused.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Configuration => {
                "Give emb_init the python or the environment folder of a CPython that libemb \
                 can load, or none, to let it search."
            }
            Self::Option => {
                "Give --python the python or the environment folder of a CPython that libemb can \
                 load, or leave it out, to have one searched."
            }
            Self::Required => {
                "emb_require keeps this environment in its cache: remove the folder, and it is \
                 made anew."
            }
            Self::EnvEmbPython => {
                "Set EMB_PYTHON to the python or the environment folder of a CPython that \
                 libemb can load, or unset it."
            }
            Self::Project => {
                "Mend the table [tool.emb] of that pyproject.toml (its key `python` is the path \
                 of a python or of an environment's folder), or name another Python in \
                 EMB_PYTHON."
            }
            Self::EnvVirtualEnv => {
                "The packages of the active venv are what you asked for, so no other Python \
                 was tried. Recreate it, unset VIRTUAL_ENV, or name another in EMB_PYTHON."
            }
            Self::EnvCondaPrefix => {
                "The packages of the active conda environment are what you asked for, so no \
                 other Python was tried. Mend it, unset CONDA_PREFIX, or name another in \
                 EMB_PYTHON."
            }
            Self::ProjectVenv => {
                "The packages of the project's .venv are what you would expect, so no other \
                 Python was tried. Recreate it, remove it, or name another in EMB_PYTHON."
            }
            Self::Path | Self::Installed => {
                "Install CPython 3.8 or newer with its shared library, and put its python3 on \
                 PATH or name it in EMB_PYTHON."
            }
        }
    }

    /// The user named this one Python, and wants no other.
    pub(super) fn is_explicit(self) -> bool {
        matches!(
            self,
            Self::Configuration
                | Self::Option
                | Self::Required
                | Self::EnvEmbPython
                | Self::Project
        )
    }

    /// The search tries one after the other of these.
    pub(super) fn is_walk(self) -> bool {
        matches!(self, Self::Path | Self::Installed)
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "emb_init's configuration",
            Self::Option => "the option --python",
            Self::Required => "emb_require's environment",
            Self::EnvEmbPython => "EMB_PYTHON",
            Self::Project => "tool.emb in pyproject.toml",
            Self::EnvVirtualEnv => "VIRTUAL_ENV",
            Self::EnvCondaPrefix => "CONDA_PREFIX",
            Self::ProjectVenv => "the project's .venv",
            Self::Path => "python3 on PATH",
            Self::Installed => "installed on this machine",
        })
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
