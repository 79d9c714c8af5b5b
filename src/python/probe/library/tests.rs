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

/// What a CPython 3.12 says that was built as a framework, which is called Python.
fn framework(prefix: &str, folder: &str) -> Details {
    let mut details = details(Path::new(prefix));
    let text = |text: &str| serde_json::from_value(text.into()).unwrap();
    details.platform = text("darwin");
    details.config.ldlibrary = Some(text("Python.framework/Versions/3.12/Python"));
    details.config.instsoname = None;
    details.config.pythonframework = Some(text("Python"));
    details.config.pythonframeworkprefix = Some(text(folder));
    details
}

#[test]
fn the_library_of_a_framework_is_called_as_the_framework() {
    let version = (3, 12, 4);
    // As python.org and Homebrew install it: where the build says, in the installation.
    for folder in [
        "/Library/Frameworks",
        "/opt/homebrew/opt/python@3.12/Frameworks",
    ] {
        let prefix = format!("{folder}/Python.framework/Versions/3.12");
        let library = Path::new(&prefix).join("Python");
        let places = places(version, &framework(&prefix, folder));
        assert_eq!(places[0], library);
        assert_eq!(
            places[1],
            Path::new(&prefix).join("lib/libpython3.12.dylib")
        );
    }
    let moved = framework(
        "/Users/u/Python.framework/Versions/3.12",
        "/Library/Frameworks",
    );
    let places = places(version, &moved);
    assert_eq!(
        places[0],
        Path::new("/Users/u/Python.framework/Versions/3.12/Python")
    );
    let built = Path::new("/Library/Frameworks/Python.framework/Versions/3.12/Python");
    assert_eq!(places[1], built);
}

#[test]
fn a_build_without_a_framework_has_a_library_of_the_system() {
    let mut conda = details(Path::new("/Users/u/miniforge3"));
    conda.platform = serde_json::from_value("darwin".into()).unwrap();
    conda.config.ldlibrary = serde_json::from_value("libpython3.12.a".into()).unwrap();
    let places = places((3, 12, 4), &conda);
    assert_eq!(
        places[0],
        Path::new("/Users/u/miniforge3/lib/libpython3.12.dylib")
    );
    assert!(
        places
            .iter()
            .all(|path| !path.to_string_lossy().contains(".so"))
    );
}
