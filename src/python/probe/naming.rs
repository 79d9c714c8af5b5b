//! What libpython is called, which is a matter of the system. Pure rules about names.

use std::path::PathBuf;

use super::facts::Details;

/// How a system names shared libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// libpython3.12.so.1.0
    Elf,
    /// libpython3.12.dylib; Homebrew and python.org have a framework instead, a folder in which the
    /// library is called Python.
    Darwin,
}

impl Naming {
    /// That of the system which the interpreter runs on.
    pub(super) fn of(details: &Details) -> Self {
        match details.platform.lossy().as_str() {
            "darwin" => Self::Darwin,
            _ => Self::Elf,
        }
    }

    /// The name that libraries are known by to those that are linked with them.
    pub(super) fn soname(self, version: (u8, u8, u8), details: &Details) -> String {
        let stem = stem(version, details);
        match self {
            Self::Elf => stem + ".so.1.0",
            Self::Darwin => stem + ".dylib",
        }
    }

    /// The names the build gives, then those that every build uses: a static one names its
    /// archive, even where a shared library was put beside it.
    pub(super) fn names(self, version: (u8, u8, u8), details: &Details) -> Vec<PathBuf> {
        let config = &details.config;
        let suffix = match self {
            Self::Elf => ".so",
            Self::Darwin => ".dylib",
        };
        let mut names: Vec<PathBuf> = [&config.instsoname, &config.ldlibrary]
            .into_iter()
            .flatten()
            .map(|text| text.path())
            .filter(|name| name.to_string_lossy().contains(suffix))
            .collect();
        names.push(PathBuf::from(stem(version, details) + suffix));
        let soname = PathBuf::from(self.soname(version, details));
        if !names.contains(&soname) {
            names.push(soname);
        }
        names
    }

    /// The library in a framework: where the build has put that, and in the installation, which may
    /// have been moved.
    pub(super) fn in_framework(self, details: &Details) -> Vec<PathBuf> {
        let config = &details.config;
        let Some(name) = config
            .pythonframework
            .as_ref()
            .filter(|_| self == Self::Darwin)
        else {
            return Vec::new();
        };
        let installed = details.base_prefix.path().join(name.path());
        let built = config
            .pythonframeworkprefix
            .as_ref()
            .zip(config.ldlibrary.as_ref());
        let built = built.map(|(folder, library)| folder.path().join(library.path()));
        let built = built.filter(|built| *built != installed);
        [installed].into_iter().chain(built).collect()
    }
}

/// libpython3.12, or libpython3.13t.
fn stem((major, minor, _): (u8, u8, u8), details: &Details) -> String {
    format!("libpython{major}.{minor}{}", details.abiflags.lossy())
}
