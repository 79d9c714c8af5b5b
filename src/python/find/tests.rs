#![allow(clippy::unwrap_used, clippy::panic)]

mod installations;
mod projects;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;

use super::super::probe::tests::{Folder, answering};
use super::*;

fn found(search: &Search) -> &Interpreter {
    match &search.result {
        Ok(interpreter) => interpreter,
        Err(error) => panic!("{error}"),
    }
}

fn message(search: &Search) -> String {
    match &search.result {
        Ok(interpreter) => panic!("{interpreter}"),
        Err(error) => error.to_string(),
    }
}

fn path_of(folders: &[&Path]) -> Option<OsString> {
    Some(env::join_paths(folders).unwrap())
}

/// As `emb_init` asks for it.
fn by_host(path: &Path) -> Named<'_> {
    let by = Source::Configuration;
    Named { path, by }
}

fn name(folder: &Folder) -> Option<OsString> {
    Some(folder.0.clone().into_os_string())
}

/// A folder whose bin/python3 says that it is PyPy.
fn pypy() -> Folder {
    let folder = Folder::new();
    folder.script("bin/python3", &answering("pypy", "[7, 3, 11]", &folder.0));
    folder
}

fn cpython() -> Folder {
    let folder = Folder::new();
    folder.cpython("bin/python3");
    folder
}

#[test]
fn each_source_wins_over_the_later_ones() {
    let pythons: Vec<Folder> = (0..8).map(|_| cpython()).collect();
    let project = Folder::new();
    let named = format!("[tool.emb]\npython = {:?}\n", pythons[2].0);
    let file = project.0.join("pyproject.toml");
    fs::write(&file, named).unwrap();
    symlink(&pythons[5].0, project.0.join(".venv")).unwrap();
    let mut env = Env {
        emb_python: name(&pythons[1]),
        virtual_env: name(&pythons[3]),
        conda_prefix: name(&pythons[4]),
        conda_default_env: Some("plots".into()),
        path: path_of(&[&pythons[6].0.join("bin")]),
        pyenv_root: Some(project.0.join("pyenv").into()),
        cwd: project.0.join("src"),
        ..Env::default()
    };
    let installed = project.0.join("pyenv/versions/3.11.4");
    fs::create_dir_all(installed.parent().unwrap()).unwrap();
    symlink(&pythons[7].0, &installed).unwrap();
    let check = |explicit: Option<&Path>, index: usize, source, env: &Env| {
        let search = search_in(explicit.map(by_host), env);
        assert_eq!(found(&search).prefix, pythons[index].0);
        assert_eq!(search.candidates.len(), 1);
        assert_eq!(search.candidates[0].source, source);
        assert_eq!(search.candidates[0].verdict, Verdict::Taken);
        let folder = match source {
            Source::ProjectVenv => project.0.join(".venv"),
            Source::Installed => installed.clone(),
            _ => pythons[index].0.clone(),
        };
        assert_eq!(search.candidates[0].path, folder.join("bin/python3"));
    };
    check(Some(pythons[0].0.as_path()), 0, Source::Configuration, &env);
    check(None, 1, Source::EnvEmbPython, &env);
    env.emb_python = Some("".into());
    check(Some(Path::new("")), 2, Source::Project, &env);
    fs::remove_file(file).unwrap();
    check(None, 3, Source::EnvVirtualEnv, &env);
    env.virtual_env = None;
    check(None, 4, Source::EnvCondaPrefix, &env);
    // Conda's base is active in every shell of its users; the project's own comes first.
    env.conda_default_env = Some("base".into());
    check(None, 5, Source::ProjectVenv, &env);
    fs::remove_file(project.0.join(".venv")).unwrap();
    check(None, 4, Source::EnvCondaPrefix, &env);
    env.conda_prefix = None;
    check(None, 6, Source::Path, &env);
    env.path = None;
    check(None, 7, Source::Installed, &env);
}

#[test]
fn a_pypy_is_an_error_where_it_is_named_and_skipped_elsewhere() {
    let (pypy, cpython) = (pypy(), cpython());
    let mut env = Env {
        virtual_env: name(&pypy),
        path: path_of(&[&pypy.0.join("bin"), &cpython.0.join("bin")]),
        ..Env::default()
    };
    let search = search_in(None, &env);
    assert_eq!(found(&search).prefix, cpython.0);
    let skipped = Verdict::Skipped("it is PyPy 7.3.11 (Python 7.3), not CPython".into());
    let verdicts: Vec<&Verdict> = search
        .candidates
        .iter()
        .map(|candidate| &candidate.verdict)
        .collect();
    assert_eq!(verdicts, [&skipped, &skipped, &Verdict::Taken]);
    env.emb_python = name(&pypy);
    let search = search_in(None, &env);
    assert_eq!(search.candidates.len(), 1);
    assert!(message(&search).contains("refused: it is PyPy 7.3.11"));
}

#[test]
fn a_broken_environment_ends_the_search() {
    let (broken, good) = (Folder::new(), cpython());
    broken.script("bin/python", "echo ruined >&2; exit 1");
    let mut env = Env {
        virtual_env: name(&broken),
        path: path_of(&[&good.0.join("bin")]),
        ..Env::default()
    };
    let text = message(&search_in(None, &env));
    assert!(
        text.contains("VIRTUAL_ENV, ") && text.contains("ruined"),
        "{text}"
    );
    assert!(
        text.ends_with("unset VIRTUAL_ENV, or name another in EMB_PYTHON."),
        "{text}"
    );
    env.conda_prefix = env.virtual_env.take();
    assert!(message(&search_in(None, &env)).contains("unset CONDA_PREFIX"));
}

#[test]
fn a_conda_environment_without_python_is_passed_over() {
    let (empty, good) = (Folder::new(), cpython());
    let env = Env {
        conda_prefix: name(&empty),
        path: path_of(&[&good.0.join("bin")]),
        ..Env::default()
    };
    let search = search_in(None, &env);
    assert_eq!(found(&search).prefix, good.0);
    assert!(matches!(search.candidates[0].verdict, Verdict::Skipped(_)));
}

#[test]
fn path_is_walked_in_order_and_each_folder_once() {
    let (good, broken) = (cpython(), Folder::new());
    broken.script("bin/python3", "exit 1");
    symlink(broken.0.join("bin"), broken.0.join("alias")).unwrap();
    fs::create_dir_all(broken.0.join("folder/python3")).unwrap();
    fs::create_dir_all(broken.0.join("link")).unwrap();
    symlink(good.0.join("bin/python3"), broken.0.join("link/python3")).unwrap();
    let folders = ["absent", "folder", "alias", "bin", "link"].map(|name| broken.0.join(name));
    let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
    let env = Env {
        path: path_of(&folders),
        ..Env::default()
    };
    let search = search_in(None, &env);
    let paths: Vec<&Path> = search
        .candidates
        .iter()
        .map(|candidate| candidate.path.as_path())
        .collect();
    assert_eq!(
        paths,
        [
            broken.0.join("alias/python3"),
            broken.0.join("link/python3")
        ]
    );
    assert!(search.result.is_ok() && search.candidates[1].is_taken());
}

#[test]
fn what_is_installed_elsewhere_does_not_replace_a_refused_python_on_path() {
    let (broken, good) = (Folder::new(), Folder::new());
    broken.script("bin/python3", "exit 1");
    good.cpython("bin/python3.11");
    let mut env = Env {
        path: path_of(&[&broken.0.join("bin"), &good.0.join("bin")]),
        ..Env::default()
    };
    let other = good.0.join("bin/python3.11");
    let text = message(&search_in(None, &env));
    let hint = format!(" Installed as well, and not tried: {}.", other.display());
    assert!(text.ends_with(&hint), "{text}");
    // One that is only too old, or another implementation, is not in the way.
    let old = Folder::new();
    let answer = answering("cpython", "[3, 6, 1]", &old.0);
    old.script("bin/python3", &answer);
    env.path = path_of(&[&old.0.join("bin"), &good.0.join("bin")]);
    let search = search_in(None, &env);
    assert_eq!(found(&search).prefix, good.0);
    let why = "Python 3.6.1 is too old: libemb needs CPython 3.8 or newer";
    assert_eq!(search.candidates[0].verdict, Verdict::Skipped(why.into()));
    assert_eq!(search.candidates[1].path, other);
}

#[test]
fn nothing_at_all_says_what_to_do() {
    let pypy = pypy();
    let env = Env {
        virtual_env: name(&pypy),
        ..Env::default()
    };
    let text = message(&search_in(None, &env));
    assert!(
        text.contains("There is no python3 on PATH.\nInstall CPython 3.8 or newer"),
        "{text}"
    );
}

#[test]
fn what_is_missing_is_said() {
    let folder = Folder::new();
    fs::create_dir_all(folder.0.join("empty")).unwrap();
    fs::create_dir_all(folder.0.join("venv/bin")).unwrap();
    fs::write(folder.0.join("venv/pyvenv.cfg"), "home = /gone/bin\n").unwrap();
    fs::write(folder.0.join("plain"), "text").unwrap();
    symlink("/gone/bin/python3", folder.0.join("venv/bin/python")).unwrap();
    symlink("python", folder.0.join("venv/bin/python3")).unwrap();
    symlink("nowhere", folder.0.join("link")).unwrap();
    let copied = folder.script("copied/bin/python3", "exit 1");
    fs::write(
        folder.0.join("copied/pyvenv.cfg"),
        "version = 3\nHOME=/gone/bin",
    )
    .unwrap();
    folder.script("tool", "exit 1");
    let env = Env {
        cwd: folder.0.join("empty"),
        path: path_of(&[&folder.0]),
        ..Env::default()
    };
    let refused = |path: &str| message(&search_in(Some(by_host(Path::new(path))), &env));
    let expected = [
        ("nothing", "refused: it does not exist\n"),
        ("~/venv", "a \"~\" is not expanded here"),
        ("tool", "; a path is wanted, not a command: "),
        (".", "it is a folder without bin/python3 or bin/python"),
        ("../plain", "it is not an executable file"),
        ("../plain/x", "it cannot be looked at: "),
        ("../link", "/nowhere, which does not exist"),
        (
            "../venv",
            "leads to /gone/bin/python3, which is gone: recreate the venv",
        ),
        (
            "../copied",
            "made from the python in /gone/bin, which is gone: recreate the venv",
        ),
        (copied.to_str().unwrap(), "which is gone: recreate the venv"),
    ];
    for (path, why) in expected {
        let text = refused(path);
        assert!(text.contains(why), "{path}: {text}");
        assert!(text.contains("emb_init's configuration, /"), "{text}");
    }
}

#[test]
fn a_venv_that_is_out_of_effect_is_refused() {
    let python = cpython();
    let home = python.0.join("bin");
    let configuration = format!("home = {}\n", home.display());
    fs::write(python.0.join("pyvenv.cfg"), configuration).unwrap();
    let text = message(&search_in(Some(by_host(&python.0)), &Env::default()));
    assert!(text.contains("its venv is not in effect"), "{text}");
}

#[test]
fn the_trace_is_json_too() {
    let good = cpython();
    let search = search_in(Some(by_host(&good.0.join("bin/python3"))), &Env::default());
    let json = serde_json::to_string(&search.candidates).unwrap();
    assert!(
        json.contains(r#""source":"emb_init's configuration""#),
        "{json}"
    );
    assert!(json.contains(r#""verdict":"taken""#), "{json}");
}
