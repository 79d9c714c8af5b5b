//! The programs with pythons that are in folders of `build/`, put there by `scripts/debian.sh`: newer
//! ones and a free-threaded one (`make test-newer`), and one for AArch64 (`make test-aarch64`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::common::{compile_by, host, output_of, root, run};
use super::versions::{heeds_environment, run_what_depends};
use super::{LIMIT, source};

fn folder(name: &str) -> PathBuf {
    let folder = root().join("build").join(name);
    assert!(folder.exists(), "{} is not set up", folder.display());
    folder
}

/// A command that runs in a folder with a Debian.
fn inside(folder: &Path, program: &Path, python: Option<&Path>) -> Command {
    let mut command = host(&root().join("scripts/inside.sh"), python);
    command.arg(folder).arg(program);
    command
}

mod newer {
    use super::*;

    /// All pythons that Debian's unstable release has after 3.13.
    #[test]
    #[ignore = "make test-newer sets it up and runs it"]
    fn newest_pythons() {
        let debian = folder("debian-newer");
        let pythons: Vec<_> = (14..30)
            .map(|minor| PathBuf::from(format!("/usr/bin/python3.{minor}")))
            .filter(|python| debian.join(python.strip_prefix("/").unwrap()).exists())
            .collect();
        assert!(!pythons.is_empty());
        for python in pythons {
            let name = python.file_name().unwrap().to_str().unwrap();
            eprintln!("{name}");
            run_what_depends(name, LIMIT, |program| {
                inside(&debian, &crate::program(program), Some(&python))
            });
            heeds_environment(name, |program| {
                let mut command = match program {
                    Some(program) => inside(&debian, program, Some(&python)),
                    None => inside(&debian, &python, None),
                };
                command.env_remove("MPLBACKEND");
                command
            });
        }
    }

    /// All that were built: 3.13 and later have such a build.
    #[test]
    #[ignore = "make test-newer sets it up and runs it"]
    fn free_threaded_pythons() {
        let pythons: Vec<_> = (13..30)
            .map(|minor| format!("python3.{minor}t"))
            .map(|name| root().join("build").join(&name).join("bin").join(name))
            .filter(|python| python.exists())
            .collect();
        assert!(!pythons.is_empty());
        for python in pythons {
            let name = python.file_name().unwrap().to_str().unwrap();
            eprintln!("{name}");
            run_what_depends(name, LIMIT, |program| {
                host(&crate::program(program), Some(&python))
            });
            // What threads do to each other shows now and then.
            let path = crate::program("api_parallel");
            for _ in 0..20 {
                let ended = run(&mut host(&path, Some(&python)), LIMIT);
                assert!(ended.succeeded(), "{name}: {}", ended.describe());
            }
        }
    }
}

mod aarch64 {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(600);

    /// The folder with the library under its two names.
    fn library() -> &'static Path {
        static FOLDER: OnceLock<PathBuf> = OnceLock::new();
        FOLDER.get_or_init(|| {
            let release = folder("target-arm64").join("aarch64-unknown-linux-gnu/release");
            let soname = release.join("libemb.so.1");
            if !soname.exists() {
                std::os::unix::fs::symlink("libemb.so", soname).unwrap();
            }
            release
        })
    }

    #[test]
    #[ignore = "make test-aarch64 sets it up and runs it"]
    fn programs() {
        let (debian, library) = (folder("debian-arm64"), library());
        run_what_depends("AArch64", LIMIT, |program| {
            let compiler = Command::new("aarch64-linux-gnu-gcc");
            let path = compile_by::<&str>(compiler, &source(program), "aarch64", &[], library);
            let mut command = inside(&debian, &path, Some(Path::new("/usr/bin/python3")));
            command.env("EMB_TEST_ROUNDS", "2000");
            command.env("EMB_TEST_EMULATED", "1");
            command
        });
    }

    /// PyPy exports names of Python: the modules of the standard library and numpy get the right ones.
    #[test]
    #[ignore = "make test-aarch64 sets it up and runs it"]
    fn clash_with_pypy() {
        let debian = folder("debian-arm64");
        let script = root().join("tests/hosts/aarch64.py");
        let mut command = inside(&debian, Path::new("/usr/bin/pypy3"), None);
        command
            .arg(script)
            .env("EMB_PYTHON", "/usr/bin/python3")
            .env("EMB_LIBRARY", library().join("libemb.so"))
            .env("PYTHONPATH", root().join("bindings/pypy"));
        assert!(output_of(&mut command).ends_with("all is well\n"));
    }
}
