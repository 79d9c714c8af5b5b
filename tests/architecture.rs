//! ARCHITECTURE.md names every part that there is, and none that there is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn architecture() -> String {
    fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// What is in a folder.
fn entries(folder: &str) -> Vec<PathBuf> {
    let paths = fs::read_dir(root().join(folder)).unwrap();
    paths.map(|entry| entry.unwrap().path()).collect()
}

/// What the files of a folder with this ending are called.
fn names(folder: &str, ending: &str) -> Vec<String> {
    let paths = entries(folder);
    let of_kind = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|one| one == ending));
    of_kind
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_part_is_named() {
    let text = architecture();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words: HashSet<&str> = text.split(|c| !is_part(c)).collect();
    let mut parts = Vec::new();
    for folder in [
        "src",
        "src/boundary",
        "src/handle",
        "src/results",
        "src/platform",
        "src/python",
    ] {
        parts.extend(names(folder, "rs"));
    }
    parts.retain(|name| !["lib", "mod", "tests"].contains(&name.as_str()));
    let package = "bindings/pypy/emb";
    let folders = entries(package).into_iter().filter(|path| path.is_dir());
    let folders = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let folders: Vec<_> = folders.filter(|name| name != "__pycache__").collect();
    let mut modules = names(package, "py");
    for folder in &folders {
        modules.extend(names(&format!("{package}/{folder}"), "py"));
    }
    modules.retain(|name| !name.starts_with("__"));
    parts.extend(
        modules
            .iter()
            .map(|name| name.trim_start_matches('_').to_owned()),
    );
    parts.extend(folders);
    assert!(parts.len() > 220, "{parts:?}");
    let missing: Vec<_> = parts
        .iter()
        .filter(|name| !words.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "not in ARCHITECTURE.md: {missing:?}");
}

#[test]
fn every_path_is_there() {
    let text = architecture();
    let is_path = |span: &&str| {
        span.contains('/')
            && span
                .chars()
                .all(|c| c.is_ascii_lowercase() || "/_.".contains(c))
    };
    let spans = text.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = spans.filter(is_path).collect();
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        let mut places = ["", "src", "src/python", "src/platform/linux"].iter();
        let found = places.any(|folder| {
            let place = root().join(folder).join(path);
            place.exists() || place.with_extension("rs").exists()
        });
        assert!(found, "ARCHITECTURE.md names {path}, which is not there");
    }
}
