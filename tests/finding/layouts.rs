//! Environments and installations as their own tools make them, or, where these cannot be had
//! here, as they lay them out.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{output_of, root};
use crate::made::{Linked, empty, library_of, pyenv, pyenv_root, script, static_program};
use crate::{assert_says, fails, host, need, packages, succeeds, text};

/// The host says which Python it runs, and which library that is.
const SAY: [&str; 3] = [
    "eval:'at ' + __import__('sys').executable",
    "eval:'in ' + __import__('sys').prefix",
    "doctor",
];

fn assert_runs(command: &mut Command, python: &Path, prefix: &Path, library: &Path) {
    let output = succeeds(command.args(SAY));
    let (python, prefix, library) = (text(python), text(prefix), text(library));
    assert_says(
        &output,
        &[
            &format!("\nat {python}\n"),
            &format!("\nin {prefix}\n"),
            &format!("  library      {library}\n"),
        ],
    );
}

/// A program that makes environments.
fn maker(name: &str) -> Result<PathBuf, String> {
    let program = root().join(".venv-test/bin").join(name);
    match program.exists() {
        true => Ok(program),
        false => Err(format!(
            "{} is missing; make setup-test makes it",
            program.display()
        )),
    }
}

/// An environment that was made is found by its folder, by its python, and where it is active.
fn environment(test: &str, make: impl FnOnce(&Path, &Path) -> Command) {
    let base = need!(test, pyenv(12));
    let venv = empty(test);
    output_of(&mut make(&base.join("bin/python3"), &venv));
    let (python, library) = (venv.join("bin/python3"), library_of(&base, 12));
    assert_runs(host().arg(&venv), &python, &venv, &library);
    assert_runs(host().arg(&python), &python, &venv, &library);
    let mut active = host();
    assert_runs(
        active.env("VIRTUAL_ENV", &venv).arg(""),
        &python,
        &venv,
        &library,
    );
}

#[test]
fn a_venv() {
    environment("a_venv", |python, venv| {
        let mut command = Command::new(python);
        command
            .args(["-I", "-m", "venv", "--without-pip"])
            .arg(venv);
        command
    });
}

#[test]
fn a_virtualenv() {
    let test = "a_virtualenv";
    let virtualenv = need!(test, maker("virtualenv"));
    for copies in [false, true] {
        environment(test, |python, venv| {
            let mut command = Command::new(&virtualenv);
            command.args(["--quiet", "--no-seed", "--no-periodic-update", "--python"]);
            command.arg(python).arg(venv);
            command.args(copies.then_some("--copies"));
            command
        });
    }
}

/// `uv venv`, which is offline where the python is there.
fn uv_venv(uv: &Path, python: &Path, venv: &Path) -> Command {
    let mut command = Command::new(uv);
    command.args([
        "venv",
        "--quiet",
        "--offline",
        "--no-config",
        "--no-project",
        "--clear",
    ]);
    command.arg("--python").arg(python).arg(venv);
    command.env("UV_CACHE_DIR", empty("uv-cache"));
    command
}

#[test]
fn a_venv_of_uv() {
    let test = "a_venv_of_uv";
    let uv = need!(test, maker("uv"));
    environment(test, |python, venv| uv_venv(&uv, python, venv));
}

/// An installation that was moved to where it is: the python is static, the library beside it,
/// and what the build has noted leads nowhere. conda, uv and python-build-standalone do it so.
fn relocated(prefix: &Path) -> Result<(), String> {
    let original = pyenv(12)?;
    fs::create_dir_all(prefix.join("bin")).unwrap();
    let program = static_program(12, Linked::Pie)?;
    fs::hard_link(program, prefix.join("bin/python3.12")).unwrap();
    symlink("python3.12", prefix.join("bin/python3")).unwrap();
    fs::create_dir_all(prefix.join("lib/python3.12")).unwrap();
    symlink(library_of(&original, 12), library_of(prefix, 12)).unwrap();
    for entry in fs::read_dir(original.join("lib/python3.12")).unwrap() {
        let from = entry.unwrap().path();
        let name = from.file_name().unwrap().to_str().unwrap();
        let to = prefix.join("lib/python3.12").join(name);
        if name.starts_with("_sysconfigdata") {
            let facts = fs::read_to_string(&from).unwrap();
            fs::write(to, facts.replace(text(&original), "/install")).unwrap();
        } else if name != "__pycache__" {
            symlink(from, to).unwrap();
        }
    }
    Ok(())
}

#[test]
fn a_python_that_uv_manages() {
    let test = "a_python_that_uv_manages";
    let data = empty(test);
    let prefix = data.join("uv/python/cpython-3.12.1-linux-x86_64-gnu");
    need!(test, relocated(&prefix));
    let (python, library) = (prefix.join("bin/python3"), library_of(&prefix, 12));
    assert_runs(host().arg(&prefix), &python, &prefix, &library);
    let nowhere = empty("no-path");
    let mut found = host();
    found
        .env("PATH", &nowhere)
        .env("XDG_DATA_HOME", &data)
        .arg("");
    assert_runs(&mut found, &python, &prefix, &library);
    let uv = need!(test, maker("uv"));
    let venv = empty("a_venv_of_a_python_that_uv_manages");
    output_of(&mut uv_venv(&uv, &python, &venv));
    assert_runs(
        host().arg(&venv),
        &venv.join("bin/python3"),
        &venv,
        &library,
    );
}

/// conda itself is not to be had here; this is how its environments are laid out.
#[test]
fn a_conda_environment() {
    let test = "a_conda_environment";
    let prefix = empty(test);
    need!(test, relocated(&prefix));
    fs::create_dir(prefix.join("conda-meta")).unwrap();
    let (python, library) = (prefix.join("bin/python3"), library_of(&prefix, 12));
    let mut active = host();
    active.env("CONDA_PREFIX", &prefix).arg("");
    assert_runs(&mut active, &python, &prefix, &library);
    let output = succeeds(host().env("CONDA_PREFIX", &prefix).args(["", "doctor"]));
    assert_says(&output, &["(CONDA_PREFIX): taken"]);
}

/// What `make altinstall` leaves: there is no python3.
#[test]
fn a_python_built_in_a_home_folder() {
    let test = "a_python_built_in_a_home_folder";
    let home = empty(test);
    let prefix = home.join("python-3.12");
    need!(test, relocated(&prefix));
    fs::remove_file(prefix.join("bin/python3")).unwrap();
    let (python, library) = (prefix.join("bin/python3.12"), library_of(&prefix, 12));
    assert_runs(host().arg(&prefix), &python, &prefix, &library);
    for path in [prefix.join("bin"), empty("no-path-2")] {
        let mut found = host();
        found.env("PATH", &path).env("HOME", &home).arg("");
        assert_runs(&mut found, &python, &prefix, &library);
    }
}

#[test]
fn debians_own_python() {
    let test = "debians_own_python";
    let library = Path::new("/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0");
    if !library.exists() {
        return crate::skip(test, &format!("{} is missing", library.display()));
    }
    let output = succeeds(host().arg("").args(SAY));
    let line = "  library      /usr/lib/x86_64-linux-gnu/libpython3.11.so";
    assert_says(&output, &["\nat /usr/bin/python3\n", "\nin /usr\n", line]);
}

/// pyenv's shims are scripts that run the python which the user or the folder has chosen.
#[test]
fn a_shim_of_pyenv() {
    let test = "a_shim_of_pyenv";
    let prefix = need!(test, pyenv(12));
    let (root, version) = (pyenv_root(), prefix.file_name().unwrap());
    let shims = root.join("shims");
    if !shims.join("python3").exists() {
        return crate::skip(test, &format!("{} has no python3", shims.display()));
    }
    let path = |more: &str| {
        let mut path = OsString::from(&shims);
        path.push(format!(":{}:/usr/bin:/bin", more));
        path
    };
    let mut chosen = host();
    chosen.env("PATH", path(text(&root.join("bin"))));
    chosen
        .env("PYENV_VERSION", version)
        .env("PYENV_ROOT", &root)
        .arg("");
    assert_runs(
        &mut chosen,
        &prefix.join("bin/python3"),
        &prefix,
        &library_of(&prefix, 12),
    );
    // One that is too old is passed over.
    let old = root.join("versions/3.7.16");
    if !old.exists() {
        return crate::skip(test, &format!("{} is missing", old.display()));
    }
    let mut other = host();
    other
        .env("PATH", path(text(&root.join("bin"))))
        .env("PYENV_ROOT", &root);
    let output = succeeds(other.env("PYENV_VERSION", "3.7.16").args(["", "doctor"]));
    let shim = shims.join("python3");
    let skipped = format!(
        "{} (python3 on PATH): skipped: Python 3.7.16 is too old",
        text(&shim)
    );
    let taken = "/usr/bin/python3 (python3 on PATH): taken";
    assert_says(&output, &[&skipped, taken]);
}

#[test]
fn the_projects_file_names_it() {
    let test = "the_projects_file_names_it";
    let base = need!(test, pyenv(12));
    let project = empty(test);
    let venv = project.join("envs/plots");
    let mut make = Command::new(base.join("bin/python3"));
    output_of(make.args(["-I", "-m", "venv", "--without-pip"]).arg(&venv));
    let file = project.join("pyproject.toml");
    fs::write(&file, "[tool.emb]\npython = \"envs/plots\"\n").unwrap();
    fs::create_dir(project.join("src")).unwrap();
    for folder in [&project, &project.join("src")] {
        let mut inside = host();
        inside.current_dir(folder).arg("");
        assert_runs(
            &mut inside,
            &venv.join("bin/python3"),
            &venv,
            &library_of(&base, 12),
        );
    }
    fs::write(&file, "[tool.emb]\npython = 3\n").unwrap();
    let output = fails(host().current_dir(&project).arg(""));
    let line = "refused: line 2: invalid type: integer `3`, expected a string";
    assert_says(
        &output,
        &[
            &format!("tool.emb in pyproject.toml, {}", text(&file)),
            line,
        ],
    );
    // Without the file, the project's .venv.
    fs::remove_file(&file).unwrap();
    symlink("envs/plots", project.join(".venv")).unwrap();
    let mut inside = host();
    inside.current_dir(project.join("src")).arg("");
    let venv = project.join(".venv");
    let output = succeeds(inside.args(SAY));
    assert_says(
        &output,
        &[&format!("at {}\n", text(&venv.join("bin/python3")))],
    );
    assert_says(&output, &["(the project's .venv): taken"]);
}

/// An environment whose base has become another version, as by an upgrade of the system.
#[test]
fn a_venv_whose_python_was_upgraded() {
    let test = "a_venv_whose_python_was_upgraded";
    let (old, new) = (need!(test, pyenv(12)), need!(test, pyenv(13)));
    let folder = empty(test);
    let (python, venv) = (folder.join("python3"), folder.join("venv"));
    symlink(old.join("bin/python3.12"), &python).unwrap();
    let mut make = Command::new(&python);
    output_of(make.args(["-I", "-m", "venv", "--without-pip"]).arg(&venv));
    // Packages of another version are not seen by the newer python; that it starts is no help.
    fs::remove_file(venv.join("bin/python3")).unwrap();
    symlink(&python, venv.join("bin/python3")).unwrap();
    fs::remove_file(&python).unwrap();
    symlink(new.join("bin/python3.13"), &python).unwrap();
    let output = succeeds(host().args([&venv, &new]));
    assert_says(
        &output,
        &[
            "its packages are for Python 3.12 (in lib/python3.12), but its python, ",
            ", is Python 3.13 now: make the environment anew (`",
            "] started",
        ],
    );
}

#[test]
fn packages_for_another_version_are_told() {
    let test = "packages_for_another_version_are_told";
    let (python, packages) = (need!(test, pyenv(12)), need!(test, packages()));
    let mut command = host();
    command.env("PYTHONPATH", &packages);
    let output = fails(command.args([text(&python), "doctor", "run:import numpy"]));
    let module = packages.join("numpy/_core");
    assert_says(
        &output,
        &[
            "Packages that were built for another Python, and have to be installed for this one:\n",
            &format!(", for 3.11, in {}\n", packages.display()),
            "No module named 'numpy._core._multiarray_umath' for this Python, which is 3.12: in ",
            &format!(
                "{} it was built for Python 3.11 (x86_64-linux-gnu). ",
                module.display()
            ),
            "Install the package for this Python (",
            "or have libemb start the Python that it is for (EMB_PYTHON)",
        ],
    );
    // Packages of PyPy, whose path is often that of its users for all Pythons.
    let of_pypy = root().join(".venv-pypy/lib/pypy3.9/site-packages");
    if of_pypy.join("numpy").exists() {
        let mut command = host();
        command.env("PYTHONPATH", &of_pypy);
        let output = fails(command.args([text(&python), "doctor", "run:import numpy"]));
        assert_says(
            &output,
            &[
                ", for PyPy 3.9, in ",
                "No module named 'numpy._core._multiarray_umath' for this Python",
                " it was built for PyPy 3.9. Install",
            ],
        );
    } else {
        crate::skip(test, &format!("{} has no numpy", of_pypy.display()));
    }
    // What only asks gets the answer it expects.
    let folder = empty("other-versions");
    fs::write(folder.join("m.cpython-311-x86_64-linux-gnu.so"), "").unwrap();
    let ask = "eval:str(__import__('importlib.util').util.find_spec('m'))";
    let mut asking = host();
    asking.env("PYTHONPATH", &folder);
    let output = fails(asking.args([text(&python), ask, "run:import m"]));
    assert_says(
        &output,
        &["\nNone\n", "No module named 'm' for this Python"],
    );
}

/// A python named by a script that sets it up first.
#[test]
fn a_wrapper_script() {
    let test = "a_wrapper_script";
    let prefix = need!(test, pyenv(12));
    let wrapper = empty(test).join("python3");
    let python = prefix.join("bin/python3");
    script(
        &wrapper,
        &format!("#!/bin/sh\necho noise\nexec {} \"$@\"\n", text(&python)),
    );
    assert_runs(
        host().arg(&wrapper),
        &python,
        &prefix,
        &library_of(&prefix, 12),
    );
}
