//! The programs of `reach/`, one a language: each imports matplotlib, shares its memory, is called
//! back, catches exceptions, prints the same lines and draws the same picture as the one in C.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use common::{
    compile, find, host, library, library_folder, output_of, python, root, scratch, skip,
};

const LIMIT: Duration = Duration::from_secs(120);

fn file(name: &str) -> PathBuf {
    root().join("reach").join(name)
}

/// Runs a program of the folder to its end, looks at what it printed, and gives its picture.
fn picture(name: &str, mut command: Command) -> Vec<u8> {
    let path = scratch("reach").join(name).with_extension("png");
    let _ = fs::remove_file(&path);
    command.env("EMB_LIBRARY", library()).arg(&path);
    let ended = common::run(&mut command, LIMIT);
    assert!(ended.succeeded(), "{name}: {}", ended.describe());
    let expected = fs::read_to_string(file("expected.txt")).unwrap();
    assert_eq!(
        ended.output, expected,
        "{name}: not as in reach/expected.txt"
    );
    let picture = fs::read(&path).unwrap();
    assert!(picture.starts_with(b"\x89PNG"), "{name}: no picture");
    picture
}

fn started(program: &Path) -> Command {
    let mut command = host(program, python().as_deref());
    command.env_remove("MPLBACKEND");
    command
}

/// The picture that C draws, once.
fn reference() -> &'static [u8] {
    static PICTURE: OnceLock<Vec<u8>> = OnceLock::new();
    PICTURE.get_or_init(|| {
        let program = compile(&file("plot.c"), "reach", &["-ffp-contract=off"]);
        picture("c", started(&program))
    })
}

fn draws_the_same(name: &str, command: Command) {
    let picture = picture(name, command);
    assert!(
        picture == reference(),
        "{name}: another picture than that of C, in {}",
        scratch("reach").display()
    );
}

/// Whether there is something to draw with; without matplotlib nothing here can be tested.
fn can_draw(test: &str) -> bool {
    let mut command = Command::new(python().unwrap_or_else(|| "python3".into()));
    let found = common::run(command.args(["-I", "-c", "import matplotlib"]), LIMIT).succeeded();
    if !found {
        skip(
            test,
            "Python has no matplotlib; make setup-test makes one that has",
        );
    }
    found
}

/// Runs a script; `check` are the arguments with which its interpreter says whether it has what
/// it takes to call C.
fn script(name: &str, interpreter: &str, check: &[&str], script: &str) {
    let Some(program) = find(interpreter) else {
        return skip(name, &format!("{interpreter} is missing"));
    };
    let mut checked = Command::new(&program);
    let checked = checked
        .args(check)
        .current_dir(file(script).parent().unwrap());
    if !common::run(checked, LIMIT).succeeded() {
        return skip(
            name,
            &format!(
                "{interpreter} fails with {}; make setup-test installs what it lacks",
                check.join(" ")
            ),
        );
    }
    if can_draw(name) {
        let mut command = started(&program);
        command.arg(file(script));
        draws_the_same(name, command);
    }
}

#[test]
fn c() {
    if can_draw("c") {
        let picture = reference();
        assert!(picture.len() > 5_000, "an empty picture");
    }
}

#[test]
fn luajit() {
    script("luajit", "luajit", &["-e", "require('ffi')"], "plot.lua");
}

#[test]
fn ruby() {
    script("ruby", "ruby", &["-e", "require 'fiddle'"], "plot.rb");
}

#[test]
fn node() {
    script("node", "node", &["-e", "require('koffi')"], "node/plot.js");
}

#[test]
fn php() {
    let check = "exit(class_exists('FFI') ? 0 : 1);";
    script("php", "php", &["-r", check], "plot.php");
}

#[test]
fn perl() {
    let check = ["-e", "use v5.36; use FFI::Platypus 2.00"];
    script("perl", "perl", &check, "plot.pl");
}

#[test]
fn go() {
    let Some(compiler) = find("go") else {
        return skip("go", "go is missing");
    };
    if !can_draw("go") {
        return;
    }
    let folder = library_folder().display().to_string();
    let program = scratch("reach").join("go-plot");
    let mut build = Command::new(compiler);
    build
        .args(["build", "-o"])
        .arg(&program)
        .arg("plot.go")
        .current_dir(file("go"))
        .env("CGO_LDFLAGS", format!("-L{folder} -Wl,-rpath,{folder}"))
        .env("GOCACHE", scratch("go-cache"))
        .envs([("GOFLAGS", ""), ("GO111MODULE", "auto"), ("GOPROXY", "off")]);
    output_of(&mut build);
    draws_the_same("go", started(&program));
}
