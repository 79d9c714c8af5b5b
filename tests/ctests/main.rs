//! Compiles and runs the C programs of `ctests/`: as they are, for each CPython of pyenv, under
//! valgrind, and with AddressSanitizer and UBSan. A test has the name of its program. Those for newer
//! pythons and for AArch64 need what `make test-newer` and `make test-aarch64` set up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

/// Tests, each with the name of its program, in a module with the name of the tool.
macro_rules! checked {
    ($tool:ident, $run:expr, [$($name:ident),* $(,)?]) => {
        mod $tool {
            $(#[test] fn $name() { $run(stringify!($name)); })*
        }
    };
}

mod asan;
mod folders;
mod table;
mod valgrind;
mod versions;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use common::{Ended, compile, find, host, python, root, run, skip};
use versions::pyenv_python;

const LIMIT: Duration = Duration::from_secs(180);

fn source(name: &str) -> PathBuf {
    root().join("ctests").join(name).with_extension("c")
}

/// A program as it is, compiled once for all tests.
fn program(name: &str) -> PathBuf {
    static COMPILED: Mutex<BTreeMap<String, Arc<OnceLock<PathBuf>>>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap();
    let one = compiled.entry(name.to_owned()).or_default().clone();
    drop(compiled); // others are compiled meanwhile
    one.get_or_init(|| compile::<&str>(&source(name), "plain", &[]))
        .clone()
}

/// What a program says that it could not test.
fn pass_on_skips(name: &str, ended: &Ended) {
    for line in ended.output.lines() {
        if let Some(what) = line.strip_prefix("SKIP ") {
            skip(name, what);
        }
    }
}

fn assert_good(name: &str, ended: &Ended) {
    pass_on_skips(name, ended);
    assert!(ended.succeeded(), "{name}: {}", ended.describe());
}

/// The pythons that are to be refused, where the machine has them.
fn with_unfit_pythons(command: &mut Command) -> &mut Command {
    if let Some(pypy) = find("pypy3") {
        command.env("EMB_TEST_PYPY", pypy);
    }
    if let Some(old) = pyenv_python(7) {
        command.env("EMB_TEST_OLD_PYTHON", old);
    }
    command
}

fn run_program(name: &str) {
    let mut command = host(&program(name), python().as_deref());
    if cfg!(debug_assertions) {
        command.env("EMB_TEST_ROUNDS", "200000"); // a million takes minutes without optimisation
    }
    assert_good(name, &run(with_unfit_pythons(&mut command), LIMIT));
}

macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { run_program(stringify!($name)); })*
    };
}

programs!(
    api_array,
    api_array_again,
    api_array_types,
    api_array_view,
    api_bulk,
    api_callback,
    api_callback_life,
    api_class,
    api_class_derived,
    api_call,
    api_code,
    api_counts,
    api_describe,
    api_dlpack,
    api_doctor,
    api_error,
    api_exchange,
    api_generic,
    api_lifecycle,
    api_mechanisms,
    api_methods,
    api_modules,
    api_objects,
    api_operate,
    api_parallel,
    api_plain,
    api_sequence,
    api_sized,
    api_stream,
    api_suspend,
    api_text_lifetime,
    api_threads,
    api_watched,
    exit,
    fault_arguments,
    fault_python,
    fault_special,
    fault_start,
    fault_values,
    fork,
    fork_prepared,
    leak_arrays,
    leak_errors,
    leak_handles,
    signals,
    small_space,
);

#[test]
fn every_program_of_the_folder_is_run() {
    let mut missing = Vec::new();
    for entry in fs::read_dir(root().join("ctests")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        // Those with an argument: for ASan, of `heeds_environment`, and two of tests/header.rs.
        let special =
            ["broken_memory", "environment", "load", "load_late"].contains(&name.as_str());
        let known = special || PROGRAMS.contains(&name.as_str());
        if path.extension().is_some_and(|extension| extension == "c") && !known {
            missing.push(name);
        }
    }
    assert_eq!(missing, Vec::<String>::new(), "add them to `programs!`");
}

/// Debian's torch is for Debian's Python; a wheel of it would take gigabytes.
#[test]
fn api_dlpack_with_torch() {
    let (name, python) = ("api_dlpack with torch", Path::new("/usr/bin/python3"));
    let mut command = host(python, None);
    if !run(command.args(["-I", "-c", "import torch"]), LIMIT).succeeded() {
        return skip(name, "/usr/bin/python3 has no torch");
    }
    let mut command = host(&program("api_dlpack"), Some(python));
    let ended = run(command.arg("torch"), LIMIT);
    // Its numpy may be older than the one that the same program is tested with elsewhere.
    assert!(ended.succeeded(), "{name}: {}", ended.describe());
}

/// The environment that `make test` sets up has numpy; elsewhere it is said what was left out.
#[test]
fn numpy_is_in_the_environment_under_test() {
    let Some(python) = python() else {
        return skip(
            "numpy parts of ctests",
            "no .venv-test, .venv or EMB_PYTHON",
        );
    };
    let mut command = host(&python, None);
    let ended = run(command.args(["-c", "import numpy"]), LIMIT);
    if !ended.succeeded() {
        skip("numpy parts of ctests", "this Python has no numpy");
    }
}

/// Debian's python is static; on a machine without libpython the message names the package. A
/// private mount namespace is such a machine.
#[test]
fn fault_start_static() {
    let name = "fault_start static";
    let libraries: Vec<_> = ["/usr/lib", "/usr/lib/x86_64-linux-gnu"]
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flat_map(|entries| entries.flatten())
        .map(|entry| entry.path())
        .filter(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            file.starts_with("libpython3.") && file.contains(".so") && !path.is_symlink()
        })
        .collect();
    let python = Path::new("/usr/bin/python3");
    if !python.exists() || !Path::new("/var/lib/dpkg").is_dir() {
        return skip(name, "no /usr/bin/python3 of Debian");
    }
    let mut script = String::from("set -e\n");
    for library in &libraries {
        script += &format!("mount --bind /dev/null '{}'\n", library.display());
    }
    script += "exec \"$0\" static";
    let mut command = host(Path::new("unshare"), None);
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    let can = run(Command::new("unshare").args(["-rm", "true"]), LIMIT);
    if !can.succeeded() {
        return skip(name, "no right to make a mount namespace");
    }
    assert_good(
        name,
        &run(command.arg(script).arg(program("fault_start")), LIMIT),
    );
}
