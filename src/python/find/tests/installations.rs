//! The folders in which Pythons are installed, made as those who install them make them.

use super::*;

/// Files that are there, below one folder.
fn tree(files: &[&str]) -> Folder {
    let folder = Folder::new();
    for file in files {
        let path = folder.0.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    folder
}

/// What is found below a folder that stands for the system, whose home folder is `home`.
fn installed_in(folder: &Folder) -> Vec<String> {
    let env = Env {
        home: Some(folder.0.join("home").into()),
        root: folder.0.clone(),
        ..Env::default()
    };
    installed::pythons(&env)
        .iter()
        .map(|path| path.strip_prefix(&folder.0).unwrap().display().to_string())
        .collect()
}

#[test]
fn each_installer_has_its_folders() {
    let folder = tree(&[
        "home/.pyenv/versions/3.9.18/bin/python3",
        "home/.pyenv/versions/3.12.1/bin/python3",
        "home/.pyenv/versions/pypy3.10-7.3.12/bin/python3",
        "home/.local/share/uv/python/cpython-3.9.20-linux-x86_64-gnu/bin/python3",
        "home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3",
        "home/.local/share/uv/python/pypy-3.10.14-linux-x86_64-gnu/bin/python3",
        "home/miniforge3/bin/python",
        "opt/conda/bin/python3",
        "opt/homebrew/bin/python3",
        "home/linuxbrew/.linuxbrew/bin/python3.12",
        "Library/Frameworks/Python.framework/Versions/3.11/bin/python3",
        "Library/Frameworks/Python.framework/Versions/3.12/bin/python3",
        "Library/Frameworks/Python.framework/Versions/Current/bin/python3",
        "usr/local/bin/python3.11",
        "usr/local/bin/python3.13",
        "usr/local/bin/python3.13-config",
        "opt/Python-3.8/bin/python3",
        "home/.local/bin/python3.10",
        "home/python-3.14/bin/python3.14",
        "home/other/bin/python3",
    ]);
    assert_eq!(
        installed_in(&folder),
        [
            "home/.pyenv/versions/3.12.1/bin/python3",
            "home/.pyenv/versions/3.9.18/bin/python3",
            "home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3",
            "home/.local/share/uv/python/cpython-3.9.20-linux-x86_64-gnu/bin/python3",
            "home/miniforge3/bin/python",
            "opt/conda/bin/python3",
            "opt/homebrew/bin/python3",
            "home/linuxbrew/.linuxbrew/bin/python3.12",
            "Library/Frameworks/Python.framework/Versions/3.12/bin/python3",
            "Library/Frameworks/Python.framework/Versions/3.11/bin/python3",
            "usr/local/bin/python3.13",
            "opt/Python-3.8/bin/python3",
            "home/.local/bin/python3.10",
            "home/python-3.14/bin/python3.14",
        ]
    );
    assert_eq!(installed_in(&tree(&[])), Vec::<String>::new());
}

#[test]
fn their_variables_move_their_folders() {
    let folder = tree(&[
        "py/versions/3.12.1/bin/python3",
        "uv/cpython-3.12.2-linux-x86_64-gnu/bin/python3",
        "data/uv/python/cpython-3.12.3-linux-x86_64-gnu/bin/python3",
        "mamba/bin/python3",
    ]);
    let at = |name: &str| Some(folder.0.join(name).into_os_string());
    let mut env = Env {
        pyenv_root: at("py"),
        uv_python_install_dir: at("uv"),
        data_home: at("data"),
        mamba_root_prefix: at("mamba"),
        root: folder.0.join("none"),
        ..Env::default()
    };
    let found = installed::pythons(&env);
    let expected = [
        "py/versions/3.12.1",
        "uv/cpython-3.12.2-linux-x86_64-gnu",
        "mamba",
    ];
    let expected = expected.map(|name| folder.0.join(name).join("bin/python3"));
    assert_eq!(found, expected);
    env.uv_python_install_dir = None;
    let found = installed::pythons(&env);
    assert!(found[1].ends_with("cpython-3.12.3-linux-x86_64-gnu/bin/python3"));
}

#[test]
fn a_folder_of_an_installation_has_its_python_in_one_of_these_places() {
    let expected = [
        ("bin/python", "bin/python"),
        ("bin/python3.12", "bin/python3.12"),
        ("libexec/bin/python3", "libexec/bin/python3"),
        (
            "Versions/Current/bin/python3",
            "Versions/Current/bin/python3",
        ),
    ];
    for (file, python) in expected {
        let folder = tree(&[file]);
        assert_eq!(layout::pythons(&folder.0), [folder.0.join(python)]);
    }
    let folder = tree(&[
        "bin/python3.9",
        "bin/python3.12",
        "bin/python3",
        "bin/python3.1x",
    ]);
    let names = ["bin/python3", "bin/python3.12", "bin/python3.9"];
    assert_eq!(
        layout::pythons(&folder.0),
        names.map(|name| folder.0.join(name))
    );
}
