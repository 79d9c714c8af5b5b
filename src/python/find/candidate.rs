//! The Pythons that were looked at, and the verdict on each.

use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::source::Source;

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

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.verdict, Verdict::Refused(_))
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

/// No Python was found: a message for the user, of several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotFound(String);

impl NotFound {
    /// `others` are Pythons that were not tried, because the user may want the one on PATH.
    pub(super) fn new(candidates: &[Candidate], others: &[PathBuf]) -> Self {
        let mut message = String::from("libemb has no CPython that it can load.");
        for candidate in candidates {
            message += &format!("\n  {}", candidate.to_string().replace('\n', "\n  "));
        }
        // A search that ends before PATH ends with the refusal that decided it.
        let decisive = match candidates.last() {
            Some(last) if last.is_refused() => last.source,
            _ => Source::Path,
        };
        let walked = candidates.iter().any(|one| one.source == Source::Path);
        if decisive.is_walk() && !walked {
            message += "\n  There is no python3 on PATH.";
        }
        message += "\n";
        message += decisive.advice();
        if let Some((first, more)) = others.split_first() {
            message += &format!(" Installed as well, and not tried: {}", first.display());
            for other in more {
                message += &format!(", {}", other.display());
            }
            message += ".";
        }
        Self(message)
    }
}

impl Display for NotFound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotFound {}

/// JSON has no place for the bytes of a path that is not UTF-8.
fn lossy<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}
