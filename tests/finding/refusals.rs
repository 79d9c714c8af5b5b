//! Each way in which finding or starting a Python fails, for real: the message, and that a good
//! Python can be started after it in the same process.

use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{cc, find, output_of};
use crate::made::{Linked, empty, library_of, pyenv, pyenv_root, script, static_installation};
use crate::{assert_says, fails, host, need, succeeds, text};

/// `bad` is refused with these words, and then a good Python starts.
fn refused(test: &str, bad: &Path, words: &[&str]) {
    let good = need!(test, pyenv(12));
    let output = succeeds(host().args([bad, &good]));
    assert_says(&output, words);
    assert_says(
        &output,
        &["emb.NoPython: libemb has no CPython", "] started"],
    );
}

/// An installation whose only library is what `make` leaves at the path it is given.
fn with_library(test: &str, make: impl FnOnce(&Path, &Path), words: &[&str]) {
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let original = need!(test, pyenv(12));
    let library = library_of(&prefix, 12);
    make(&library_of(&original, 12), &library);
    let place = format!("{} ", library.display());
    refused(test, &prefix, &[words, &[place.as_str()]].concat());
}

/// A copy of a library with these bytes put at a place.
fn patched(from: &Path, to: &Path, offset: usize, bytes: &[u8]) {
    let mut content = fs::read(from).unwrap();
    content[offset..offset + bytes.len()].copy_from_slice(bytes);
    fs::write(to, content).unwrap();
}

#[test]
fn a_library_that_is_text() {
    with_library(
        "a_library_that_is_text",
        |_, to| fs::write(to, "INPUT(/usr/lib/libpython3.12.so)\n").unwrap(),
        &["is a text file (perhaps a linker script): reinstall that Python"],
    );
}

#[test]
fn a_library_that_is_cut_off() {
    with_library(
        "a_library_that_is_cut_off",
        |from, to| {
            let whole = fs::read(from).unwrap();
            fs::write(to, &whole[..whole.len() / 2]).unwrap();
        },
        &["is cut off: reinstall that Python"],
    );
}

#[test]
fn a_library_of_another_machine() {
    let (number, name) = match std::env::consts::ARCH {
        "aarch64" => (62_u16, "x86_64"),
        _ => (183, "aarch64"),
    };
    let own = std::env::consts::ARCH;
    with_library(
        "a_library_of_another_machine",
        |from, to| patched(from, to, 18, &number.to_ne_bytes()),
        &[&format!("is for {name}, this process is {own}: reinstall")],
    );
}

#[test]
fn a_library_of_another_version() {
    let test = "a_library_of_another_version";
    let other = need!(test, pyenv(13));
    with_library(
        test,
        |_, to| assert!(fs::copy(library_of(&other, 13), to).is_ok()),
        &["is the library of Python 3.13: reinstall that Python"],
    );
}

/// Compiles a shared library of this source.
fn compiled(source: &str, to: &Path) {
    let mut command = cc();
    command.args(["-shared", "-fPIC", "-xc", "-", "-o"]).arg(to);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(source.as_bytes()).unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// What is found at the load is an error of the load: it names the file, and what to do.
fn loads_not(test: &str, source: &str, words: &[&str]) {
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let good = need!(test, pyenv(12));
    compiled(source, &library_of(&prefix, 12));
    let output = succeeds(host().args([&prefix, &good]));
    assert_says(&output, words);
    assert_says(&output, &[text(&library_of(&prefix, 12)), "] started"]);
}

#[test]
fn a_library_that_is_not_pythons() {
    let words = ["exports no Python API; choose a file called libpython3.*.so"];
    loads_not(
        "a_library_that_is_not_pythons",
        "int f(void) { return 1; }",
        &words,
    );
}

#[test]
fn a_library_that_is_stripped_of_its_names() {
    loads_not(
        "a_library_that_is_stripped_of_its_names",
        "int Py_IsInitialized(void) { return 0; }",
        &[
            "lacks Py_InitializeEx: it is not a CPython that libemb can use, or it was stripped of its",
        ],
    );
}

#[test]
fn a_stripped_library_works() {
    let test = "a_stripped_library_works";
    let strip = need!(test, find("strip").ok_or("strip is missing".to_string()));
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let original = need!(test, pyenv(12));
    let library = library_of(&prefix, 12);
    let mut command = Command::new(strip);
    output_of(
        command
            .arg("-o")
            .arg(&library)
            .arg(library_of(&original, 12)),
    );
    let output =
        succeeds(host().args([text(&prefix), "run:import math, ctypes, socket", "doctor"]));
    assert_says(&output, &[text(&library)]);
}

/// A library that asks for another, which is gone.
#[test]
fn a_library_whose_own_libraries_are_missing() {
    let test = "a_library_whose_own_libraries_are_missing";
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let original = need!(test, pyenv(12));
    let (library, helper) = (library_of(&prefix, 12), prefix.join("lib/libhelper.so"));
    compiled("int helper(void) { return 1; }", &helper);
    let config = original.join("lib/python3.12");
    let archive = fs::read_dir(config)
        .unwrap()
        .map(|entry| entry.unwrap().path().join("libpython3.12.a"))
        .find(|archive| archive.exists())
        .unwrap();
    let mut command = cc();
    command.args(["-shared", "-Wl,--no-as-needed", "-Wl,--whole-archive"]);
    command
        .arg(archive)
        .args(["-Wl,--no-whole-archive", "-lm", "-o"]);
    output_of(
        command
            .arg(&library)
            .arg("-L")
            .arg(prefix.join("lib"))
            .arg("-lhelper"),
    );
    fs::remove_file(helper).unwrap();
    let output = succeeds(host().args([&prefix, &original]));
    assert_says(
        &output,
        &[
            "libhelper.so: cannot open shared object file",
            "; install the library that is named, or add its folder to LD_LIBRARY_PATH",
            "] started",
        ],
    );
}

/// A python whose standard library is gone: nobody else's can stand in for it.
#[test]
fn a_standard_library_that_is_missing() {
    let test = "a_standard_library_that_is_missing";
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let built_for = need!(test, pyenv(12));
    fs::remove_dir_all(prefix.join("lib/python3.12")).unwrap();
    // The place it was built for is the last one it looks at.
    let name = text(&built_for).as_bytes();
    let nowhere = format!("/nowhere{}", "/".repeat(name.len() - 8));
    let mut program = fs::read(prefix.join("bin/python3.12")).unwrap();
    while let Some(at) = program.windows(name.len()).position(|part| part == name) {
        program[at..at + name.len()].copy_from_slice(nowhere.as_bytes());
    }
    fs::remove_file(prefix.join("bin/python3.12")).unwrap();
    fs::write(prefix.join("new"), program).unwrap();
    let copy = "cp \"$0/new\" \"$0/bin/python3.12\" && chmod 755 \"$0/bin/python3.12\"";
    output_of(Command::new("sh").arg("-c").arg(copy).arg(&prefix));
    refused(
        test,
        &prefix,
        &[
            "; its standard library is not where it looks for it: reinstall that Python",
            "No module named 'encodings'",
        ],
    );
}

/// A copy of a small installation, to make a venv from and to take away.
fn base(test: &str) -> Result<PathBuf, String> {
    let prefix = static_installation(test, 12, Linked::Pie)?;
    symlink(library_of(&pyenv(12)?, 12), library_of(&prefix, 12)).unwrap();
    Ok(prefix)
}

#[test]
fn a_venv_whose_base_was_removed() {
    for option in ["--symlinks", "--copies"] {
        let test = &format!("a_venv_whose_base_was_removed{option}");
        let base = need!(test, base(test));
        let venv = empty(&format!("{test}-venv"));
        let mut command = Command::new(base.join("bin/python3"));
        command.args(["-I", "-m", "venv", "--without-pip", option]);
        output_of(command.arg(&venv));
        succeeds(host().arg(&venv));
        fs::remove_dir_all(&base).unwrap();
        let gone = base.join("bin");
        refused(
            test,
            &venv,
            &[text(&gone), "which is gone: recreate the venv"],
        );
    }
}

#[test]
fn a_python_that_is_too_old() {
    let test = "a_python_that_is_too_old";
    let versions = pyenv_root().join("versions");
    for minor in ["2.7", "3.6", "3.7"] {
        let found = fs::read_dir(&versions)
            .into_iter()
            .flatten()
            .find_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_string_lossy().into_owned();
                name.starts_with(minor).then_some((path, name))
            });
        let (path, name) = need!(test, found.ok_or(format!("pyenv has no {minor}")));
        // 2.7 has no bin/python3.
        let words = format!("Python {name} is too old: libemb needs CPython 3.8 or newer");
        refused(test, &path.join("bin/python"), &[&words]);
    }
}

#[test]
fn a_pypy() {
    let test = "a_pypy";
    let pypy = need!(test, find("pypy3").ok_or("pypy3 is missing".to_string()));
    refused(test, &pypy, &["refused: it is PyPy 7.", "not CPython"]);
}

#[test]
fn what_is_no_environment() {
    let folder = empty("what_is_no_environment");
    let at = |name: &str| folder.join(name);
    symlink("/nowhere/python3", at("link")).unwrap();
    fs::create_dir_all(at("folder/bin")).unwrap();
    fs::create_dir_all(at("windows/Scripts")).unwrap();
    fs::write(at("windows/Scripts/python.exe"), "").unwrap();
    fs::create_dir_all(at("project/.venv/bin")).unwrap();
    script(&at("project/.venv/bin/python3"), "#!/bin/sh\n");
    for (name, words) in [
        ("missing", "it does not exist"),
        ("link", "leads to /nowhere/python3, which does not exist"),
        ("folder", "it is a folder without bin/python3 or bin/python"),
        ("windows", "it is an environment for Windows"),
        (
            "project",
            "it is a folder without bin/python3 or bin/python; there is one in .venv",
        ),
    ] {
        refused("what_is_no_environment", &at(name), &[words]);
    }
}

#[test]
fn a_process_that_can_open_no_file() {
    let test = "a_process_that_can_open_no_file";
    let good = need!(test, pyenv(12));
    let without = format!("fds:{}", text(&good));
    let output = succeeds(host().args([&without, text(&good)]));
    assert_says(&output, &["Too many open files", "] started"]);
}

#[test]
fn a_wrong_pythonhome() {
    let test = "a_wrong_pythonhome";
    let good = need!(test, pyenv(12));
    let output = fails(host().env("PYTHONHOME", "/no/such/home").arg(&good));
    assert_says(
        &output,
        &["PYTHONHOME is set to /no/such/home, which may be the cause: unset it"],
    );
}
