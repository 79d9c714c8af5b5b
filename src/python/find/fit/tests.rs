#![allow(clippy::unwrap_used)]

use super::*;
use crate::python::probe::tests::{Folder, interpreter_at};

#[test]
fn an_environment_whose_python_has_been_upgraded_is_told() {
    let folder = Folder::new();
    let mut found = interpreter_at(&folder);
    found.packages = folder.0.join("lib/python3.11/site-packages");
    assert_eq!(other_version(&found), None, "it has no packages at all");
    fs::create_dir_all(folder.0.join("lib/python3.9/site-packages")).unwrap();
    assert_eq!(other_version(&found), None, "it is no venv");
    found.venv = true;
    let why = other_version(&found).unwrap();
    let start = "its packages are for Python 3.9 (in lib/python3.9), but its python, ";
    assert!(why.starts_with(start), "{why}");
    assert!(
        why.contains(", is Python 3.11 now: make the environment anew (`"),
        "{why}"
    );
    fs::create_dir_all(&found.packages).unwrap();
    assert_eq!(other_version(&found), None);
}

#[test]
fn packages_are_judged_by_their_tags() {
    let folder = Folder::new();
    let mut found = interpreter_at(&folder);
    let wheel = |name: &str, tags: &[&str]| {
        let notes = folder.0.join(format!("{name}.dist-info"));
        fs::create_dir_all(&notes).unwrap();
        let tags: Vec<String> = tags.iter().map(|tag| format!("Tag: {tag}\n")).collect();
        fs::write(
            notes.join("WHEEL"),
            format!("Wheel-Version: 1.0\n{}", tags.concat()),
        )
        .unwrap();
    };
    wheel("pure-1.0", &["py3-none-any"]);
    wheel("older_pure-1.0", &["py2-none-any", "py3-none-any"]);
    wheel("own-1.0", &["cp311-cp311-manylinux_2_17_x86_64"]);
    wheel("stable-1.0", &["cp38-abi3-manylinux_2_17_x86_64"]);
    wheel("newer_stable-1.0", &["cp312-abi3-linux_x86_64"]);
    wheel(
        "numpy-2.0",
        &["cp312-cp312-linux_x86_64", "cp312-cp312-linux_i686"],
    );
    wheel("threads-1", &["cp311-cp311t-linux_x86_64"]);
    wheel("jit-1", &["pp39-pypy39_pp73-linux_x86_64"]);
    fs::create_dir_all(folder.0.join("conda-1.0.dist-info")).unwrap();
    found.search_path = vec![folder.0.clone(), folder.0.join("missing"), folder.0.clone()];
    let say = |found: &Interpreter| -> Vec<String> {
        misfits(&found.into())
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    let place = folder.0.display();
    assert_eq!(
        say(&found),
        [
            format!("jit 1, for PyPy 3.9, in {place}"),
            format!("newer_stable 1.0, for 3.12 or newer, in {place}"),
            format!("numpy 2.0, for 3.12, in {place}"),
            format!("threads 1, for 3.11t, in {place}"),
        ]
    );
    found.version = (3, 13, 0);
    found.abiflags = "t".into();
    found.free_threaded = true;
    assert_eq!(say(&found).len(), 6, "{:?}", say(&found));
}
