//! Which CPython to load: the places where one may be, in order, and the verdict on each.
//!
//! What the user named is taken or is an error, and never another Python instead. Only
//! the walk along PATH tries one after the other. Every candidate that was looked at is
//! kept with its verdict, so that "why this one" has an answer.

mod environment;
mod layout;
mod place;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::probe::{Interpreter, Refusal, probe};
use environment::Env;

/// What brought a candidate up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The path given to `emb_init`.
    Configuration,
    /// The variable `EMB_PYTHON`.
    EnvEmbPython,
    /// The venv that is active.
    EnvVirtualEnv,
    /// The conda environment that is active.
    EnvCondaPrefix,
    /// A `python3` in a folder of `PATH`.
    Path,
}

impl Source {
    /// What the user can do when the decisive candidate of this source is refused.
    fn advice(self) -> &'static str {
        match self {
            Self::Configuration => {
                "Give emb_init the python or the environment folder of a CPython that libemb \
                 can load, or none, to let it search."
            }
            Self::EnvEmbPython => {
                "Set EMB_PYTHON to the python or the environment folder of a CPython that \
                 libemb can load, or unset it."
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
            Self::Path => {
                "Install CPython 3.8 or newer with its shared library, and put its python3 on \
                 PATH or name it in EMB_PYTHON."
            }
        }
    }

    /// The user named this one Python, and wants no other.
    fn is_explicit(self) -> bool {
        matches!(self, Self::Configuration | Self::EnvEmbPython)
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Configuration => "emb_init's configuration",
            Self::EnvEmbPython => "EMB_PYTHON",
            Self::EnvVirtualEnv => "VIRTUAL_ENV",
            Self::EnvCondaPrefix => "CONDA_PREFIX",
            Self::Path => "python3 on PATH",
        })
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What became of a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "why", rename_all = "lowercase")]
pub enum Verdict {
    /// It is the one.
    Taken,
    /// It cannot be used: why, and the remedy.
    Refused(String),
    /// It is none of ours, such as a PyPy: the search goes on.
    Skipped(String),
}

/// A Python that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// What brought it up.
    pub source: Source,
    /// Its python, or the folder where none was found.
    #[serde(serialize_with = "lossy")]
    pub path: PathBuf,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Candidate {
    /// Whether it is the one that the search ended with.
    pub fn is_taken(&self) -> bool {
        self.verdict == Verdict::Taken
    }
}

impl Display for Candidate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (word, why) = match &self.verdict {
            Verdict::Taken => ("taken", ""),
            Verdict::Refused(why) => ("refused: ", why.as_str()),
            Verdict::Skipped(why) => ("skipped: ", why.as_str()),
        };
        let why = why.replace('\n', "\n    ");
        write!(
            f,
            "{}, {}\n    {word}{why}",
            self.source,
            self.path.display()
        )
    }
}

/// The outcome of a search, with the way to it.
#[derive(Clone, Debug)]
pub struct Search {
    /// All that was looked at, in order.
    pub candidates: Vec<Candidate>,
    /// The interpreter that was taken.
    pub result: Result<Interpreter, NotFound>,
}

impl Search {
    /// The path that led to the interpreter that was taken.
    pub(crate) fn taken(&self) -> Option<PathBuf> {
        let taken = self
            .candidates
            .iter()
            .find(|candidate| candidate.is_taken())?;
        Some(taken.path.clone())
    }
}

/// No Python was found: a message for the user, of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound(String);

impl NotFound {
    fn new(candidates: &[Candidate]) -> Self {
        let mut message = String::from("libemb has no CPython that it can load.");
        for candidate in candidates {
            message += &format!("\n  {}", candidate.to_string().replace('\n', "\n  "));
        }
        // A search that ends before PATH ends with the refusal that decided it.
        let decisive = match candidates.last() {
            Some(last) if matches!(last.verdict, Verdict::Refused(_)) => last.source,
            _ => Source::Path,
        };
        let walked = candidates.iter().any(|one| one.source == Source::Path);
        if decisive == Source::Path && !walked {
            message += "\n  There is no python3 on PATH.";
        }
        Self(message + "\n" + decisive.advice())
    }
}

impl Display for NotFound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotFound {}

/// Looks for the CPython to load: `explicit` if given, else `EMB_PYTHON`, the active venv,
/// the active conda environment, and each `python3` on `PATH`.
pub fn search(explicit: Option<&Path>) -> Search {
    search_in(explicit, &Env::of_process())
}

fn search_in(explicit: Option<&Path>, env: &Env) -> Search {
    let mut candidates = Vec::new();
    for (source, path) in env.named(explicit) {
        let (candidate, interpreter) = examine(source, path, env);
        let decided = !matches!(candidate.verdict, Verdict::Skipped(_));
        candidates.push(candidate);
        if decided {
            let result = interpreter.ok_or_else(|| NotFound::new(&candidates));
            return Search { candidates, result };
        }
    }
    for path in env.on_path("python3") {
        let (candidate, interpreter) = examine(Source::Path, path, env);
        candidates.push(candidate);
        if let Some(interpreter) = interpreter {
            let result = Ok(interpreter);
            return Search { candidates, result };
        }
    }
    let result = Err(NotFound::new(&candidates));
    Search { candidates, result }
}

/// The verdict on `path`, and its interpreter if that is [`Verdict::Taken`].
fn examine(source: Source, path: PathBuf, env: &Env) -> (Candidate, Option<Interpreter>) {
    let conclude = |path, verdict| Candidate {
        source,
        path,
        verdict,
    };
    // Conda keeps other languages too; an environment without Python asks for none.
    if source == Source::EnvCondaPrefix && place::has_no_python(&path) {
        let why = Verdict::Skipped("it has no python in it".into());
        return (conclude(path, why), None);
    }
    let python = match place::python_at(&path) {
        Ok(python) => python,
        Err(why) => {
            let why = why + &command_hint(source, &path, env);
            return (conclude(path, Verdict::Refused(why)), None);
        }
    };
    let (verdict, interpreter) = match probe(&python) {
        // Such an interpreter runs, without the packages that it was named for.
        Ok(found) if place::in_venv(&python) && !found.venv => {
            let why = "its venv is not in effect, as when PYTHONHOME is set: unset that";
            (Verdict::Refused(why.into()), None)
        }
        Ok(found) => (Verdict::Taken, Some(found)),
        Err(Refusal::NotCPython(why)) if !source.is_explicit() => (Verdict::Skipped(why), None),
        Err(refusal) => (Verdict::Refused(refusal.to_string()), None),
    };
    (conclude(python, verdict), interpreter)
}

/// `EMB_PYTHON=python3.12` reads well, and is a path all the same.
fn command_hint(source: Source, path: &Path, env: &Env) -> String {
    let in_cwd = path.parent() == Some(&env.cwd);
    let name = path.file_name().and_then(OsStr::to_str);
    match name.filter(|_| in_cwd && source.is_explicit() && !path.exists()) {
        Some(name) => match env.on_path(name).first() {
            Some(command) => format!("; a path is wanted, not a command: {}", command.display()),
            None => String::new(),
        },
        None => String::new(),
    }
}

/// JSON has no place for the bytes of a path that is not UTF-8.
fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
