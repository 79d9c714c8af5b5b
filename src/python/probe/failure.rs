//! Why an interpreter has given no answer, and what to do.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use super::Refusal;
use super::child::{End, Limits, Outcome};
use super::remedy;

/// Why it did not even start.
pub(super) fn not_started(error: io::Error) -> Refusal {
    let hint = match error.kind() {
        // The file is there, so it is the one that the kernel needs to run it.
        io::ErrorKind::NotFound => {
            "; the program in its first line, or its loader, is missing".into()
        }
        _ => remedy::permit(&error),
    };
    Refusal::Unusable(format!("it cannot be run: {error}{hint}"))
}

/// What happened instead of an answer, with the last words of the interpreter.
pub(super) fn failure(
    python: &Path,
    outcome: &Outcome,
    limits: Limits,
    home: Option<&OsStr>,
) -> String {
    let mut message = match &outcome.end {
        End::Exited(status) if status.success() => {
            "it ran, but did not answer as a Python does".into()
        }
        End::Exited(status) => format!("it failed with {status}"),
        End::Unknown => "it ended without an answer".into(),
        End::TimedOut => format!(
            "it did not end within {} s and was killed",
            limits.time.as_secs()
        ),
        End::Flooded => "it printed without end and was killed".into(),
    };
    let words = last_lines(&outcome.stderr);
    let says = |text| words.iter().any(|line| line.contains(text));
    if let Some(home) = home {
        let home = home.to_string_lossy();
        message += &format!("; PYTHONHOME is set to {home}, which may be the cause: unset it");
    } else if says("Permission denied") {
        message += &format!("; {}", remedy::PERMIT);
    } else if says("error while loading shared libraries") {
        message += "; the library is not where it looks for it, or may not be read by the user of this \
                    process: reinstall that Python, or name the library's folder in LD_LIBRARY_PATH";
    } else if let Some(folder) = remedy::closed_library(python) {
        message += &format!("; {} may not be read: {}", folder.display(), remedy::PERMIT);
    } else if says("No module named 'encodings'") {
        message += "; its standard library is not where it looks for it: reinstall that Python, \
                    or recreate the environment";
    }
    if !words.is_empty() {
        message += ". It said:";
    }
    words
        .iter()
        .fold(message, |message, line| message + "\n  " + line)
}

/// The last few lines that say something, none of them long.
pub(super) fn last_lines(stderr: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(stderr);
    let spoken = text
        .lines()
        .map(str::trim_end)
        .filter(|line| line.contains(char::is_alphanumeric));
    let mut lines: Vec<String> = spoken
        .rev()
        .take(6)
        .map(|line| line.chars().take(200).collect())
        .collect();
    lines.reverse();
    lines
}
