//! Pythons of every layout, whole and broken, in real processes: what is found and started, and
//! what is said where that cannot be.
//!
//! `start.c` is the host. What is broken here is made from what the machine has: pyenv's builds,
//! and static pythons linked from their archives.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
mod layouts;
mod loading;
mod made;
mod permission;
mod refusals;
mod static_python;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use common::{root, skip};

const LIMIT: Duration = Duration::from_secs(60);

/// The host, with nothing of the user's that would lead to a Python.
fn host() -> Command {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        common::compile::<&str>(&root().join("tests/finding/start.c"), "finding", &[])
    });
    let mut command = common::host(program, None);
    for name in ["HOME", "PYENV_VERSION", "PYENV_ROOT", "XDG_DATA_HOME"] {
        command.env_remove(name);
    }
    command.env("PATH", "/usr/bin:/bin");
    command.current_dir("/");
    command
}

/// What the host prints; it has to end well.
fn succeeds(command: &mut Command) -> String {
    let ended = common::run(command, LIMIT);
    assert!(ended.succeeded(), "{command:?}: {}", ended.describe());
    ended.output
}

/// What the host prints; its last step has to fail, and nothing worse.
fn fails(command: &mut Command) -> String {
    let ended = common::run(command, LIMIT);
    let code = ended.status.and_then(|status| status.code());
    assert_eq!(code, Some(1), "{command:?}: {}", ended.describe());
    ended.output
}

fn assert_says(output: &str, words: &[&str]) {
    for words in words {
        assert!(output.contains(words), "{words:?} is not in: {output}");
    }
}

/// Names what a test needs; ends it with a SKIP line where that is not there.
macro_rules! need {
    ($test:expr, $made:expr) => {
        match $made {
            Ok(made) => made,
            Err(why) => return $crate::skip($test, &why),
        }
    };
}
use need;

/// The site-packages of the tests' CPython 3.11.
fn packages() -> Result<PathBuf, String> {
    let folder = root().join(".venv-test/lib/python3.11/site-packages");
    match folder.join("numpy").exists() {
        true => Ok(folder),
        false => Err(format!(
            "{} has no numpy; make setup-test",
            folder.display()
        )),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
