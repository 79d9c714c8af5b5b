//! The API reference that `make docs` builds: without a warning, and with an entry for each function.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use common::{find, root, run, scratch, skip};

/// The folder of the reference, built once; None without doxygen.
fn reference() -> Option<&'static PathBuf> {
    static REFERENCE: OnceLock<Option<PathBuf>> = OnceLock::new();
    REFERENCE
        .get_or_init(|| {
            if find("doxygen").is_none() {
                skip("API reference", "doxygen is not installed");
                return None;
            }
            let folder = scratch("docs");
            let mut command = Command::new(root().join("scripts/docs.sh"));
            let ended = run(command.arg(&folder), Duration::from_secs(120));
            assert!(
                ended.succeeded() && ended.output.is_empty(),
                "{}",
                ended.describe()
            );
            Some(folder)
        })
        .as_ref()
}

/// A page as its reader sees it.
fn page(name: &str) -> Option<String> {
    let html = fs::read_to_string(reference()?.join(name)).unwrap();
    let mut text = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => {
                is_tag = false;
                text.push(' ');
            }
            c if !is_tag => text.push(c),
            _ => {}
        }
    }
    let text = text.replace("&#160;", " ").replace("&nbsp;", " ");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn every_function_has_an_entry_with_the_four_things() {
    let Some(page) = page("emb_8h.html") else {
        return;
    };
    let symbols = fs::read_to_string(root().join("tests/golden/symbols.txt")).unwrap();
    let mut lacking = Vec::new();
    for function in symbols.lines() {
        // The title of its entry, and all up to the next one's.
        let entry = page.split_once(&format!("&#9670; {function}() "));
        let entry = entry.map_or("", |(_, rest)| rest.split("&#9670;").next().unwrap());
        let mut rest = entry;
        for part in ["Ownership ", "Errors ", "Threads ", "Since 0."] {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => lacking.push(format!("{function}: {part}")),
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn the_opening_page_and_the_sections_are_there() {
    let (Some(index), Some(page)) = (page("index.html"), page("emb_8h.html")) else {
        return;
    };
    for part in [
        "emb_import(",
        "Linking",
        "Objects and ownership",
        "Values",
        "Errors",
        "Threads",
        "Stability",
    ] {
        assert!(
            index.contains(part),
            "{part} is missing from the opening page"
        );
    }
    let api = root().join("src/api");
    for entry in fs::read_dir(api).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "rs") || path.ends_with("mod.rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let title = source.lines().next().unwrap().trim_start_matches("//! ");
        assert!(page.contains(title), "no section {title:?}");
    }
}

#[test]
fn the_optional_headers_are_in_it() {
    let Some(generic) = page("emb__generic_8h.html") else {
        return;
    };
    assert!(generic.contains("EMB_CALL"));
    let object = page("classemb_1_1object.html").unwrap();
    assert!(object.contains("attr") && object.contains("emb::object"));
}
