//! The programs that could depend on the version of Python, with each CPython of pyenv.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::common::{host, output_of, run, skip};
use super::{LIMIT, PROGRAMS, pass_on_skips};

/// pyenv's newest CPython 3.`minor`.
pub fn pyenv_python(minor: u32) -> Option<PathBuf> {
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let versions = root
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv")))?
        .join("versions");
    let patch = |path: &PathBuf| -> Option<u32> {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix(&format!("3.{minor}."))?.parse().ok()
    };
    let entries = fs::read_dir(versions).ok()?.flatten();
    let newest = entries
        .map(|entry| entry.path())
        .filter(|path| patch(path).is_some())
        .max_by_key(patch)?;
    Some(newest.join("bin/python3")).filter(|python| python.exists())
}

/// Everything that could depend on the version, with one of them.
fn run_with_version(minor: u32) {
    let name = format!("CPython 3.{minor}");
    let Some(python) = pyenv_python(minor) else {
        return skip(&name, "pyenv has none");
    };
    let shared = python
        .ancestors()
        .nth(2)
        .map(|prefix| prefix.join(format!("lib/libpython3.{minor}.so")));
    if !shared.is_some_and(|library| library.exists()) {
        return skip(&name, "pyenv's was built without --enable-shared");
    }
    run_what_depends(&name, LIMIT, |program| {
        host(&crate::program(program), Some(&python))
    });
    heeds_environment(&name, |program| {
        let mut command = match program {
            Some(program) => host(program, Some(&python)),
            None => host(&python, None),
        };
        command.env_remove("MPLBACKEND");
        command
    });
}

/// Every program that could depend on which Python it is, or on the machine.
pub fn run_what_depends(name: &str, limit: Duration, command: impl Fn(&str) -> Command) {
    let chosen = |name: &&str| {
        name.starts_with("api_")
            || ["exit", "fault_python", "fork", "fork_prepared", "signals"].contains(name)
    };
    let mut failed = Vec::new();
    for program in PROGRAMS.iter().copied().filter(chosen) {
        let ended = run(&mut command(program), limit);
        pass_on_skips(name, &ended);
        if !ended.succeeded() {
            failed.push(format!("{program}: {}", ended.describe()));
        }
    }
    assert!(failed.is_empty(), "{name}\n{}", failed.join("\n"));
}

/// An embedded Python takes from its environment what a python program does. `command` is that of
/// our program, or of the python without one.
pub fn heeds_environment(name: &str, command: impl Fn(Option<&Path>) -> Command) {
    const VARIABLES: [(&str, &str); 13] = [
        ("UNUSED", "1"),
        ("PYTHONHASHSEED", "7"),
        ("PYTHONDEVMODE", "0"), // anything but nothing is yes
        ("PYTHONFAULTHANDLER", "1"),
        ("PYTHONTRACEMALLOC", "3"),
        ("PYTHONINTMAXSTRDIGITS", "5000"),
        ("PYTHONPATH", "/somewhere"),
        ("PYTHONWARNINGS", "error"),
        ("PYTHONNOUSERSITE", "1"),
        ("PYTHONOPTIMIZE", "1"),
        ("LC_ALL", "C"),
        ("LC_ALL", "C.UTF-8"),
        ("LC_ALL", "xx_XX.UTF-8"), // not installed
    ];
    let program = crate::program("environment");
    for (variable, value) in VARIABLES {
        let outputs = [Some(program.as_path()), None].map(|which| {
            let mut command = command(which);
            command.args(["-c", include_str!("../../ctests/environment.py")]);
            output_of(command.env(variable, value))
        });
        assert_eq!(outputs[0], outputs[1], "{name} with {variable}={value}");
    }
}

macro_rules! versions {
    ($($name:ident = $minor:literal),* $(,)?) => {
        $(#[test] fn $name() { run_with_version($minor); })*
    };
}

versions!(
    python_3_8 = 8,
    python_3_9 = 9,
    python_3_10 = 10,
    python_3_11 = 11,
    python_3_12 = 12,
    python_3_13 = 13,
);
