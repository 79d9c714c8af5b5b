//! libemb in real hosts: stock PyPy with every Python there is, and a program in C.
//!
//! The work is in `tests/hosts/*.py`; here is which host runs what, with which settings, and
//! how it must end. What a test needs and the machine lacks is reported as a line that begins
//! with SKIP, and `make test` counts those.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use common::{Ended, find, library, root, scratch, skip};

const LIMIT: Duration = Duration::from_secs(300);

/// A command that is not led astray by the environment.
fn command(program: &Path, python: &Path) -> Command {
    let mut command = common::host(program, Some(python));
    for name in [
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "MPLBACKEND",
        "LD_PRELOAD",
        "EMB_BACKEND",
    ] {
        command.env_remove(name);
    }
    command.env("EMB_LIBRARY", library());
    command.current_dir(scratch("hosts"));
    command
}

fn script(host: &Path, python: &Path, name: &str) -> Command {
    let mut command = command(host, python);
    command.arg(root().join("tests/hosts").join(name));
    command
}

/// Runs a command that must end with 0, and gives what it printed.
fn succeeds(command: &mut Command) -> String {
    let ended = common::run(command, LIMIT);
    assert!(ended.succeeded(), "{command:?}: {}", ended.describe());
    println!("{}", ended.output);
    ended.output
}

/// Runs a command that must fail by itself.
fn fails(command: &mut Command) -> Ended {
    let ended = common::run(command, LIMIT);
    let failed = ended.status.is_some_and(|status| !status.success());
    assert!(failed, "{command:?}: {}", ended.describe());
    ended
}

/// Names files; ends the test with a SKIP line where one does not exist.
macro_rules! need {
    ($test:expr, $($name:ident = $file:expr),+ $(,)?) => {
        $(let $name: PathBuf = $file;
        if !$name.exists() {
            let hint = if $name.starts_with(root()) { "; make setup-test makes it" } else { "" };
            return skip($test, &format!("{} is missing{hint}", $name.display()));
        })+
    };
}

/// A program on PATH; its bare name where it is not there.
fn tool(name: &str) -> PathBuf {
    find(name).unwrap_or_else(|| name.into())
}

fn pypy() -> PathBuf {
    tool("pypy3")
}

fn test_python() -> PathBuf {
    root().join(".venv-test/bin/python3")
}

/// The newest CPython 3.`minor` that pyenv has installed with a shared library.
fn pyenv(minor: u8) -> PathBuf {
    let home = env::var_os("HOME").unwrap_or_default();
    let versions = env::var_os("PYENV_ROOT")
        .map_or_else(|| Path::new(&home).join(".pyenv"), PathBuf::from)
        .join("versions");
    let prefix = format!("3.{minor}.");
    let micro = |folder: &PathBuf| -> Option<u32> {
        let name = folder.file_name()?.to_str()?;
        name.strip_prefix(&prefix)?.parse().ok()
    };
    let library = format!("lib/libpython3.{minor}.so");
    let newest = fs::read_dir(&versions)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| micro(folder).is_some() && folder.join(&library).exists())
        .max_by_key(micro);
    newest
        .unwrap_or_else(|| versions.join(prefix + "x"))
        .join("bin/python3")
}

/// Those that start many processes or a display take turns.
static ALONE: Mutex<()> = Mutex::new(());

mod standard_library {
    use super::*;

    fn loads(test: &str, python: PathBuf) {
        need!(test, host = pypy(), python = python);
        succeeds(&mut script(&host, &python, "stdlib.py"));
    }

    #[test]
    fn of_debian() {
        loads("standard_library::of_debian", "/usr/bin/python3".into());
    }

    macro_rules! of_pyenv {
        ($($name:ident $minor:literal),+) => {$(
            #[test]
            fn $name() {
                loads(concat!("standard_library::", stringify!($name)), pyenv($minor));
            }
        )+};
    }
    of_pyenv!(of_3_8 8, of_3_9 9, of_3_10 10, of_3_11 11, of_3_12 12, of_3_13 13);

    #[test]
    fn after_mending() {
        need!(
            "standard_library::after_mending",
            host = pypy(),
            python = test_python()
        );
        let mut command = script(&host, &python, "stdlib.py");
        succeeds(command.arg("mend").env("EMB_CLASH", "mend"));
    }

    /// Without a cure the process dies: the tests above are not passed by doing nothing.
    #[test]
    fn not_without_a_cure() {
        need!(
            "standard_library::not_without_a_cure",
            host = pypy(),
            python = test_python()
        );
        let mut command = script(&host, &python, "stdlib.py");
        let ended = fails(command.arg("global").env("EMB_CLASH", "global"));
        let killed = ended.status.and_then(|status| status.signal()).is_some();
        let fatal = ended.output.contains("Fatal RPython error");
        assert!(killed || fatal, "{}", ended.describe());
    }
}

#[test]
fn an_unknown_method_is_an_error() {
    need!(
        "an_unknown_method_is_an_error",
        host = pypy(),
        python = test_python()
    );
    let mut command = script(&host, &python, "stdlib.py");
    let text = fails(command.env("EMB_CLASH", "bogus")).output;
    for word in ["EMB_CLASH", "bogus", "stub", "mend", "global"] {
        assert!(text.contains(word), "{word} is not in: {text}");
    }
}

#[test]
fn packages() {
    need!("packages", host = pypy(), python = test_python());
    succeeds(&mut script(&host, &python, "packages.py"));
}

#[test]
fn packages_after_mending() {
    need!(
        "packages_after_mending",
        host = pypy(),
        python = test_python()
    );
    let mut command = script(&host, &python, "packages.py");
    succeeds(
        command
            .args(["numpy", "matplotlib"])
            .env("EMB_CLASH", "mend"),
    );
}

#[test]
fn cpyext_of_the_host() {
    need!(
        "cpyext_of_the_host",
        host = root().join(".venv-pypy/bin/pypy3"),
        python = test_python()
    );
    succeeds(&mut script(&host, &python, "cpyext.py"));
    let mut mended = script(&host, &python, "cpyext.py");
    succeeds(mended.env("EMB_CLASH", "mend"));
}

#[test]
fn identity() {
    need!("identity", host = pypy(), python = test_python());
    succeeds(script(&host, &python, "identity.py").arg("venv"));
    succeeds(&mut script(
        &host,
        Path::new("/usr/bin/python3"),
        "identity.py",
    ));
}

#[test]
fn identity_of_pyenv() {
    need!("identity_of_pyenv", host = pypy());
    for python in (8..=13).map(pyenv) {
        if python.exists() {
            succeeds(&mut script(&host, &python, "identity.py"));
        } else {
            skip(
                "identity_of_pyenv",
                &format!("{} is missing", python.display()),
            );
        }
    }
}

#[test]
fn what_is_loaded_twice_is_told() {
    need!(
        "what_is_loaded_twice_is_told",
        host = pypy(),
        python = test_python()
    );
    succeeds(&mut script(&host, &python, "twice.py"));
}

#[test]
fn libraries_of_the_host_are_untouched() {
    need!(
        "libraries_of_the_host_are_untouched",
        host = pypy(),
        python = test_python()
    );
    for method in ["stub", "mend"] {
        let mut command = script(&host, &python, "untouched.py");
        succeeds(command.env("EMB_CLASH", method).env("LD_BIND_NOW", "1"));
    }
    let mut tampering = script(&host, &python, "untouched.py");
    let text = fails(tampering.arg("tamper").env("LD_BIND_NOW", "1")).output;
    assert!(text.contains("'.got'"), "{text}");
}

#[test]
fn twenty_processes_end_well() {
    need!(
        "twenty_processes_end_well",
        host = pypy(),
        python = test_python()
    );
    for _ in 0..20 {
        let text = succeeds(&mut script(&host, &python, "exits.py"));
        assert!(
            text.contains("atexit ran"),
            "Python's exit functions: {text}"
        );
    }
    let text = succeeds(script(&host, &python, "exits.py").arg("shutdown"));
    assert!(text.contains("atexit ran"), "{text}");
}

#[path = "hosts/beside.rs"]
mod beside;
#[path = "hosts/children.rs"]
mod children;

mod demo {
    use super::*;

    fn python() -> PathBuf {
        root().join(".venv/bin/python3")
    }

    /// `program` with the demo's surroundings, in an empty folder of the test's own.
    fn showing(program: &Path, name: &str) -> (Command, PathBuf) {
        let folder = scratch(name);
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        let mut command = command(program, &python());
        command.env("PYTHONPATH", root().join("bindings/pypy"));
        command.current_dir(&folder);
        (command, folder)
    }

    /// The program `plot`, linked with libemb and nothing of Python.
    fn plot() -> PathBuf {
        common::compile(&root().join("demo/plot.c"), "demo", &["-ffp-contract=off"])
    }

    #[test]
    fn from_pypy_and_from_c_draw_the_same() {
        need!(
            "demo::from_pypy_and_from_c_draw_the_same",
            host = pypy(),
            _python = python(),
        );
        let (mut from_pypy, folder) = showing(&host, "demo-pictures");
        let text = succeeds(from_pypy.arg(root().join("demo/demo.py")));
        for words in [
            "PyPy wrote 1234.5, CPython reads 1234.5",
            "CPython wrote 5432.1, PyPy reads 5432.1",
            "names are in both; solved by method 'stub'",
            "window    none",
        ] {
            assert!(text.contains(words), "{words:?} is not in: {text}");
        }
        succeeds(command(&plot(), &python()).current_dir(&folder));
        let picture = |name| fs::read(folder.join(name)).unwrap();
        let (pypy, c) = (picture("plot.png"), picture("plot-c.png"));
        assert!(pypy.starts_with(b"\x89PNG") && pypy.len() > 50_000);
        assert!(pypy == c, "plot.png and plot-c.png differ");
    }

    #[test]
    fn from_c_says_what_went_wrong() {
        let nowhere = Path::new("/nowhere/python3");
        let text = fails(&mut command(&plot(), nowhere)).output;
        assert!(text.contains("/nowhere/python3"), "{text}");
    }

    #[test]
    fn window() {
        need!(
            "demo::window",
            xvfb = tool("xvfb-run"),
            _xdotool = tool("xdotool"),
            host = pypy(),
            _python = python(),
            watcher = test_python(),
        );
        let _alone = ALONE.lock();
        let (mut command, _folder) = showing(&xvfb, "demo-window");
        // With the last of its clients a display begins anew, and refuses others meanwhile.
        command
            .args(["-a", "-s", "-screen 0 1280x1024x24 -noreset"])
            .arg(watcher)
            .arg(root().join("tests/hosts/window.py"))
            .arg(host)
            .arg(root().join("demo/demo.py"));
        let text = succeeds(&mut command);
        assert!(text.contains("window    closed"), "{text}");
    }
}
