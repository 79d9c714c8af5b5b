//! The embedded Python's child processes: `family.py` in hosts of several kinds.

use super::*;

/// `command` runs it; nothing else is in the file that the host marks at each start.
fn has_children(name: &str, command: &mut Command) {
    let _alone = ALONE.lock();
    let marks = scratch("children").join(name);
    let _ = fs::remove_file(&marks);
    let text = succeeds(command.env("CHILDREN_MARKS", marks));
    assert!(text.contains("the host was started once"), "{text}");
}

fn family() -> PathBuf {
    root().join("tests/hosts/family.py")
}

#[test]
fn of_pypy() {
    need!("children::of_pypy", host = pypy(), python = test_python());
    has_children("pypy", &mut script(&host, &python, "children.py"));
}

#[test]
fn of_a_program_in_c() {
    need!("children::of_a_program_in_c", python = test_python());
    let source = root().join("tests/hosts/children.c");
    let program = common::compile::<&str>(&source, "children", &[]);
    has_children("c", command(&program, &python).arg(family()));
}

#[test]
fn of_luajit() {
    need!(
        "children::of_luajit",
        host = tool("luajit"),
        python = test_python()
    );
    let mut command = script(&host, &python, "children.lua");
    has_children("luajit", command.arg(family()));
}

#[test]
fn of_another_cpython() {
    need!(
        "children::of_another_cpython",
        host = pyenv(12),
        python = test_python()
    );
    has_children("cpython", &mut script(&host, &python, "children.py"));
}
