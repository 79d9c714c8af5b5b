//! `emb_require`: packages are made here, so that nothing has to come from anywhere else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use common::{compile, find, host, output_of, root, scratch, skip};

/// Makes wheels of the module `embtoy`, whose versions are 1.0 and 2.0, in the current folder.
const WHEELS: &str = r#"
import zipfile
for version in ("1.0", "2.0"):
    info = "embtoy-%s.dist-info/" % version
    with zipfile.ZipFile("embtoy-%s-py3-none-any.whl" % version, "w") as wheel:
        wheel.writestr("embtoy/__init__.py", "__version__ = %r\n" % version)
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: embtoy\nVersion: %s\n" % version)
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        names = ["embtoy/__init__.py"] + [info + name for name in ("METADATA", "WHEEL", "RECORD")]
        wheel.writestr(info + "RECORD", "".join(name + ",,\n" for name in names))
"#;
const VERSION: &str = "__import__('embtoy').__version__ + ' ' + __import__('embtoy').__file__";

/// One that has no uv, so that pip is what there is.
fn python() -> PathBuf {
    root().join(".venv/bin/python3")
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| compile::<&str>(&root().join("tests/require/program.c"), "plain", &[]))
}

fn wheels() -> &'static Path {
    static WHEELS_FOLDER: OnceLock<PathBuf> = OnceLock::new();
    WHEELS_FOLDER.get_or_init(|| {
        let folder = scratch("require-wheels");
        let mut python = Command::new(python());
        output_of(python.current_dir(&folder).args(["-c", WHEELS]));
        folder
    })
}

/// A test's own cache, and the ways to run the program with it.
struct Cache {
    folder: PathBuf,
    offline: bool,
    installers: PathBuf,
}

impl Cache {
    fn new(name: &str) -> Self {
        let folder = scratch(&format!("require-{name}"));
        fs::remove_dir_all(&folder).unwrap();
        // Only the pip of the Python's own: no uv on PATH.
        let installers = PathBuf::from("/usr/bin:/bin");
        Cache {
            folder,
            offline: false,
            installers,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = host(program(), Some(&python()));
        let wheels = if self.offline {
            Path::new("/nowhere")
        } else {
            wheels()
        };
        command
            .args(arguments)
            .env("EMB_CACHE", &self.folder)
            .env("PATH", &self.installers);
        for installer in ["PIP", "UV"] {
            command.env(format!("{installer}_NO_INDEX"), "1");
            command.env(format!("{installer}_FIND_LINKS"), wheels);
        }
        command
    }

    /// What it printed to its standard output, and to its standard error.
    fn run(&self, arguments: &[&str]) -> (String, String) {
        texts(self.command(arguments).output().unwrap())
    }

    /// The environments in it.
    fn environments(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    }
}

fn texts(output: Output) -> (String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

#[test]
fn what_is_there_already_is_used() {
    let cache = Cache::new("there");
    let (out, err) = cache.run(&["numpy>=1\nmatplotlib", "__import__('sys').prefix"]);
    let venv = python();
    assert_eq!(
        Path::new(out.trim()),
        venv.parent().unwrap().parent().unwrap(),
        "{err}"
    );
    assert!(cache.environments().is_empty());
    assert_eq!(err, "");
}

#[test]
fn made_once_and_found_again_without_a_network() {
    let mut cache = Cache::new("made");
    let (out, err) = cache.run(&["embtoy<2", VERSION]);
    assert!(out.starts_with("1.0 "), "{out}{err}");
    assert!(err.contains("emb: getting embtoy<2 for Python "), "{err}");
    assert_eq!(cache.environments().len(), 1);
    cache.offline = true;
    let (out, err) = cache.run(&["embtoy<2", VERSION]);
    assert!(out.starts_with("1.0 "), "{out}{err}");
    assert_eq!(err, "");
    // Other requirements are another environment.
    let (out, _) = cache.run(&["-q", "embtoy>=2", "'-'"]);
    assert!(out.starts_with("require -9 emb.Unsatisfied: "), "{out}");
    cache.offline = false;
    let (out, err) = cache.run(&["-q", "embtoy>=2", VERSION]);
    assert!(out.starts_with("2.0 "), "{out}");
    assert_eq!(err, "", "quiet");
    assert_eq!(cache.environments().len(), 2);
}

#[test]
fn by_uv() {
    let mut cache = Cache::new("uv");
    let beside = root().join(".venv-test/bin/uv");
    let Some(uv) = Some(beside)
        .filter(|path| path.exists())
        .or_else(|| find("uv"))
    else {
        return skip("by_uv", "there is no uv");
    };
    cache.installers = uv.parent().unwrap().to_path_buf();
    let (out, err) = cache.run(&["embtoy", VERSION]);
    assert!(out.starts_with("2.0 "), "{out}{err}");
    let config = fs::read_to_string(cache.environments()[0].join("pyvenv.cfg")).unwrap();
    assert!(config.contains("uv = "), "{config}");
    let (out, _) = cache.run(&["-q", "embtoy==3", "'-'"]);
    assert!(
        out.contains("embtoy==3") && out.contains("requirements are unsatisfiable"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_had_is_named() {
    let cache = Cache::new("missing");
    let (out, err) = cache.run(&["embtoy==9", "'goes on'"]);
    assert!(
        out.contains("no environment with embtoy==9 could be made"),
        "{out}{err}"
    );
    assert!(
        out.contains("No matching distribution found for embtoy==9"),
        "{out}"
    );
    assert!(out.ends_with("goes on\n"), "{out}");
    assert!(cache.environments().is_empty(), "nothing half-made is left");
}

#[test]
fn two_processes_make_it_once() {
    let cache = Cache::new("two");
    let spawn = |_| {
        let mut command = cache.command(&["embtoy", VERSION]);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<_> = (0..3).map(spawn).collect();
    let ends = children
        .into_iter()
        .map(|child| texts(child.wait_with_output().unwrap()));
    let ends: Vec<_> = ends.collect();
    assert!(
        ends.iter().all(|(out, _)| out.starts_with("2.0 ")),
        "{ends:?}"
    );
    let makers = ends
        .iter()
        .filter(|(_, err)| err.contains("getting embtoy"));
    assert_eq!(makers.count(), 1, "{ends:?}");
}

#[test]
fn what_was_left_half_made_or_broken_is_made_anew() {
    let cache = Cache::new("broken");
    cache.run(&["-q", "embtoy", VERSION]);
    let environment = cache.environments().remove(0);
    let break_and_mend = |what: &str| {
        fs::remove_file(environment.join(what)).unwrap();
        let (out, err) = cache.run(&["embtoy", VERSION]);
        assert!(out.starts_with("2.0 "), "{what}: {out}{err}");
        assert!(err.contains("getting embtoy"), "{what}");
    };
    break_and_mend("emb-ready");
    break_and_mend("bin/python");
}

#[test]
fn the_report_tells_where_the_environment_comes_from() {
    let cache = Cache::new("report");
    let mut command = cache.command(&["-q", "embtoy", VERSION]);
    let (out, err) = texts(command.env("EMB_DEBUG", "1").output().unwrap());
    assert!(out.starts_with("2.0 "), "{out}{err}");
    let environment = cache.environments().remove(0);
    let python = environment.join("bin/python3");
    let taken = format!(
        "libemb: emb_require's environment, {}\nlibemb:     taken\n",
        python.display()
    );
    assert!(err.contains(&taken), "{err}");
    // One that is there, and has gone bad in a way that nobody could know.
    fs::remove_file(&python).unwrap();
    fs::write(&python, "#!/bin/sh\nexit 3\n").unwrap();
    output_of(Command::new("chmod").arg("755").arg(&python));
    let (out, _) = cache.run(&["-q", "embtoy", VERSION]);
    assert!(
        out.contains("refused: it failed with exit status: 3"),
        "{out}"
    );
    let advice =
        "emb_require keeps this environment in its cache: remove the folder, and it is made anew.";
    assert!(out.contains(advice), "{out}");
}

#[test]
fn a_python_that_runs_gets_them_on_its_path() {
    let cache = Cache::new("running");
    let (out, err) = cache.run(&["-i", "embtoy", VERSION]);
    assert!(out.starts_with("2.0 "), "{out}{err}");
    let (out, _) = cache.run(&["-i", "embtoy\nnumpy", "__import__('numpy').__name__"]);
    assert!(out.contains("numpy"), "{out}");
}

#[test]
fn a_version_that_is_imported_already_is_a_conflict() {
    let cache = Cache::new("conflict");
    let old = scratch("require-old");
    fs::create_dir_all(old.join("embtoy")).unwrap();
    fs::write(old.join("embtoy/__init__.py"), "__version__ = '0.5'").unwrap();
    let mut command = cache.command(&["-i", "-q", "embtoy", "__import__('embtoy').__version__"]);
    let (out, _) = texts(
        command
            .env("PYTHONPATH", &old)
            .env("IMPORTS", "embtoy")
            .output()
            .unwrap(),
    );
    assert!(
        out.starts_with("require -6 emb.Conflict: embtoy 0.5 was imported from "),
        "{out}"
    );
    assert!(out.ends_with("\n0.5\n"), "{out}");
}

#[test]
fn nonsense_is_refused() {
    let cache = Cache::new("nonsense");
    for line in ["-r file", "numpy\n--index-url=x", "./here", "=1"] {
        let (out, _) = cache.run(&[line, "'-'"]);
        assert!(
            out.starts_with("require -2 emb.BadArgument: requirements has the line"),
            "{out}"
        );
    }
    let (out, _) = cache.run(&["embtoy >< 3", "'-'"]);
    assert!(
        out.starts_with("require -2 emb.BadArgument: 'embtoy >< 3' is no requirement"),
        "{out}"
    );
    let (out, err) = cache.run(&["\n \n", "'fine'"]);
    assert_eq!(out, "fine\n", "{err}");
}

#[test]
fn a_cache_that_cannot_be_written() {
    let mut cache = Cache::new("unwritable");
    cache.folder = PathBuf::from("/proc/nowhere");
    let (out, _) = cache.run(&["embtoy", "'-'"]);
    assert!(out.starts_with("require -9 emb.Unsatisfied: "), "{out}");
    assert!(
        out.contains("the environment cannot be made: ")
            && out.contains("/proc/nowhere")
            && out.contains("; EMB_CACHE can name a folder for it"),
        "{out}"
    );
}
