//! Which CPython to load: the places where one may be, in order, and the verdict on each.
//!
//! What the user named is taken or is an error, and never another Python instead. Only
//! the walk along PATH tries one after the other, and only where nothing there is a CPython
//! are the places tried in which Pythons are commonly installed. Every candidate that was
//! looked at is kept with its verdict, so that "why this one" has an answer.

mod candidate;
mod environment;
pub(crate) mod fit;
mod installed;
mod layout;
mod place;
mod project;
mod source;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::debug;
use super::probe::{Interpreter, Refusal, probe};
pub use candidate::{Candidate, NotFound, Verdict};
use environment::Env;
pub(crate) use source::Source;

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

/// A Python that somebody asks for.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    pub path: &'a Path,
    pub by: Source,
}

/// What names a Python.
struct Lead {
    source: Source,
    path: PathBuf,
    /// The file that says so, if one does.
    file: Option<PathBuf>,
    /// The verdict, where there is nothing to look at.
    settled: Option<Verdict>,
}

impl Lead {
    fn new(source: Source, path: PathBuf) -> Self {
        Self {
            source,
            path,
            file: None,
            settled: None,
        }
    }

    fn named_in(file: &Path, path: PathBuf) -> Self {
        Self {
            file: Some(file.into()),
            ..Self::new(Source::Project, path)
        }
    }

    fn settled(source: Source, path: PathBuf, verdict: Verdict) -> Self {
        Self {
            settled: Some(verdict),
            ..Self::new(source, path)
        }
    }
}

/// Looks for the CPython to load: the one that is `asked` for, else `EMB_PYTHON`, the project's
/// `pyproject.toml`, the active venv, the active conda environment, the project's `.venv`, each
/// `python3` on `PATH`, and what is installed elsewhere.
pub(crate) fn search(asked: Option<Named<'_>>) -> Search {
    search_in(asked, &Env::of_process())
}

fn search_in(asked: Option<Named<'_>>, env: &Env) -> Search {
    let mut candidates = Vec::new();
    for lead in env.named(asked) {
        let interpreter = examine(lead, env, &mut candidates);
        let undecided = |last: &Candidate| matches!(last.verdict, Verdict::Skipped(_));
        if !candidates.last().is_some_and(undecided) {
            let result = interpreter.ok_or_else(|| NotFound::new(&candidates, &[]));
            return Search { candidates, result };
        }
    }
    let walk = |source, pythons: &[PathBuf], candidates: &mut Vec<Candidate>| {
        let leads = pythons
            .iter()
            .map(|python| Lead::new(source, python.clone()));
        leads
            .into_iter()
            .find_map(|lead| examine(lead, env, candidates))
    };
    let mut found = walk(Source::Path, &env.on_path("python3"), &mut candidates);
    let mut others = Vec::new();
    if found.is_none() {
        others = env.versioned_on_path();
        others.extend(installed::pythons(env));
        // A CPython on PATH that is refused may be just the one that is meant.
        if !candidates.iter().any(Candidate::is_refused) {
            found = walk(Source::Installed, &others, &mut candidates);
            others.clear();
        }
    }
    let result = found.ok_or_else(|| NotFound::new(&candidates, &others));
    Search { candidates, result }
}

/// The interpreter that a lead leads to, if it can be used. Notes the verdict.
fn examine(lead: Lead, env: &Env, candidates: &mut Vec<Candidate>) -> Option<Interpreter> {
    let source = lead.source;
    let (path, mut verdict, interpreter) = judge(&lead, env);
    if let (Verdict::Refused(why), Some(file)) = (&mut verdict, &lead.file) {
        *why = format!("{why}; {} names it", file.display());
    }
    let candidate = Candidate {
        source,
        path,
        verdict,
    };
    debug::say(|| candidate.to_string());
    candidates.push(candidate);
    interpreter
}

fn judge(lead: &Lead, env: &Env) -> (PathBuf, Verdict, Option<Interpreter>) {
    let path = lead.path.clone();
    if let Some(verdict) = &lead.settled {
        return (path, verdict.clone(), None);
    }
    // Conda keeps other languages too; an environment without Python asks for none.
    if lead.source == Source::EnvCondaPrefix && place::has_no_python(&path) {
        let why = Verdict::Skipped("it has no python in it".into());
        return (path, why, None);
    }
    let python = match place::python_at(&path) {
        Ok(python) => python,
        Err(why) => {
            let why = why + &command_hint(lead.source, &path, env);
            return (path, Verdict::Refused(why), None);
        }
    };
    let refused = |why| (python.clone(), Verdict::Refused(why), None);
    debug::say(|| format!("asking {}", python.display()));
    match probe(&python) {
        // Such an interpreter runs, without the packages that it was named for.
        Ok(found) if place::in_venv(&python) && !found.venv => {
            refused("its venv is not in effect, as when PYTHONHOME is set: unset that".into())
        }
        Ok(found) => match fit::other_version(&found) {
            Some(why) => refused(why),
            None => (python, Verdict::Taken, Some(found)),
        },
        Err(Refusal::NotCPython(why)) if !lead.source.is_explicit() => {
            (python, Verdict::Skipped(why), None)
        }
        Err(Refusal::TooOld(why)) if lead.source.is_walk() => (python, Verdict::Skipped(why), None),
        Err(refusal) => refused(refusal.to_string()),
    }
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
