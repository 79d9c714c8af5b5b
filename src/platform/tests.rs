#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// What asks the system for something, or tells one system from another.
const OF_A_SYSTEM: [&str; 9] = [
    "libc::",
    "std::os::",
    "use object::",
    "asm!",
    "target_os",
    "target_arch",
    "target_env",
    "(unix",
    "/proc",
];

/// The files of a folder, and of those in it.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

/// The code of a file, without its comments and what is tested in it.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn only_the_platform_asks_the_system() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut all, mut asking) = (Vec::new(), Vec::new());
    files(&source, &mut all);
    let is_of_tests =
        |path: &Path| path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
    for path in all {
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if is_rust && !path.starts_with(source.join("platform")) && !is_of_tests(&path) {
            let code = code(&path);
            let found = OF_A_SYSTEM.iter().filter(|words| code.contains(**words));
            asking.extend(found.map(|words| format!("{} has {words}", path.display())));
        }
    }
    assert_eq!(asking, Vec::<String>::new());
}
