//! Packages that the host asks for: in the Python that is found, or in an environment that is made
//! for them.
//!
//! The work is done by a script, in Python: by the interpreter that would be started, where none
//! runs yet, so that Python can be started in the new environment; else inside the Python that
//! runs, which gets the environment's packages before its own.

use std::path::PathBuf;

use super::find::{self, Named, Source};
use super::gil::{self, Python};
use super::probe::{self, Text};
use super::runtime;
use super::source;
use super::start::{self, Request};
use crate::failure::{Failure, Outcome};
use crate::platform::{Os, Platform};
use crate::status::{EMB_BAD_ARGUMENT, EMB_CONFLICT, EMB_NO_PYTHON, EMB_UNSATISFIED};
use crate::thread::Thread;

const SCRIPT: &str = include_str!("require.py");

/// What the script answers.
#[derive(serde::Deserialize)]
struct Answer {
    outcome: String,
    folder: Option<Text>,
    message: String,
}

/// Starts Python, if none runs, with packages that satisfy `requirements`.
pub(crate) fn require(thread: &Thread, requirements: &[&str], quiet: bool) -> Outcome<()> {
    if runtime::state() == runtime::IDLE && Os::running_python().is_none() {
        let folder = ask_interpreter(requirements, quiet)?;
        let request = Request {
            python: folder.as_deref().map(|path| Named {
                path,
                by: Source::Required,
            }),
            ..Request::default()
        };
        return start::start(thread, &request);
    }
    start::start(thread, &Request::default())?;
    gil::with(thread, |py| ask_running(py, requirements, quiet))
}

/// The environment to start Python in, or None where it needs none.
fn ask_interpreter(requirements: &[&str], quiet: bool) -> Outcome<Option<PathBuf>> {
    let interpreter = find::search(None)
        .result
        .map_err(|not_found| Failure::own(EMB_NO_PYTHON, not_found.to_string()))?;
    let loudness = if quiet { "quiet" } else { "aloud" };
    let arguments: Vec<&str> = ["-c", SCRIPT, loudness]
        .into_iter()
        .chain(requirements.iter().copied())
        .collect();
    let answer = probe::answer_of(&interpreter.executable, &arguments)
        .map_err(|why| unsatisfied(requirements, &why))?;
    environment(requirements, &answer)
}

fn ask_running(py: Python<'_>, requirements: &[&str], quiet: bool) -> Outcome<()> {
    let namespace = py.dict()?;
    source::run_own(py, SCRIPT, &namespace)?;
    let function = py.get_item(&namespace, &py.text("answer")?)?;
    let texts: Outcome<Vec<_>> = requirements.iter().map(|text| py.text(text)).collect();
    let truth = |value| {
        let api = py.api();
        py.constant(if value {
            api._Py_TrueStruct
        } else {
            api._Py_FalseStruct
        })
    };
    let list = py.list(texts?.into_iter())?;
    let answer = function.call(&[list, truth(quiet), truth(true)], None)?;
    environment(requirements, &answer.to_text()?).map(drop)
}

fn environment(requirements: &[&str], answer: &str) -> Outcome<Option<PathBuf>> {
    let answer: Answer = serde_json::from_str(answer)
        .map_err(|error| unsatisfied(requirements, &format!("no clear answer ({error})")))?;
    let status = match answer.outcome.as_str() {
        "there" | "made" => return Ok(answer.folder.as_ref().map(Text::path)),
        "invalid" => EMB_BAD_ARGUMENT,
        "conflict" => EMB_CONFLICT,
        _ => return Err(unsatisfied(requirements, &answer.message)),
    };
    Err(Failure::own(status, answer.message))
}

fn unsatisfied(requirements: &[&str], why: &str) -> Failure {
    let list = requirements.join(", ");
    Failure::own(
        EMB_UNSATISFIED,
        format!("no environment with {list} could be made: {why}"),
    )
}
