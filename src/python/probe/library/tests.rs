#![allow(clippy::unwrap_used)]

use std::fs;

use super::super::tests::{Folder, details, library};
use super::*;

#[test]
fn an_unfit_file_gives_way_to_the_next_and_is_told_of() {
    let folder = Folder::new();
    let libs = folder.0.join("lib");
    fs::create_dir_all(libs.join("x")).unwrap();
    fs::write(libs.join("libpython3.12.so.1.0"), "not a library").unwrap();
    let message = find((3, 12, 1), &details(&folder.0)).unwrap_err();
    let text = libs.join("libpython3.12.so.1.0");
    let expected = format!("and {} is a text file", text.display());
    assert!(message.contains(&expected), "{message}");
    assert!(message.ends_with(": reinstall that Python"), "{message}");
    library(&libs.join("x/libpython3.12.so"));
    assert_eq!(
        find((3, 12, 1), &details(&folder.0)).unwrap(),
        libs.join("x/libpython3.12.so")
    );
}
