//! `make install` into a folder, and outside projects that find libemb there: by pkg-config, by
//! CMake and by a plain command line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use common::{cc, cxx, find, host, library, output_of, python, root, run, scratch, skip};

const LIMIT: Duration = Duration::from_secs(120);
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An empty folder.
fn empty(name: &str) -> PathBuf {
    let folder = scratch(name);
    fs::remove_dir_all(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    folder
}

/// `make TARGET PREFIX=…` with the library under test.
fn make(target: &str, settings: &[(&str, &Path)]) -> Command {
    let mut command = Command::new("make");
    command.current_dir(root()).args(["-s", target]);
    command.arg(format!("LIBRARY={}", library().display()));
    command.arg(concat!("COMMAND=", env!("CARGO_BIN_EXE_emb")));
    for (name, value) in settings {
        command.arg(format!("{name}={}", value.display()));
    }
    for name in ["MAKEFLAGS", "MAKELEVEL", "MFLAGS"] {
        command.env_remove(name);
    }
    command
}

/// Where the library is installed, once for all of them.
fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let prefix = empty("prefix");
        output_of(&mut make("install", &[("PREFIX", &prefix)]));
        prefix
    })
}

fn source(name: &str) -> PathBuf {
    root().join("tests/install").join(name)
}

/// Files and links below a folder, sorted; a link with what it points to.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            if let Ok(to) = fs::read_link(&path) {
                found.push(format!("{name} -> {}", to.display()));
            } else if path.is_dir() {
                folders.push(path);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    found
}

fn says_its_python(program: &Path, library_path: Option<&Path>) {
    let mut command = host(program, python().as_deref());
    command.env_remove("LD_LIBRARY_PATH");
    if let Some(folder) = library_path {
        command.env("LD_LIBRARY_PATH", folder);
    }
    let text = output_of(&mut command);
    let version = text.strip_prefix("Python 3.").expect(&text);
    assert!(version.starts_with(|digit: char| digit.is_ascii_digit()));
}

#[test]
fn what_is_installed() {
    // All headers, the optional ones too.
    let headers = files(&root().join("include")).into_iter();
    let mut expected = vec!["bin/emb".to_owned()];
    expected.extend(headers.map(|header| format!("include/{header}")));
    assert!(expected.len() > 6, "{expected:?}");
    expected.extend([
        "lib/cmake/emb/embConfig.cmake".into(),
        "lib/cmake/emb/embConfigVersion.cmake".into(),
        "lib/libemb.so -> libemb.so.1".into(),
        format!("lib/libemb.so.{VERSION}"),
        format!("lib/libemb.so.1 -> libemb.so.{VERSION}"),
        "lib/pkgconfig/emb.pc".to_owned(),
    ]);
    assert_eq!(files(prefix()), expected);
    let installed = fs::read(prefix().join("lib").join(format!("libemb.so.{VERSION}"))).unwrap();
    assert!(installed == fs::read(library()).unwrap());
    let command = host(&prefix().join("bin/emb"), None)
        .arg("--version")
        .output();
    assert_eq!(
        command.unwrap().stdout,
        format!("libemb {VERSION}\n").as_bytes()
    );
    for file in ["pkgconfig/emb.pc", "cmake/emb/embConfig.cmake"] {
        let text = fs::read_to_string(prefix().join("lib").join(file)).unwrap();
        assert!(!text.contains('@'), "a gap is left in {file}: {text}");
    }
}

#[test]
fn the_links_are_named_after_the_soname() {
    let Some(readelf) = find("readelf") else {
        return skip("the_links_are_named_after_the_soname", "readelf is missing");
    };
    let text = output_of(
        Command::new(readelf)
            .arg("-d")
            .arg(prefix().join("lib/libemb.so")),
    );
    assert!(text.contains("soname: [libemb.so.1]"), "{text}");
}

#[test]
fn uninstalling_leaves_nothing() {
    let destination = empty("uninstalled");
    let settings: [(&str, &Path); 3] = [
        ("DESTDIR", &destination),
        ("PREFIX", Path::new("/usr")),
        ("LIBDIR", Path::new("/usr/lib64")),
    ];
    output_of(&mut make("install", &settings));
    assert_eq!(
        files(&destination).len(),
        7 + files(&root().join("include")).len()
    );
    let text = fs::read_to_string(destination.join("usr/lib64/pkgconfig/emb.pc")).unwrap();
    assert!(
        text.starts_with("prefix=/usr\nlibdir=${prefix}/lib64\n"),
        "{text}"
    );
    let neighbour = destination.join("usr/lib64/pkgconfig/other.pc");
    fs::write(&neighbour, "").unwrap();
    output_of(&mut make("uninstall", &settings));
    assert_eq!(files(&destination), ["usr/lib64/pkgconfig/other.pc"]);
    assert!(!destination.join("usr/lib64/cmake/emb").exists());
}

#[test]
fn a_prefix_must_be_absolute() {
    let ended = run(
        &mut make("install", &[("PREFIX", Path::new("here"))]),
        LIMIT,
    );
    assert!(!ended.succeeded(), "{}", ended.describe());
    assert!(
        ended.output.contains("'here' must begin with /"),
        "{}",
        ended.output
    );
}

/// Compiles a program with nothing but the compiler, and runs it.
fn by_hand(mut compile: Command, file: &str) {
    let program = scratch("installed").join(file.replace('.', "_"));
    let lib = prefix().join("lib");
    compile.arg(source(file)).arg("-o").arg(&program);
    compile.arg("-I").arg(prefix().join("include"));
    compile.arg("-L").arg(&lib).arg("-lemb");
    compile.arg(format!("-Wl,-rpath,{}", lib.display()));
    output_of(&mut compile);
    says_its_python(&program, None);
}

#[test]
fn by_a_plain_command_line() {
    by_hand(cc(), "version.c");
}

#[test]
fn with_the_optional_headers() {
    by_hand(cc(), "generic.c");
    by_hand(cxx(), "version.cpp");
}

#[test]
fn by_pkg_config() {
    let Some(pkg_config) = find("pkg-config") else {
        return skip("by_pkg_config", "pkg-config is missing");
    };
    let lib = prefix().join("lib");
    let ask = |what: &[&str]| {
        output_of(
            Command::new(&pkg_config)
                .args(what)
                .arg("emb")
                .env("PKG_CONFIG_PATH", lib.join("pkgconfig"))
                .env_remove("PKG_CONFIG_LIBDIR")
                .env_remove("PKG_CONFIG_SYSROOT_DIR"),
        )
    };
    assert_eq!(ask(&["--modversion"]).trim(), VERSION);
    let flags = ask(&["--cflags", "--libs"]);
    let program = scratch("installed").join("pkg-config");
    let mut compile = cc();
    compile.arg(source("version.c")).arg("-o").arg(&program);
    output_of(compile.args(flags.split_whitespace()));
    says_its_python(&program, Some(&lib));
}

/// Configures the outside project, for the libemb in `prefix`, in a folder of its own.
fn configure(cmake: &Path, name: &str, prefix: &Path, wanted: &str) -> (PathBuf, common::Ended) {
    let folder = empty(name);
    let mut command = Command::new(cmake);
    command.arg("-S").arg(source("")).arg("-B").arg(&folder);
    command.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    command.arg(format!("-DWANTED={wanted}"));
    let ended = run(&mut command, LIMIT);
    (folder, ended)
}

#[test]
fn by_cmake() {
    let Some(cmake) = find("cmake") else {
        return skip("by_cmake", "cmake is missing");
    };
    // Packages may be moved to another place after they were made.
    let moved = empty("moved");
    output_of(
        Command::new("cp")
            .arg("-a")
            .arg(prefix().join("."))
            .arg(&moved),
    );
    for (name, prefix) in [("cmake", prefix()), ("cmake-moved", &moved)] {
        let (folder, ended) = configure(&cmake, name, prefix, "0.1");
        assert!(ended.succeeded(), "{}", ended.describe());
        output_of(Command::new(&cmake).arg("--build").arg(&folder));
        says_its_python(&folder.join("version"), None);
    }
}

#[test]
fn cmake_refuses_other_versions() {
    let Some(cmake) = find("cmake") else {
        return skip("cmake_refuses_other_versions", "cmake is missing");
    };
    for wanted in ["0.0.9", "0.2", "1.0"] {
        let (_, ended) = configure(&cmake, "cmake-refused", prefix(), wanted);
        assert!(!ended.succeeded(), "{wanted}: {}", ended.describe());
        let text = ended.output.split_whitespace().collect::<Vec<_>>();
        let said = format!("compatible with requested version \"{wanted}\"");
        assert!(text.join(" ").contains(&said), "{}", ended.output);
    }
}
