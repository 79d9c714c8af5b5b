//! What is found out only when a Python is loaded or started, for real: what is wrong, and what to do.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::common::{self, cc, find, library, output_of, root};
use crate::made::{Linked, archive, empty, library_of, pyenv, script, static_installation};
use crate::{LIMIT, assert_says, fails, host, need, succeeds, text};

/// A library that says it is of the right version, and is not: by then it is in the process for good.
#[test]
fn a_library_of_another_python_occupies_the_process() {
    let test = "a_library_of_another_python_occupies_the_process";
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let (good, other) = (need!(test, pyenv(12)), need!(test, pyenv(13)));
    let mut content = fs::read(library_of(&other, 13)).unwrap();
    let (name, claimed) = (b"libpython3.13.so.1.0", b"libpython3.12.so.1.0");
    while let Some(at) = content.windows(name.len()).position(|part| part == name) {
        content[at..at + name.len()].copy_from_slice(claimed);
    }
    let library = library_of(&prefix, 12);
    fs::write(&library, content).unwrap();
    let output = fails(host().args([&prefix, &good]));
    let (library, good) = (text(&library), library_of(&good, 12));
    let good = text(&good).trim_end_matches(".1.0");
    assert_says(
        &output,
        &[
            &format!("emb.NoPython: {library} is version 3.13."),
            "is version 3.12.",
            "the installation is mixed up; reinstall it or choose another Python with EMB_PYTHON",
            &format!("emb.NoPython: {good}"),
            &format!(
                "cannot be loaded: this process has {library} already, and can have one Python"
            ),
            "only; start another process for the other",
        ],
    );
}

/// A library in a place from which nothing may be run.
#[test]
fn a_library_that_may_not_be_executed() {
    let test = "a_library_that_may_not_be_executed";
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let original = need!(test, pyenv(12));
    let (place, link) = (prefix.join("noexec"), library_of(&prefix, 12));
    fs::create_dir(&place).unwrap();
    symlink(place.join("libpython.so"), &link).unwrap();
    let mount = "mount -t tmpfs -o noexec none \"$0\" && cp \"$1\" \"$0/libpython.so\" && echo mounted && \
                 shift && exec \"$@\"";
    let mut command = common::host(Path::new("unshare"), None);
    command.args(["-m", "sh", "-c", mount]).arg(&place);
    command.arg(library_of(&original, 12));
    command.arg(host().get_program()).arg(&prefix);
    let ended = common::run(&mut command, LIMIT);
    if !ended.output.contains("mounted") {
        return crate::skip(test, "this process must not mount anything");
    }
    let library = format!("emb.NoPython: {} cannot be loaded: ", text(&link));
    let remedy = "; it may be in a place that is mounted without the right to execute (noexec): mount \
                  that otherwise, or move that Python";
    assert_says(&ended.output, &[&library, "failed to map segment", remedy]);
}

/// A library with more thread-local memory of the fast kind than the loader keeps for latecomers.
#[test]
fn a_library_with_too_many_thread_local_variables() {
    let test = "a_library_with_too_many_thread_local_variables";
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let source = prefix.join("tls.c");
    let variable = "__attribute__((tls_model(\"initial-exec\"))) __thread char room[12000];\n\
                    char *emb_room(void) { return room; }\n";
    fs::write(&source, variable).unwrap();
    let mut command = cc();
    command.args(["-shared", "-fPIC"]).arg(&source);
    command.args(["-Wl,-soname,libpython3.12.so.1.0", "-Wl,--whole-archive"]);
    command.arg(need!(test, archive(12)));
    command.args(["-Wl,--no-whole-archive", "-lm", "-o"]);
    output_of(command.arg(library_of(&prefix, 12)));
    let output = fails(host().arg(&prefix));
    let setting = "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384";
    assert_says(
        &output,
        &[
            "cannot be loaded: ",
            "cannot allocate memory in static TLS block",
            &format!("; start the program with {setting}"),
        ],
    );
    let (name, value) = setting.split_once('=').unwrap();
    let output = succeeds(host().env(name, value).arg(&prefix));
    assert_says(&output, &["] started"]);
}

/// Made for another kind of processor by a compiler.
#[test]
fn a_library_for_a_processor_of_32_bits() {
    let test = "a_library_for_a_processor_of_32_bits";
    if std::env::consts::ARCH != "x86_64" {
        return crate::skip(test, "no compiler for one");
    }
    let prefix = need!(test, static_installation(test, 12, Linked::Pie));
    let source = prefix.join("f.c");
    fs::write(&source, "int f(void) { return 1; }\n").unwrap();
    let mut command = cc();
    command
        .args(["-m32", "-shared", "-fPIC", "-nostdlib"])
        .arg(source);
    output_of(command.arg("-o").arg(library_of(&prefix, 12)));
    let good = need!(test, pyenv(12));
    let output = succeeds(host().args([&prefix, &good]));
    assert_says(
        &output,
        &["is for x86, this process is x86_64: reinstall", "] started"],
    );
}

/// A wrapper that names what the kernel needs to run it, which is not there; one that cannot be run
/// at all; and one that keeps from the python where that is.
#[test]
fn pythons_that_cannot_say_what_they_are() {
    let test = "pythons_that_cannot_say_what_they_are";
    let (folder, good) = (empty(test), need!(test, pyenv(12)));
    let at = |name: &str| folder.join(name);
    script(&at("lost"), "#!/no/such/interpreter\n");
    fs::write(at("text"), "no program\n").unwrap();
    let bash = need!(test, find("bash").ok_or("bash is missing".to_string()));
    let nameless = format!(
        "#!{}\nPATH=/nowhere exec -a ghost {}/bin/python3 \"$@\"\n",
        text(&bash),
        text(&good)
    );
    script(&at("nameless"), &nameless);
    script(&at("mute"), "#!/bin/sh\n");
    script(
        &at("dying"),
        "#!/bin/sh\necho last words >&2\nkill -SEGV $$\n",
    );
    for (name, words) in [
        (
            "lost",
            "; the program in its first line, or its loader, is missing",
        ),
        ("text", "it is not an executable file"),
        (
            "nameless",
            "it does not know its own path (its sys.executable is empty)",
        ),
        ("mute", "it ran, but did not answer as a Python does"),
        ("dying", "it failed with signal: 11 (SIGSEGV)"),
    ] {
        let output = succeeds(host().args([&at(name), &good]));
        assert_says(&output, &[words, "] started"]);
    }
}

/// What keeps the host's names apart needs files in memory, and the loader to find them.
#[test]
fn a_process_without_proc() {
    let test = "a_process_without_proc";
    let pypy = need!(test, find("pypy3").ok_or("pypy3 is missing".to_string()));
    let python = root().join(".venv-test/bin/python3");
    if !python.exists() {
        return crate::skip(test, &format!("{} is missing", python.display()));
    }
    let hide = "mount -t tmpfs none /proc && echo mounted && exec \"$@\"";
    for (method, words) in [
        (
            "",
            "libpython cannot be unbound from the host's names of its API: ",
        ),
        (
            "stub",
            "libpython cannot be put before the host's names of its API: ",
        ),
    ] {
        let mut command = common::host(Path::new("unshare"), Some(&python));
        command.args(["-m", "sh", "-c", hide, "sh"]).arg(&pypy);
        command.arg(root().join("tests/hosts/static.py"));
        command
            .env("EMB_LIBRARY", library())
            .env("EMB_CLASH", method);
        let ended = common::run(&mut command, LIMIT);
        if !ended.output.contains("mounted") {
            return crate::skip(test, "this process must not mount anything");
        }
        let code = ended.status.and_then(|status| status.code());
        assert_eq!(code, Some(1), "{}", ended.describe());
        assert_says(&ended.output, &[words, "a mounted /proc"]);
    }
}

/// Conda keeps other languages too: such an environment is active, and asks for no Python.
#[test]
fn a_conda_environment_of_another_language() {
    let test = "a_conda_environment_of_another_language";
    let (prefix, good) = (empty(test), need!(test, pyenv(12)));
    fs::create_dir_all(prefix.join("conda-meta")).unwrap();
    let mut active = host();
    active
        .env("CONDA_PREFIX", &prefix)
        .env("PATH", good.join("bin"));
    let output = succeeds(active.args(["", "doctor"]));
    let skipped = format!(
        "{} (CONDA_PREFIX): skipped: it has no python in it",
        text(&prefix)
    );
    assert_says(&output, &[&skipped, "(python3 on PATH): taken"]);
}

/// What `pyenv install` builds where it is not told otherwise.
#[test]
fn a_static_python_of_pyenv_is_told_how_to_rebuild() {
    let test = "a_static_python_of_pyenv_is_told_how_to_rebuild";
    let name = "static/.pyenv/versions/3.12.1";
    let prefix = need!(test, static_installation(name, 12, Linked::Pie));
    let good = need!(test, pyenv(12));
    let output = succeeds(host().args([&prefix, &good]));
    assert_says(
        &output,
        &[
            "libpython3.12.so.1.0 is not there: rebuild it with \
             `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install --force 3.12.1`",
            "] started",
        ],
    );
}
