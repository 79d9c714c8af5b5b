//! What the project that the process works in says of its Python: `pyproject.toml` and `.venv`,
//! in the working directory or the nearest folder above it that has one.
//!
//! ```toml
//! [tool.emb]
//! python = "envs/plots"      # a python, or an environment's folder; relative to this file
//! ```
//!
//! In a folder where everybody may write, such as /tmp, what others have put there does not
//! count: it would be their program that runs.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::candidate::Verdict;
use super::{Lead, layout, source::Source};
use crate::platform::{Os, Platform};

#[derive(Deserialize)]
struct File {
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    emb: Option<Settings>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    python: Option<String>,
}

/// The Python that the nearest `pyproject.toml` with a table `tool.emb` names.
pub(super) fn configured(cwd: &Path) -> Option<Lead> {
    upward(cwd).find_map(|folder| {
        let file = folder.join("pyproject.toml");
        let text = match fs::read(&file) {
            Ok(text) => text,
            // Whether it names a Python cannot be known; the report says so.
            Err(error) if is_closed(&error) && fs::symlink_metadata(&file).is_ok() => {
                let why = Verdict::Skipped(format!("it cannot be read: {error}"));
                return Some(Lead::settled(Source::Project, file, why));
            }
            Err(_) => return None,
        };
        // Most such files do not mention us, and need not even be read by us.
        if !text.windows(3).any(|part| part == b"emb") {
            return None;
        }
        if let Some(why) = Os::distrust(folder, &file) {
            return Some(Lead::settled(Source::Project, file, Verdict::Skipped(why)));
        }
        let refused = |why| Lead::settled(Source::Project, file.clone(), Verdict::Refused(why));
        match settings(&text) {
            Err(why) => Some(refused(why)),
            // A table without this key names nothing, and hides what is above it.
            Ok(Some(settings)) => Some(match settings.python {
                None => Lead::settled(
                    Source::Project,
                    file,
                    Verdict::Skipped("its table [tool.emb] has no key `python`".into()),
                ),
                Some(python) if python.is_empty() => refused("tool.emb.python is empty".into()),
                Some(python) => Lead::named_in(&file, plain(folder.join(python))),
            }),
            Ok(None) => None,
        }
    })
}

fn settings(text: &[u8]) -> Result<Option<Settings>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_string())?;
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            1 + text[..span.start.min(text.len())].matches('\n').count()
        });
        format!("line {line}: {}", error.message())
    })?;
    Ok(file.tool.and_then(|tool| tool.emb))
}

/// The nearest `.venv`: where uv and other tools put a project's environment.
pub(super) fn environment(cwd: &Path) -> Option<Lead> {
    upward(cwd).find_map(|folder| {
        let venv = folder.join(".venv");
        let mark = fs::metadata(venv.join("pyvenv.cfg"));
        let is_one = match &mark {
            Ok(mark) => mark.is_file(),
            Err(error) if is_closed(error) => venv.is_dir(),
            Err(_) => venv.join("conda-meta").is_dir(),
        };
        if !is_one && layout::pythons(&venv).is_empty() {
            return None;
        }
        Some(match Os::distrust(folder, &venv) {
            Some(why) => Lead::settled(Source::ProjectVenv, venv, Verdict::Skipped(why)),
            None => Lead::new(Source::ProjectVenv, venv),
        })
    })
}

fn is_closed(error: &Error) -> bool {
    error.kind() == ErrorKind::PermissionDenied
}

/// The working directory and the folders above it; none where the directory is gone.
fn upward(cwd: &Path) -> impl Iterator<Item = &Path> {
    cwd.ancestors().filter(|folder| folder.is_absolute())
}

/// Without `.` parts; symlinks and `..` stay, as in all paths of environments.
fn plain(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
