//! Compiles and runs `examples/`: what they print is in `tests/golden/examples`, and their pictures
//! are looked at.
//!
//! After an intended change, `EMB_BLESS=1 cargo test --test examples` writes the golden files anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{compile, host, python, root, run, scratch, skip};

const LIMIT: Duration = Duration::from_secs(180);

/// An example's folder for what it writes, after it has run; None where a package is missing.
fn run_example(file: &str, packages: &[&str], argument: &str) -> Option<PathBuf> {
    let Some(python) = python() else {
        skip(file, "no .venv-test, .venv or EMB_PYTHON");
        return None;
    };
    for package in packages {
        let import = format!("import {package}");
        let ended = run(host(&python, None).args(["-c", &import]), LIMIT);
        if !ended.succeeded() {
            skip(file, &format!("this Python has no {package}"));
            return None;
        }
    }
    let source = root().join("examples").join(file);
    let name = source.file_stem().unwrap().to_str().unwrap().to_owned();
    let folder = scratch("examples").join(format!("{name}.out"));
    let _ = fs::remove_dir_all(&folder); // so that every picture is of this run
    fs::create_dir_all(&folder).unwrap();
    let program = compile::<&str>(&source, "examples", &[]);
    let mut command = host(&program, Some(&python));
    let ended = run(command.arg(argument).current_dir(&folder), LIMIT);
    assert!(ended.succeeded(), "{file}: {}", ended.describe());
    let golden = root().join(format!("tests/golden/examples/{name}.txt"));
    if env::var_os("EMB_BLESS").is_some() {
        fs::write(&golden, &ended.output).unwrap();
    }
    assert_eq!(ended.output, fs::read_to_string(golden).unwrap(), "{file}");
    Some(folder)
}

/// `expected`: what `tests/pictures.py` is to find, after the name of the file.
fn look_at(folder: &Path, expected: &str) {
    let mut words = expected.split(' ');
    let picture = folder.join(words.next().unwrap());
    let mut command = host(&python().unwrap(), None);
    let script = root().join("tests/pictures.py");
    let ended = run(command.arg(script).arg(picture).args(words), LIMIT);
    assert!(ended.succeeded(), "{expected}: {}", ended.describe());
}

#[test]
fn simulation() {
    if let Some(folder) = run_example("simulation.c", &["matplotlib"], "waves.png") {
        look_at(&folder, "waves.png 500 500 #004080=20000 black=500");
    }
}

#[test]
fn train() {
    run_example("train.c", &["sklearn"], "");
}

#[test]
fn polars() {
    run_example("polars.c", &["polars"], "");
}

#[test]
fn plots() {
    let Some(folder) = run_example("plots.cpp", &["matplotlib", "PIL"], ".") else {
        return;
    };
    for expected in [
        "line.png 640 480 red=500 blue=500",
        "bar.png 640 480 green=30000 black=500",
        "histogram.png 640 480 orange=8000 purple=8000",
        "contour.png 640 480 red=300 #440154=100 #f0f921=3000",
        "quiver.png 640 480 blue=3000",
        "surface.png 640 480 #0d0887=100 #f0f921=50",
        "subplot.png 640 480 red=5000 green=5000 blue=3000 black=3000",
        "imshow.png 640 480 red=300 lime=300 yellow=300 black=300",
        "annotations.png 640 480 red=300 blue=100 green=100 black=500",
        "animation.gif 400 300 12 red=100",
    ] {
        look_at(&folder, expected);
    }
    let pictures = fs::read_dir(&folder).unwrap().count();
    assert_eq!(pictures, 10, "one is not looked at");
}

#[test]
fn every_example_is_run() {
    let tests = fs::read_to_string(root().join("tests/examples.rs")).unwrap();
    for entry in fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let quoted = format!("run_example(\"{name}\"");
        assert!(tests.contains(&quoted), "no test runs {name}");
    }
}
