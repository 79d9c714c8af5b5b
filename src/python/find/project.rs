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

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::candidate::Verdict;
use super::{Lead, layout, source::Source};

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
        let text = fs::read(&file).ok()?;
        // Most such files do not mention us, and need not even be read by us.
        if !text.windows(3).any(|part| part == b"emb") {
            return None;
        }
        if let Some(why) = distrust(folder, &file) {
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
        let is_one = venv.join("pyvenv.cfg").is_file() || venv.join("conda-meta").is_dir();
        if !is_one && layout::pythons(&venv).is_empty() {
            return None;
        }
        Some(match distrust(folder, &venv) {
            Some(why) => Lead::settled(Source::ProjectVenv, venv, Verdict::Skipped(why)),
            None => Lead::new(Source::ProjectVenv, venv),
        })
    })
}

/// The working directory and the folders above it; none where the directory is gone.
fn upward(cwd: &Path) -> impl Iterator<Item = &Path> {
    cwd.ancestors().filter(|folder| folder.is_absolute())
}

/// Why what lies in a folder is not to be believed, if so.
fn distrust(folder: &Path, file: &Path) -> Option<String> {
    let (folder, file) = (fs::metadata(folder).ok()?, fs::symlink_metadata(file).ok()?);
    // SAFETY: geteuid has no preconditions and cannot fail.
    let own = unsafe { libc::geteuid() };
    strange(&folder, &file, own).then(|| {
        format!(
            "it belongs to another user (number {}), and everybody may write into its folder",
            file.uid()
        )
    })
}

fn strange(folder: &Metadata, file: &Metadata, own: u32) -> bool {
    folder.mode() & 0o002 != 0 && file.uid() != own && file.uid() != 0
}

/// Without `.` parts; symlinks and `..` stay, as in all paths of environments.
fn plain(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
