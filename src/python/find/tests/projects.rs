//! `pyproject.toml` and `.venv`.

use super::*;

/// A project whose `pyproject.toml` has this text, and a process that works in it.
fn project(text: &str) -> (Folder, Env) {
    let folder = Folder::new();
    fs::write(folder.0.join("pyproject.toml"), text).unwrap();
    let env = Env {
        cwd: folder.0.clone(),
        ..Env::default()
    };
    (folder, env)
}

#[test]
fn a_path_is_relative_to_the_file() {
    let (folder, mut env) = project("[tool.emb]\npython = \"envs/plots\"\n");
    let python = folder.cpython("envs/plots/bin/python3");
    fs::create_dir_all(folder.0.join("src/deep")).unwrap();
    // A nearer file without the table does not hide it, whatever else it has in it.
    fs::write(
        folder.0.join("src/pyproject.toml"),
        "[tool.other]\nemb = 1\n",
    )
    .unwrap();
    for cwd in ["", "src", "src/deep"] {
        env.cwd = folder.0.join(cwd);
        let search = search_in(None, &env);
        assert!(found(&search).executable.starts_with(&folder.0));
        assert_eq!(search.candidates[0].path, python);
    }
}

#[test]
fn errors_name_the_file_and_what_is_wrong_in_it() {
    let expected = [
        ("[tool.emb\npython = 3", "line 1: "),
        (
            "[tool.emb]\n\npython = 3",
            "line 3: invalid type: integer `3`, expected a string",
        ),
        (
            "[tool.emb]\npyton = \"x\"",
            "line 2: unknown field `pyton`, expected `python`",
        ),
        ("[tool.emb]\npython = \"\"", "tool.emb.python is empty"),
        ("[tool]\nemb = \"x\"", "line 2: invalid type: string \"x\""),
        (
            "[tool.emb]\npython = \"gone\"",
            "/gone\n      refused: it does not exist",
        ),
        (
            "[tool.emb]\npython = \".\"",
            "it is a folder without bin/python3 or bin/python; ",
        ),
    ];
    for (text, why) in expected {
        let (folder, env) = project(text);
        let said = message(&search_in(None, &env));
        let file = folder.0.join("pyproject.toml").display().to_string();
        for words in [
            why,
            &file,
            "tool.emb in pyproject.toml, ",
            "Mend the table [tool.emb]",
        ] {
            assert!(said.contains(words), "{words:?} is not in: {said}");
        }
    }
}

#[test]
fn a_table_without_the_key_names_nothing() {
    let (_folder, mut env) = project("[tool.emb]\n");
    let good = cpython();
    env.path = path_of(&[&good.0.join("bin")]);
    let search = search_in(None, &env);
    assert_eq!(found(&search).prefix, good.0);
    let Verdict::Skipped(why) = &search.candidates[0].verdict else {
        panic!("{:?}", search.candidates);
    };
    assert_eq!(why, "its table [tool.emb] has no key `python`");
}

#[test]
fn files_that_do_not_mention_us_are_not_judged() {
    let (_folder, mut env) = project("this is [ no TOML");
    let good = cpython();
    env.path = path_of(&[&good.0.join("bin")]);
    let search = search_in(None, &env);
    assert_eq!(found(&search).prefix, good.0);
    assert_eq!(search.candidates.len(), 1);
}

#[test]
fn what_others_left_where_everybody_may_write_does_not_count() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let (folder, mut env) = project("[tool.emb]\npython = \"env\"\n");
    let good = cpython();
    env.path = path_of(&[&good.0.join("bin")]);
    folder.cpython("env/bin/python3");
    folder.cpython(".venv/bin/python3");
    let mine = search_in(None, &env);
    assert!(found(&mine).prefix != good.0);
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o1777)).unwrap();
    assert!(found(&search_in(None, &env)).prefix != good.0, "it is mine");
    let files = ["pyproject.toml", ".venv"].map(|name| folder.0.join(name));
    if files
        .iter()
        .any(|file| chown(file, Some(65534), None).is_err())
    {
        eprintln!("SKIP what_others_left_where_everybody_may_write_does_not_count: not root");
        return;
    }
    let search = search_in(None, &env);
    assert_eq!(found(&search).prefix, good.0);
    let why = "it belongs to another user (number 65534), and everybody may write into its folder";
    for candidate in &search.candidates[..2] {
        assert_eq!(candidate.verdict, Verdict::Skipped(why.into()));
    }
}

#[test]
fn the_nearest_venv_above_is_the_projects() {
    let (outer, good) = (Folder::new(), cpython());
    fs::create_dir_all(outer.0.join("project/src/.venv")).unwrap();
    fs::write(outer.0.join("project/src/.venv/notes"), "no environment").unwrap();
    let python = outer.cpython("project/.venv/bin/python3");
    outer.cpython(".venv/bin/python3");
    let mut env = Env {
        cwd: outer.0.join("project/src"),
        path: path_of(&[&good.0.join("bin")]),
        ..Env::default()
    };
    let search = search_in(None, &env);
    assert_eq!(search.candidates[0].path, python);
    assert_eq!(search.candidates[0].source, Source::ProjectVenv);
    // One that is broken is an error, as it is where it is active.
    outer.script("project/.venv/bin/python3", "exit 1");
    let text = message(&search_in(None, &env));
    assert!(text.contains("the project's .venv, "), "{text}");
    assert!(
        text.contains("Recreate it, remove it, or name another"),
        "{text}"
    );
    env.cwd = PathBuf::from("/");
    assert_eq!(found(&search_in(None, &env)).prefix, good.0);
}
